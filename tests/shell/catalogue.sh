#!/usr/bin/env bash
# The rules and what is written from them: the checklist and the search patterns are current, every item of the
# published guidance has its row, every rule can be explained.
set -u
cd "$(dirname "$0")/../.." || exit 2
helper=${DSTACK_AUDIT_HELPER:?}
references=skills/dstack-audit/references
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }

# ---- what `make rules` writes
"$helper" covers >"$work/covers"
fill() { awk -f helper/tools/checklist.awk "$work/covers" "$1"; }
fill $references/checklist.md | diff $references/checklist.md - >&2
check "checklist.md says what the rules say (else: make rules)" $?
"$helper" patterns | diff $references/search-patterns.md - >&2
check "search-patterns.md says what the rules say (else: make rules)" $?
sed 's/^\(| CX-10 | [^|]*\)|[^|]*|/\1|  |/' $references/checklist.md >"$work/blank"
[ "$(fill "$work/blank")" = "$(cat $references/checklist.md)" ] && ! cmp -s "$work/blank" $references/checklist.md
check "an emptied cell is filled again" $?

# ---- every id once, each decided or manual
ids() { # PREFIX LAST DIGITS
    local i=1
    while [ "$i" -le "$2" ]; do printf "%s%0$3d\n" "$1" "$i"; i=$((i + 1)); done
}
{ ids DS- 38 2; ids TU- 14 2; ids AG- 21 2; ids CX- 38 2; ids E 7 1; } | sort >"$work/published"
complaints() { # CHECKLIST COVERS: what is wrong with them, one a line
    sed -n 's/^| \([A-Z][A-Z]*-*[0-9][0-9]*\) | .*/\1/p' "$1" | sort >"$work/rows"
    diff "$work/published" "$work/rows"
    cut -f1 "$2" | grep '^[A-Z]' | sort | comm -13 "$work/published" -
    awk -F ' [|] ' '/^\| [A-Z]+-?[0-9]+ \|/ && $3 !~ /^`/ && $4 !~ /^manual: ./ { print $1 ": neither rule nor manual" }' "$1"
}
[ -z "$(complaints $references/checklist.md "$work/covers")" ]
check "every item stands once, decided by a rule or by hand" $?
complaints $references/checklist.md "$work/covers" >&2
broken() { # NAME: the mutilated checklist or covers must be seen
    [ -n "$(complaints "$work/list" "$work/mutilated")" ]
    check "$1 is noticed" $?
}
cp "$work/covers" "$work/mutilated"
grep -v '^| DS-17 ' $references/checklist.md >"$work/list"
broken "a missing item"
sed '/^| DS-17 /p' $references/checklist.md >"$work/list"
broken "an item that stands twice"
sed 's/^| DS-17 | \([^|]*\) | .*/| DS-17 | \1 |  |  |/' $references/checklist.md >"$work/list"
broken "an item without rule and without manual"
cp $references/checklist.md "$work/list"
printf 'CX-39\t`some-rule`\n' >>"$work/mutilated"
broken "a rule that covers an unknown item"

# ---- every rule in full
"$helper" rules --format json >"$work/rules.json"
check "rules --format json exits 0" $?
"$helper" rules --format text >"$work/rules"
cut -d' ' -f1 "$work/rules" >"$work/ids"
[ "$(wc -l <"$work/ids")" -gt 50 ] && [ "$(grep -c '"id":' "$work/rules.json")" -eq "$(wc -l <"$work/ids")" ]
check "the JSON holds every rule" $?
"$helper" rules --format markdown >"$work/rules.md"
check "rules --format markdown exits 0" $?
lacking='' unlisted=''
while IFS= read -r id; do
    "$helper" explain "$id" >"$work/explained" 2>&1 || lacking="$lacking $id"
    case $(grep "^$id " "$work/rules") in
    *" fact "*) headings="Patterns" ;;
    *" live "*) headings="Why Fix Command Bad Good References" ;;
    *) headings="Why Fix Bad Good References" ;;
    esac
    for heading in $headings; do
        grep -qx "$heading" "$work/explained" || lacking="$lacking $id:$heading"
    done
    case $headings in Patterns) ;; *) grep -qF "| \`$id\` |" "$work/rules.md" || unlisted="$unlisted $id" ;; esac
done <"$work/ids"
[ -z "$lacking" ]
check "explain shows reasoning, examples and source of every rule" $?
[ -z "$lacking" ] || echo "lacking:$lacking" >&2
[ -z "$unlisted" ]
check "the Markdown list holds every rule that judges" $?
[ -z "$unlisted" ] || echo "unlisted:$unlisted" >&2
"$helper" explain no-such-rule >"$work/out" 2>"$work/err"
[ $? = 2 ] && [ ! -s "$work/out" ] && [ -s "$work/err" ]
check "an unknown rule is an error" $?

# ---- what needs live data says so
"$helper" scan --format json tests/golden/app | tr -d '\t\n' >"$work/scan"
grep -q '"rule":"live-quote-signature","outcome":"not-run","examined":0,"reason":"not decidable offline: dcap-qvl verify ' "$work/scan"
check "what needs live data is not run, and names the command" $?
