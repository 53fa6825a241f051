#!/usr/bin/env bash
# tests/fixtures/rows.txt: every row of the rules of the operator surface has a fixture that shows it.
set -u
cd "$(dirname "$0")/../fixtures" || exit 2
bad=0 n=0
while IFS= read -r line; do
    case $line in '#'* | '') continue ;; esac
    row=${line%%|*} rest=${line#*|}
    fixture=${rest%%|*} text=${rest#*|}
    row=$(echo $row) fixture=$(echo $fixture) text=${text# }
    n=$((n + 1))
    expect=$fixture.expect
    if [ ! -d "$fixture" ] || [ ! -f "$expect" ]; then
        echo "not ok $row: no fixture $fixture"
        bad=1
        continue
    fi
    case $text in
    '!'*) grep -qF -- "${text#!}" "$expect" && { echo "not ok $row: $fixture shows ${text#!}"; bad=1; } ;;
    *) grep -qF -- "$text" "$expect" || { echo "not ok $row: $fixture does not show $text"; bad=1; } ;;
    esac
done <rows.txt
[ "$n" -gt 0 ] || bad=1
[ "$bad" -eq 0 ] && echo "ok $n rows have their fixtures"
