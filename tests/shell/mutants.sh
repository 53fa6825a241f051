#!/usr/bin/env bash
# Takes each rule away in turn: a fixture that expects it must notice. Fact rules judge nothing; their examples in
# the rule files are run by tests/unit/test_rules.c.
set -u
cd "$(dirname "$0")/../.." || exit 2
mutant=${DSTACK_AUDIT_MUTANT:?}
survivors='' rules=0
as_expected() { # RULE DIR
    local args
    args=$(cat "$2.args" 2>/dev/null)
    # shellcheck disable=SC2086 # options are words
    "$mutant" scan --format lines $args "$2" 2>/dev/null | grep -F " $1 " | cmp -s - "$2.expect"
}
notices() { # RULE: some bad fixture of the rule no longer gives what it should
    local dir
    for dir in tests/fixtures/"$1"/bad*/; do
        dir=${dir%/}
        [ ! -s "$dir.expect" ] || DSTACK_AUDIT_DISABLE=$1 as_expected "$1" "$dir" || return 0
    done
    return 1
}
while read -r id severity _; do
    case $severity in fact | live) continue ;; esac
    rules=$((rules + 1))
    notices "$id" || survivors="$survivors $id"
done <<EOF
$("$mutant" rules --format text)
EOF
if as_expected image-variable tests/fixtures/image-variable/bad; then echo "ok with all rules nothing is missed"; else echo "not ok with all rules nothing is missed"; fi
if [ "$rules" -gt 0 ]; then echo "ok $rules rules were taken away"; else echo "not ok no rule found"; fi
if [ -z "$survivors" ]; then echo "ok each was missed by a fixture"; else echo "not ok no fixture misses:$survivors"; fi
[ "$rules" -gt 0 ] && [ -z "$survivors" ]
