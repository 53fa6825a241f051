#!/usr/bin/env bash
# The helper is built on first use: beside the script, in the cache, by two runs at once, and not without a compiler.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
work=$(mktemp -d) || exit 2
work=$(cd "$work" && pwd -P)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
unset DSTACK_AUDIT_HELPER
export TMPDIR="$work/tmp" HOME="$work/home of a user" XDG_CACHE_HOME='' CFLAGS=-O0
mkdir "$TMPDIR" "$HOME"
status=0
check() {
    local name=$1
    shift
    if "$@" >"$work/check" 2>&1; then echo "ok $name"; else echo "not ok $name"; sed 's/^/    /' "$work/check" >&2; status=1; fi
}
run() { "$@" >"$work/out" 2>"$work/err"; code=$?; }
exits() { [ "$code" = "$1" ] || { echo "exit $code, not $1"; cat "$work/out" "$work/err"; return 1; }; }
err_has() { grep -qF -- "$1" "$work/err" || { echo "stderr lacks: $1"; cat "$work/err"; return 1; }; }
all() { local each; for each in "$@"; do eval "$each" || return 1; done; }

plugin="$work/plug in's"
mkdir -p "$plugin/helper"
(cd "$root" && tar cf - --exclude helper/build Makefile .claude-plugin skills helper/*.[ch] helper/*/*.[ch] helper/rules helper/tools) | tar xf - -C "$plugin"
script=$plugin/skills/dstack-audit/scripts/audit-checks.sh
app=$work/app
mkdir "$app"
printf 'services:\n  bot:\n    image: example/bot:latest\n' >"$app/docker-compose.yml"

# ---- no compiler: only what the script itself needs is on the path
tools=$work/tools
mkdir "$tools"
for tool in bash sh sed find head dirname readlink mkdir cat sort cksum tr id grep rm mktemp; do
    ln -s "$(command -v "$tool")" "$tools/$tool"
done
PATH=$tools run "$script" "$app"
check "without a compiler: how to set up, and nothing else" all 'exits 2' 'err_has "not built"' 'err_has C-compiler' 'err_has "make -C"' '[ ! -s "$work/out" ]'
printf '#!/bin/sh\nexit 1\n' >"$tools/apt-get"
chmod +x "$tools/apt-get"
PATH=$tools run "$script" "$app"
check "the exact command of the platform" all 'exits 2' 'err_has "apt-get install -y --no-install-recommends gcc"' 'err_has libyaml-dev'
mkdir "$tools/fake"
printf '#!/bin/sh\necho no such luck >&2\nexit 1\n' >"$tools/fake/cc"
chmod +x "$tools/fake/cc"
PATH=$tools/fake:$PATH CC=cc run "$script" "$app"
check "a compiler that fails is an error" all 'exits 2' 'err_has "no such luck"' '[ ! -s "$work/out" ]' '[ ! -e "$plugin/helper/build/lock" ]'

# ---- two at once on a fresh plugin
"$script" "$app" >"$work/out1" 2>"$work/err1" &
one=$!
"$script" "$app" >"$work/out2" 2>"$work/err2" &
two=$!
wait "$one"; code=$?
check "first of two at once" exits 0
wait "$two"; code=$?
check "second of two at once" exits 0
check "both say the same" cmp "$work/out1" "$work/out2"
check "one of them built" test "$(cat "$work/err1" "$work/err2" | grep -c 'building the helper')" = 1
check "nothing but the helper stays" all 'ls -A "$plugin/helper/build"' '[ "$(ls -A "$plugin/helper/build")" = dstack-audit ]'
check "no temporary folder stays" test -z "$(ls -A "$TMPDIR")"
run "$script" "$app"
check "the second use is quiet" all 'exits 0' '[ ! -s "$work/err" ]'

# ---- a plugin folder that cannot be written: a file stands where the folder should be, which stops root too
rm -rf "$plugin/helper/build"
printf 'x' >"$plugin/helper/build"
run "$script" "$app"
check "built in the cache" all 'exits 0' 'err_has "$HOME/.cache/dstack-audit/"'
run "$script" "$app"
check "found in the cache" all 'exits 0' '[ ! -s "$work/err" ]'
HOME='' run "$script" "$app"
check "without a cache built in a temporary folder of the user's own" all 'exits 0' 'err_has "$TMPDIR/dstack-audit-$(id -u)/"'
rm -rf "$TMPDIR/dstack-audit-$(id -u)"
mkdir "$work/elsewhere"
ln -s "$work/elsewhere" "$TMPDIR/dstack-audit-$(id -u)"
HOME='' run "$script" "$app"
check "a link in its place is not trusted" all 'exits 2' 'err_has "no place for the helper"'
HOME=$work/missing/home TMPDIR=$work/missing run "$script" "$app"
check "a home that can be made is made" all 'exits 0' 'err_has "$work/missing/home/.cache"'
exit "$status"
