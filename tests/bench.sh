#!/usr/bin/env bash
# How long an audit takes against what any reader of the same files must pay.
#   make bench [BENCH_CORPUS="DIR DIR"] [BENCH_RUNS=5]
# Ratios, not seconds, are what to compare between machines. Without BENCH_CORPUS three trees are made from this
# repository's own files: small, medium, large.
set -eu
cd "$(dirname "$0")/.."
helper=${HELPER:-helper/build/dstack-audit} bench=${BENCH:-helper/build/bench} runs=${BENCH_RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
copies() { # NAME N: N copies of what tests and sources hold
    local i=0
    mkdir "$work/$1"
    while [ "$i" -lt "$2" ]; do
        mkdir "$work/$1/$i"
        cp -R tests/fixtures tests/golden tests/unit helper/fact helper/check helper/doc "$work/$1/$i/"
        i=$((i + 1))
    done
}
corpora=${BENCH_CORPUS:-}
if [ -z "$corpora" ]; then
    mkdir "$work/small"
    cp -R tests/golden/app "$work/small/"
    copies medium 1
    copies large 20
    corpora="$work/small $work/medium $work/large"
fi
for corpus in $corpora; do
    echo "$(basename "$corpus"): $("$bench" floor "$corpus"); $("$bench" rules "$corpus")"
    set -- read-floor "$bench" floor "$corpus" -- plain-rule-scan "$bench" rules "$corpus" \
        -- audit "$helper" scan --format json "$corpus"
    if command -v rg >/dev/null 2>&1; then
        set -- "$@" -- "ripgrep-one-rare-word" rg -uu -j1 -c dstack-audit-never-found "$corpus"
    fi
    "$bench" compare "$runs" "$@"
done
