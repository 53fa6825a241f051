#!/usr/bin/env bash
# Finds the audit helper, builds it on first use, and runs it on a folder, a file or a URL.
# It holds no checks of its own and never goes on without the helper. Works with bash 3.2.
set -u
unset CDPATH
exec </dev/null # nothing here reads the caller's input; it may be closed

usage() {
    cat <<'TEXT'
usage: audit-checks.sh [PATH|URL] [options]
       audit-checks.sh COMMAND ...              another command of the helper, e.g. explain RULE

PATH defaults to the current folder. A URL (https://…, ssh://…, git@host:path) is fetched without its
history into a temporary folder and removed afterwards; nothing of it is run.

  --ref NAME             with a URL: the branch, tag or commit to audit
  --keep                 with a URL and --output-dir: what was fetched stays there, for reading
  --allow-file-protocol  with a URL: allow file:// (for tests)
  --help, --version

All other options go to the helper (listed below where it is built already).
exit: 0 done, 1 --fail-on reached, 2 usage or environment, 3 nothing to audit, 4 incomplete with --strict

environment: XDG_CACHE_HOME or HOME: where the helper is kept when the plugin's folder cannot be written,
             else TMPDIR;
             DSTACK_AUDIT_HELPER: run this program instead (for tests)
TEXT
}

complain() { printf 'audit-checks.sh: %s\n' "$1" >&2; }
fail() { complain "$1"; exit 2; }

# ---- where the plugin is -------------------------------------------------------------------------
self=${BASH_SOURCE[0]}
while [ -L "$self" ]; do
    link=$(readlink "$self") || fail "cannot read the link $self"
    case $link in
    /*) self=$link ;;
    *) self=$(dirname "$self")/$link ;;
    esac
done
root=$(cd -P -- "$(dirname "$self")/../../.." 2>/dev/null && pwd -P) || fail "cannot find the plugin's folder"
version=$(sed -n 's/^#define VERSION "\(.*\)"/\1/p' "$root/helper/base/version.h" 2>/dev/null)
[ -n "$version" ] || fail "the plugin's folder is incomplete: $root/helper/base/version.h"

# ---- the helper ------------------------------------------------------------------------------------
sources() { find "$root/helper" "$root/Makefile" \( -name '*.[ch]' -o -name '*.yaml' -o -name Makefile \) -type f ! -path "$root/helper/build*" "$@"; }

# Present, and no source is newer than it.
is_current() { [ -x "$1" ] && [ -z "$(sources -newer "$1" | head -n 1)" ]; }

# Sets `home`, the folder that holds or will hold the helper.
choose_home() {
    home=$root/helper/build
    if is_current "$home/dstack-audit"; then return; fi
    if mkdir -p "$home" 2>/dev/null && [ -w "$home" ]; then return; fi
    # Two checkouts may carry the same version: the sources' checksum tells them apart.
    local name place cache=${XDG_CACHE_HOME:-}
    name=$version-$(sources | LC_ALL=C sort | while IFS= read -r file; do cat "$file"; done | cksum | tr ' ' -)
    [ -n "$cache" ] || [ -z "${HOME:-}" ] || cache=$HOME/.cache
    # A sandbox leaves the temporary folder alone, where others may write: what we run must lie in a folder of ours.
    for place in ${cache:+"$cache/dstack-audit"} "${TMPDIR:-/tmp}/dstack-audit-$(id -u)"; do
        home=$place/$name
        if (umask 077 && mkdir -p "$home") 2>/dev/null && [ -O "$place" ] && [ ! -L "$place" ] && [ -w "$home" ]; then return; fi
    done
    fail "no place for the helper can be written: $root/helper/build, ${cache:+$cache/dstack-audit, }$place"
}

# The plugin's zip carries a static helper for some platforms. Sets `helper` to the one that fits; a file
# that is not what its checksum says is never run.
use_prebuilt() {
    local name
    case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-amd64) name=linux-x86_64/dstack-audit ;;
    Linux-aarch64 | Linux-arm64) name=linux-aarch64/dstack-audit ;;
    *) return 1 ;;
    esac
    helper=$root/helper/prebuilt/$name
    [ -x "$helper" ] || chmod +x "$helper" 2>/dev/null || return 1 # some programs that unpack forget the mode
    (cd "$root/helper/prebuilt" && grep -F " $name" SHA256SUMS | { sha256sum -c - || shasum -a 256 -c -; }) >/dev/null 2>&1 ||
        fail "$helper is not what SHA256SUMS beside it says; install the plugin again"
}

say_how_to_set_up() {
    complain "the helper is not built, and this machine lacks: $1"
    printf 'Set up once with:\n    %s\n' "$(sh "$root/helper/tools/bootstrap.sh" --print build)" >&2
    printf 'or let make do it (as root or through sudo):\n    make -C %s deps\n' "$(printf '%q' "$root")" >&2
    exit 2
}

# Another run may be building: its result will do. Whoever holds the lock and is gone does not count.
await_other_build() {
    local waited=0 owner
    until mkdir "$home/lock" 2>/dev/null; do
        owner=$(cat "$home/lock/pid" 2>/dev/null)
        if [ "$waited" -ge 600 ] || { [ "$waited" -ge 10 ] && ! kill -0 "${owner:-0x}" 2>/dev/null; }; then
            rm -rf "$home/lock"
        fi
        sleep 0.5
        waited=$((waited + 1))
    done
    locked=$home/lock
    echo $$ >"$locked/pid"
}

make_helper() {
    cd "$root" && unset MAKEFLAGS MAKELEVEL MFLAGS && export TMPDIR="$temporary" && # of the compiler, when it is ended
        exec make -s -j"$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)" helper BUILD="$temporary/home/new.$$"
}

# Built in a folder of its own and moved into place in one step: two builds at once do no harm.
build_helper() {
    local missing
    missing=$(sh "$root/helper/tools/bootstrap.sh" --missing build) || say_how_to_set_up "$missing"
    await_other_build
    if is_current "$home/dstack-audit"; then unlock; return; fi
    complain "building the helper once, in $home (about half a minute)"
    # make cannot handle blanks in paths, a link in the temporary folder has none
    make_temporary
    ln -s "$home" "$temporary/home"
    if run make_helper >"$temporary/log" 2>&1 && mv -f "$home/new.$$/dstack-audit" "$home/dstack-audit"; then
        unlock
        return
    fi
    tail -n 20 "$temporary/log" >&2
    fail "the helper could not be built (messages above)"
}

# ---- cleaning up -----------------------------------------------------------------------------------
temporary='' child='' locked=''
make_temporary() {
    [ -z "$temporary" ] || return 0
    temporary=$(mktemp -d "${TMPDIR:-/tmp}/dstack-audit.XXXXXX") || fail "no temporary folder can be made"
}
unlock() {
    [ -z "$locked" ] || rm -rf "$home/new.$$" "$locked"
    locked=''
}
clean_up() {
    if [ -n "$child" ] && kill "$child" 2>/dev/null; then wait "$child" 2>/dev/null; fi
    unlock
    [ -z "$temporary" ] || rm -rf "$temporary"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Runs a program so that a signal to this script ends both at once.
run() {
    "$@" &
    child=$!
    wait "$child"
    local status=$?
    child=
    return "$status"
}

# ---- URL targets -----------------------------------------------------------------------------------
url='' ref='' file_allowed=0 protocol=''

is_url() { case $1 in -* | *[[:space:]]*://*) return 1 ;; *://* | *::*) ;; *@*:*) ;; *) return 1 ;; esac; [ ! -e "$1" ]; }

# Only what cannot be taken for an option or a transport helper, here or by ssh.
check_url() {
    local word='[A-Za-z0-9][A-Za-z0-9._-]*' user='[A-Za-z0-9_][A-Za-z0-9._-]*' https ssh scp
    https="^https://([^/@]+@)?$word(:[0-9]+)?(/|\$)" ssh="^ssh://($user@)?$word(:[0-9]+)?/" scp="^$user@$word:[^-]"
    case $1 in
    *[[:cntrl:][:space:]]*) fail "a URL with blanks or control characters is not accepted" ;;
    esac
    if [[ $1 =~ $https ]]; then
        protocol=https
    elif [[ $1 =~ $ssh || $1 =~ $scp ]]; then
        protocol=ssh
    elif [ "$file_allowed" = 1 ] && [ "${1#file:///}" != "$1" ]; then
        protocol='file'
    else
        fail "only https://, ssh:// and git@host:path URLs can be audited: $(printf '%q' "$1")"
    fi
}

# Nothing the other side sends is run: no hooks, filters, submodules, large-file downloads or prompts,
# and no configuration but what stands here.
quiet_git() {
    unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES \
        GIT_NAMESPACE GIT_TEMPLATE_DIR GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS GIT_EXTERNAL_DIFF
    export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=true SSH_ASKPASS=true
    export GIT_ALLOW_PROTOCOL="$protocol" GIT_LFS_SKIP_SMUDGE=1 GIT_ATTR_NOSYSTEM=1
    export HOME="$temporary" XDG_CONFIG_HOME="$temporary" # where git before 2.32 looks all the same
    export GIT_SSH_COMMAND="ssh -oBatchMode=yes -oConnectTimeout=30"
    exec git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.symlinks=false -c core.askPass= \
        -c protocol.allow=never -c "protocol.$protocol.allow=always" -c submodule.recurse=false \
        -c transfer.fsckObjects=true -c safe.bareRepository=explicit -c gc.auto=0 -c maintenance.auto=false \
        -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=60 -c advice.detachedHead=false "$@"
}

fetch() {
    command -v git >/dev/null 2>&1 || fail "git is needed to fetch a URL"
    case $ref in
    *..* | *[!A-Za-z0-9._/@+-]* | [!A-Za-z0-9]*) fail "not a branch, tag or commit: $(printf '%q' "$ref")" ;;
    esac
    make_temporary
    local tree=$temporary/tree
    # A fetch by name takes branches, tags and whole commit ids alike; `clone --branch` takes no commits.
    if ! { run quiet_git init -q --template= -- "$tree" &&
        run quiet_git -C "$tree" fetch -q --depth 1 --no-tags --no-recurse-submodules -- "$url" "${ref:-HEAD}" &&
        run quiet_git -C "$tree" checkout -q --detach FETCH_HEAD; }; then
        fail "cannot fetch $(shown_url)${ref:+ at $ref}"
    fi
    target=$tree
}

# In a folder of its own, without git's: the tree is for reading.
keep_tree() {
    local kept
    kept=$(mktemp -d "$output/source.XXXXXX") && rm -rf "$target/.git" && mv "$target" "$kept/tree" ||
        fail "what was fetched cannot be kept in $output"
    complain "what was fetched is kept for reading: $kept/tree"
}

# Without user name and password.
shown_url() { printf '%s\n' "$url" | sed 's#^\(https://\)[^/@]*@#\1#'; }

# ---- the command line --------------------------------------------------------------------------------
command=scan print='' before='' home='' keep=0 output=''
args=()

# Its value stands apart, as the next word, which is then no target.
takes_value() {
    case $1 in
    -- | --strict | --quiet | --leads | --drop-accepted | --draft | --keep | --allow-file-protocol | *=*) return 1 ;;
    --*) return 0 ;;
    *) return 1 ;;
    esac
}

case ${1:-} in
scan | facts | surface | files | rules | explain | show | merge | patterns | covers)
    command=$1
    shift
    ;;
esac
while [ $# -gt 0 ]; do
    case $1 in
    --help | -h) print=help ;;
    --version) print=version ;;
    --allow-file-protocol) file_allowed=1 ;;
    --keep) keep=1 ;;
    --ref)
        [ -n "${2:-}" ] || fail "--ref needs a branch, tag or commit"
        ref=$2
        shift
        ;;
    --ref=?*) ref=${1#--ref=} ;;
    --ref=) fail "--ref needs a branch, tag or commit" ;;
    *)
        [ "$before" != --output-dir ] || output=$1
        [ "${1#--output-dir=}" = "$1" ] || output=${1#*=}
        if ! takes_value "$before" && is_url "$1"; then
            [ -z "$url" ] || fail "one URL at a time"
            url=$1
        else
            args+=("$1")
        fi
        ;;
    esac
    before=$1
    shift
done
if [ "$print" = version ]; then echo "dstack-audit $version"; exit 0; fi

if [ -n "${DSTACK_AUDIT_HELPER:-}" ]; then
    helper=$DSTACK_AUDIT_HELPER
    [ -x "$helper" ] || fail "DSTACK_AUDIT_HELPER is no program: $helper"
elif ! use_prebuilt; then
    choose_home
    helper=$home/dstack-audit
fi
if [ "$print" = help ]; then
    usage
    if [ -x "$helper" ]; then echo; "$helper" --help; fi
    exit 0
fi
[ -z "$ref" ] || [ -n "$url" ] || fail "--ref goes with a URL; check the commit out to audit a folder"
[ -z "$url" ] || check_url "$url"
[ -z "$home" ] || is_current "$helper" || build_helper

if [ -z "$url" ]; then
    clean_up # exec leaves no trap behind
    exec "$helper" "$command" ${args[@]+"${args[@]}"}
fi
[ "$keep" = 0 ] || [ -n "$output" ] || fail "--keep goes with --output-dir"
fetch
run "$helper" "$command" --target-name "$(shown_url)" ${args[@]+"${args[@]}"} "$target"
status=$?
case $keep:$status in 1:[014]) keep_tree ;; esac
exit "$status"
