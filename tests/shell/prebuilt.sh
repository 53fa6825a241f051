#!/usr/bin/env bash
# The static helper of the plugin's zip: taken when it fits, refused when it was changed.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
unset DSTACK_AUDIT_HELPER
ok() { echo "ok $1"; }
not_ok() { echo "not ok $1"; }

plugin=$work/plugin
mkdir -p "$plugin/skills/dstack-audit/scripts" "$plugin/helper/base" "$plugin/helper/prebuilt/linux-x86_64" "$work/bin"
cp "$root/skills/dstack-audit/scripts/audit-checks.sh" "$plugin/skills/dstack-audit/scripts/"
cp "$root/helper/base/version.h" "$plugin/helper/base/"
prebuilt=$plugin/helper/prebuilt/linux-x86_64/dstack-audit
printf '#!/bin/sh\necho "prebuilt ran: $*"\n' >"$prebuilt"
chmod +x "$prebuilt"
(cd "$plugin/helper/prebuilt" && { sha256sum linux-x86_64/dstack-audit || shasum -a 256 linux-x86_64/dstack-audit; } 2>/dev/null >SHA256SUMS)
# The platform is what uname says.
printf '#!/bin/sh\ncase $1 in -s) echo Linux ;; -m) echo "${FAKE_MACHINE:-x86_64}" ;; esac\n' >"$work/bin/uname"
chmod +x "$work/bin/uname"
run() { PATH="$work/bin:$PATH" "$plugin/skills/dstack-audit/scripts/audit-checks.sh" "$work" 2>&1; }

case $(run) in "prebuilt ran: scan $work") ok "takes the static helper that fits" ;; *) not_ok "takes the static helper that fits" ;; esac
[ ! -e "$plugin/helper/build" ] && ok "builds nothing then" || not_ok "builds nothing then"

chmod -x "$prebuilt"
case $(run) in "prebuilt ran: scan $work") ok "mends a mode that was lost in unpacking" ;; *) not_ok "mends a mode that was lost in unpacking" ;; esac
chmod +x "$prebuilt"
case $(FAKE_MACHINE=riscv64 run) in *"prebuilt ran"*) not_ok "leaves a helper for another platform alone" ;; *) ok "leaves a helper for another platform alone" ;; esac

echo '# changed' >>"$prebuilt"
out=$(run)
status=$?
case $status:$out in 2:*"is not what SHA256SUMS"*) ok "refuses a changed helper" ;; *) not_ok "refuses a changed helper" ;; esac

: >"$plugin/helper/prebuilt/SHA256SUMS"
out=$(run)
status=$?
case $status:$out in 2:*"is not what SHA256SUMS"*) ok "refuses a helper without a checksum" ;; *) not_ok "refuses a helper without a checksum" ;; esac
