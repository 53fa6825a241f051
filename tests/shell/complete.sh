#!/usr/bin/env bash
# Every rule that judges has what a reader relies on: a severity, and in each run one outcome that says how much was
# looked at. On its own good fixture that is a pass with subjects, or an open question; on an empty tree never a pass.
set -u
cd "$(dirname "$0")/../.." || exit 2
helper=${DSTACK_AUDIT_HELPER:?}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }

"$helper" rules --format text >"$work/rules"
outcomes() { # TREE: "rule outcome examined" for each check of its scan
    # shellcheck disable=SC2046 # options are words
    "$helper" scan --format json $(cat "$1.args" 2>/dev/null) "$1" 2>/dev/null | tr -d '\t\n' | sed 's/.*"checks":\[//' |
        tr '{' '\n' | sed -n 's/^"rule":"\([^"]*\)","outcome":"\([^"]*\)","examined":\([0-9]*\).*/\1 \2 \3/p'
}
missing() { # OUTCOMES RULES: judging rules without an outcome, or with two
    awk '$2 != "fact" { print $1 }' "$2" | sort >"$work/judging"
    cut -d' ' -f1 "$1" | sort | comm -3 "$work/judging" -
}
mkdir "$work/empty" && echo "nothing" >"$work/empty/notes.txt"
outcomes "$work/empty" >"$work/empty.outcomes"
outcomes tests/golden/app >"$work/app.outcomes"
[ "$(wc -l <"$work/empty.outcomes")" -gt 200 ] && [ -z "$(missing "$work/empty.outcomes" "$work/rules")" ] && [ -z "$(missing "$work/app.outcomes" "$work/rules")" ]
check "every rule that judges has one outcome, on an empty tree too" $?
sed '/^image-variable /d' "$work/app.outcomes" >"$work/less"
[ -n "$(missing "$work/less" "$work/rules")" ]
check "a rule without outcome is noticed" $?
sed '/^image-variable /p' "$work/app.outcomes" >"$work/twice"
[ -n "$(missing "$work/twice" "$work/rules")" ]
check "a rule with two outcomes is noticed" $?
[ -z "$(awk '$2 == "pass" && $3 == 0' "$work/empty.outcomes" "$work/app.outcomes")" ]
check "nothing passes without a subject" $?
[ -z "$(awk '$2 !~ /^(critical|high|medium|low|info|fact|live)$/' "$work/rules")" ]
check "every rule has a severity" $?

# The good fixtures are looked at: a rule that passes them because it never saw them proves nothing.
unseen() { # IDS: those whose good fixtures show no subject
    while read -r id; do
        seen=
        for dir in tests/fixtures/"$id"/good*/; do
            outcomes "${dir%/}" | grep -qE "^$id (pass|unsure|fail) [1-9]" && seen=1 && break
        done
        [ -n "$seen" ] || printf ' %s' "$id"
    done
}
awk '$2 != "fact" && $2 != "live" { print $1 }' "$work/rules" | unseen >"$work/unseen"
[ ! -s "$work/unseen" ]
check "every rule looks at something in its good fixture" $?
[ ! -s "$work/unseen" ] || echo "unseen:$(cat "$work/unseen")" >&2
[ -n "$(echo no-such-rule | unseen)" ]
check "a rule whose fixture shows it nothing is noticed" $?
