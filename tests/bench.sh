#!/usr/bin/env bash
# How long an audit takes against what any reader of the same files must pay.
#   make bench [BENCH_CORPUS="DIR DIR"] [BENCH_RUNS=11]
# Ratios, not seconds, are what to compare between machines. Without BENCH_CORPUS trees are made: a small app, many
# apps in one tree (every fixture is one), and one app with 8 MB of code as it is usually written (large_app.awk).
# What the analysis costs is what an audit costs beyond the plain rule scan: at most twice the scan on a large repository.
set -eu -o pipefail
cd "$(dirname "$0")/.."
helper=${HELPER:-helper/build/dstack-audit} bench=${BENCH:-helper/build/bench} runs=${BENCH_RUNS:-11}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
large_app() { # DIR: one app with a lot of code
    cp -R tests/golden/app "$1"
    mkdir "$1/src/large"
    awk -v folder="$1/src/large" -v files=500 -f tests/bench/large_app.awk
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
    "$bench" compare "$runs" "$@" | awk '{ print; cpu[$1] = $5 }
        END { scan = cpu["plain-rule-scan"]; if (scan > 0) printf "  analysis alone: %.1f times the plain rule scan (cpu)\n", (cpu["audit"] - scan) / scan }'
done
