#!/usr/bin/env bash
# How long an audit takes against what any reader of the same files must pay.
#   make bench [BENCH_CORPUS="DIR DIR"] [BENCH_RUNS=5]
# Ratios, not seconds, are what to compare between machines. Without BENCH_CORPUS trees are made from this
# repository's own files: a small app, many apps in one tree (every fixture is one), and one large app, whose code
# is that of all fixtures many times.
set -eu
cd "$(dirname "$0")/.."
helper=${HELPER:-helper/build/dstack-audit} bench=${BENCH:-helper/build/bench} runs=${BENCH_RUNS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
large_app() { # DIR: one app with a lot of code
    local i=0
    cp -R tests/golden/app "$1"
    while [ "$i" -lt 40 ]; do
        mkdir -p "$1/src/part$i"
        find tests/fixtures -type f \( -name '*.py' -o -name '*.ts' -o -name '*.js' -o -name '*.rs' -o -name '*.go' \) |
            while IFS= read -r file; do
                cp "$file" "$1/src/part$i/$(printf '%s' "$file" | cut -d/ -f3- | tr / _)"
            done
        i=$((i + 1))
    done
}
corpora=${BENCH_CORPUS:-}
if [ -z "$corpora" ]; then
    mkdir "$work/small"
    cp -R tests/golden/app "$work/small/"
    mkdir "$work/many-apps"
    cp -R tests/fixtures tests/golden "$work/many-apps/"
    large_app "$work/large-app"
    corpora="$work/small $work/many-apps $work/large-app"
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
