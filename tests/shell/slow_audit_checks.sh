#!/usr/bin/env bash
# audit-checks.sh from every place, with every kind of argument. No network.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
script=$root/skills/dstack-audit/scripts/audit-checks.sh
built=${DSTACK_AUDIT_HELPER:?set by tests/run.sh}
work=$(mktemp -d) || exit 2
work=$(cd "$work" && pwd -P)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work/tmp"
mkdir "$TMPDIR"
status=0
check() { # NAME COMMAND...: the command must succeed
    local name=$1
    shift
    if "$@" >"$work/check" 2>&1; then echo "ok $name"; else echo "not ok $name"; sed 's/^/    /' "$work/check" >&2; status=1; fi
}
run() { "$@" >"$work/out" 2>"$work/err"; code=$?; }
exits() { [ "$code" = "$1" ] || { echo "exit $code, not $1"; cat "$work/out" "$work/err"; return 1; }; }
out_has() { grep -qF -- "$1" "$work/out" || { echo "stdout lacks: $1"; head -c 2000 "$work/out"; return 1; }; }
err_has() { grep -qF -- "$1" "$work/err" || { echo "stderr lacks: $1"; cat "$work/err"; return 1; }; }
err_empty() { [ ! -s "$work/err" ] || { cat "$work/err"; return 1; }; }
all() { local each; for each in "$@"; do eval "$each" || return 1; done; }
nothing_left() { [ -z "$(ls -A "$TMPDIR")" ] || { ls -A "$TMPDIR"; return 1; }; }
no() { ! "$@"; }

app() { # FOLDER
    mkdir -p "$1"
    printf 'services:\n  bot:\n    image: example/bot:latest\n' >"$1/docker-compose.yml"
    printf 'print(1)\n' >"$1/bot.py"
}
app "$work/app"
odd="$work/it's \"a\" \$(touch pwned) folder"
app "$odd"

# ---- arguments
run "$script" "$work/app"
check "a folder gives JSON" all 'exits 0' 'out_has "\"format\""' 'out_has docker-compose.yml' err_empty
run "$script" --format lines "$work/app"
check "options may come first" all 'exits 0' 'no out_has "\"format\""'
run "$script" "$odd"
check "quotes, blanks and dollars in a path" all 'exits 0' 'out_has docker-compose.yml'
(cd "$odd" && "$script" >"$work/out" 2>"$work/err"); code=$?
check "the current folder is the default" all 'exits 0' 'out_has docker-compose.yml'
(cd "$work" && mkdir -p empty && "$script" ./empty >"$work/out" 2>"$work/err"); code=$?
check "an empty folder is nothing to audit" exits 3
run "$script" "$work/missing"
check "a missing folder is an error" all 'exits 2' 'err_has missing'
run "$script" --no-such-option "$work/app"
check "an unknown option is an error" exits 2
run "$script" --help
check "--help" all 'exits 0' 'out_has "usage: audit-checks.sh"' 'out_has --fail-on' err_empty
run "$script" --version
check "--version is the helper's" test "$(cat "$work/out")" = "$("$built" --version)"
run "$script" --ref main "$work/app"
check "--ref needs a URL" exits 2
"$script" "$work/app" <&- >"$work/out" 2>"$work/err"; code=$?
check "standard input closed" all 'exits 0' err_empty
yes | "$script" "$work/app" >"$work/out" 2>"$work/err"; code=$?
check "standard input a pipe" all 'exits 0' err_empty
mkdir -p "$work/links"
ln -s "$script" "$work/links/one"
ln -s links/one "$work/two"
(cd "$work" && ./two app >"$work/out" 2>"$work/err"); code=$?
check "started through links" all 'exits 0' 'out_has docker-compose.yml'
ln -s "$work/app" "$work/app-link"
run "$script" "$work/app-link"
check "the target may be a link" all 'exits 0' 'out_has docker-compose.yml'

# ---- hostile URL strings: nothing is run, nothing is fetched, nothing stays
mkdir "$work/bin"
printf '#!/bin/sh\ntouch "%s/pwned"\n' "$work" >"$work/bin/uprog"
chmod +x "$work/bin/uprog"
export PATH="$work/bin:$PATH"
for url in "--upload-pack=uprog" "-uuprog" "ext::sh -c uprog" "ext::uprog" "fd::17" "http://example.invalid/x" \
    "https://-oProxyCommand=uprog/x" "ssh://-oProxyCommand=uprog/x" "git@-oProxyCommand=uprog:x" "-oProxyCommand=uprog@host:x" \
    "git://example.invalid/x" "file://$work/app" "https://example.invalid/a b" "https:///x" "ssh://host" \
    "$(printf 'https://example.invalid/a\nb')" "git@host:-uprog"; do
    run "$script" "$url"
    check "refused: $(printf '%q' "$url")" all 'exits 2' 'test ! -e "$work/pwned"' nothing_left '[ -s "$work/err" ]'
done
run "$script" --ref=--upload-pack=uprog --allow-file-protocol "file://$work/app"
check "a reference is no option" all 'exits 2' 'err_has "not a branch"' nothing_left

# ---- fetching, through the flag for tests
if command -v git >/dev/null 2>&1; then
    git_here() { git -C "$work/origin" -c user.name=t -c user.email=t@example.invalid "$@"; }
    git init -q "$work/origin"
    app "$work/origin"
    printf '*.py filter=evil\n' >"$work/origin/.gitattributes"
    ln -s /etc/passwd "$work/origin/out.txt"
    git_here add -A && git_here commit -qm one
    first=$(git_here rev-parse HEAD)
    git_here branch old
    printf 'print(2)\n' >"$work/origin/later.py"
    git_here add -A && git_here commit -qm two
    # shellcheck disable=SC2034 # used by the checks, which are evaluated late
    second=$(git_here rev-parse HEAD)
    printf '#!/bin/sh\ntouch "%s/pwned"\n' "$work" >"$work/origin/.git/hooks/post-checkout"
    chmod +x "$work/origin/.git/hooks/post-checkout"
    git config -f "$work/gitconfig" filter.evil.smudge uprog
    git config -f "$work/gitconfig" core.fsmonitor uprog
    export GIT_CONFIG_GLOBAL="$work/gitconfig" GIT_DIR="$work/nowhere"
    git_here config uploadpack.allowAnySHA1InWant true 2>/dev/null || git config -f "$work/origin/.git/config" uploadpack.allowAnySHA1InWant true
    run "$script" --allow-file-protocol "file://$work/origin"
    check "a URL is fetched and named" all 'exits 0' 'out_has "$second"' 'out_has "\"file://$work/origin\""' 'out_has "\"name\":"' nothing_left 'test ! -e "$work/pwned"'
    check "nothing of the temporary folder shows" no out_has "$TMPDIR"
    run "$script" "file://$work/origin" --allow-file-protocol --ref old
    check "--ref takes a branch" all 'exits 0' 'out_has "$first"' nothing_left
    run "$script" "file://$work/origin" --allow-file-protocol --ref "$first"
    check "--ref takes a commit" all 'exits 0' 'out_has "$first"' nothing_left
    run "$script" "file://$work/origin" --allow-file-protocol --ref missing
    check "a missing reference is an error" all 'exits 2' 'err_has "cannot fetch"' nothing_left
    run "$script" --allow-file-protocol --strict "file://$work/origin" --output-dir "$work/a@b:c" --keep
    check "--keep leaves what was fetched, without git's folder" all 'exits 0' 'cmp "$work/a@b:c"/source.*/tree/later.py "$work/origin/later.py"' \
        'test ! -e "$work/a@b:c"/source.*/tree/.git' 'test ! -L "$work/a@b:c"/source.*/tree/out.txt' 'err_has "$work/a@b:c/source."' nothing_left
    run "$script" --allow-file-protocol "file://$work/origin" --keep
    check "--keep needs a place" all 'exits 2' 'err_has "--output-dir"' nothing_left
    run "$script" --keep --format lines "$work/app"
    check "--keep means nothing for a folder" all 'exits 0' err_empty
    run "$script" files "file://$work/origin" --allow-file-protocol
    check "links of a fetched tree are not made" no out_has "root:"
    unset GIT_CONFIG_GLOBAL GIT_DIR

    # ended from outside while the helper runs
    printf '#!/bin/sh\ntouch "%s/started"\nexec sleep 30\n' "$work" >"$work/bin/slow"
    chmod +x "$work/bin/slow"
    for signal in TERM INT HUP; do
        rm -f "$work/started"
        # the background of a script ignores SIGINT, and nohup SIGHUP: no shell can take that back
        DSTACK_AUDIT_HELPER=$work/bin/slow perl -e '$SIG{$_} = "DEFAULT" for qw(INT HUP TERM); exec @ARGV' "$script" --allow-file-protocol "file://$work/origin" >/dev/null 2>&1 &
        pid=$!
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -e "$work/started" ] && break; sleep 0.25; done
        kill -s "$signal" "$pid"
        wait "$pid"
        code=$?
        check "ended by SIG$signal, nothing stays" all "exits $((128 + $(kill -l "$signal")))" nothing_left
    done
else
    echo "skip fetching: git is not installed"
fi
exit "$status"
