#!/usr/bin/env bash
# All tests; prints "N passed, N failed" last.
#   tests/run.sh [--quick] [--accept] [FILTER]
# --quick leaves out the tests under tests/shell named slow_*; --accept rewrites expected outputs
# for review; FILTER keeps tests whose name contains it.
set -u
cd "$(dirname "$0")/.." || exit 2
quick=0 accept=0 filter=
for arg in "$@"; do
    case $arg in
    --quick) quick=1 ;;
    --accept) accept=1 ;;
    *) filter=$arg ;;
    esac
done
build=${TEST_BUILD:-helper/build/asan}
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g"
goal="units mutant"
case $filter in # build what the filter needs
fixtures*) goal=helper ;;
test_*) [ ! -f "tests/unit/$filter.c" ] || goal=$build/unit/$filter ;;
esac
# shellcheck disable=SC2086 # goals are words
make -s -j2 $goal BUILD="$build" OPT=-O1 EXTRA="$sanitize" ${CC:+CC="$CC"} || { echo "build failed"; echo "0 passed, 1 failed"; exit 1; }
helper=$PWD/$build/dstack-audit
export DSTACK_AUDIT_HELPER=$helper DSTACK_AUDIT_MUTANT=$PWD/$build/mutants/dstack-audit ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
export ACCEPT=$accept
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL $1"; }
wanted() { case $1 in *"$filter"*) return 0 ;; *) return 1 ;; esac; }

# Unit tests: one program per file, cmocka counts the cases.
for program in "$build"/unit/test_*; do
    case $program in *.d | *.o | *.dSYM) continue ;; esac
    [ -x "$program" ] || continue
    name=unit/$(basename "$program")
    wanted "$name" || continue
    "$program" >"$work/out" 2>&1
    status=$?
    ok=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s).*/\1/p' "$work/out" | tail -1)
    bad=$(sed -n 's/^\[  FAILED  \] .*: \([0-9]*\) test(s).*/\1/p' "$work/out" | tail -1)
    passed=$((passed + ${ok:-0}))
    if [ "$status" -ne 0 ] || [ "${ok:-0}" -eq 0 ]; then
        failed=$((failed + ${bad:-1}))
        [ "${bad:-0}" -eq 0 ] && [ -n "$bad" ] && failed=$((failed + 1))
        echo "FAIL $name (exit $status)"
        grep -v '^\[ *\(RUN\|OK\|=*\)' "$work/out" | tail -40
    fi
done

# Fixtures: tests/fixtures/<rule>/{bad,good,…}/ and tests/fixtures/apps/<name>/. expect.txt beside the
# tree is the output of `scan --format lines`; in rule folders only lines of that rule count, so that a
# fixture speaks of one thing. `bad` must name the rule, `good` must not. tests/fixtures/surface/<name>/: whole
# apps, with the lines of helper/rules/config-control.yaml and the table of `surface`; rows.txt says what each shows.
fixture() {
    dir=$1 rule=$2
    name=${dir#tests/}
    wanted "$name" || return 0
    args=
    [ -f "$dir.args" ] && args=$(cat "$dir.args")
    # shellcheck disable=SC2086 # options are words
    if ! "$helper" scan --format lines $args "$dir" >"$work/raw" 2>"$work/err"; then
        fail "$name"
        tail -20 "$work/err"
        return
    fi
    case $rule in
    '') cp "$work/raw" "$work/got" ;;
    surface) # shellcheck disable=SC2086
        { grep -F -f "$work/surface-rules" "$work/raw"; echo; "$helper" surface $args "$dir"; } >"$work/got" 2>"$work/err" ;;
    *) grep -F " $rule " "$work/raw" >"$work/got" ;;
    esac
    if [ "$accept" = 1 ]; then cp "$work/got" "$dir.expect"; fi
    if [ ! -f "$dir.expect" ] || ! diff -u "$dir.expect" "$work/got"; then fail "$name"; return; fi
    case $(basename "$dir") in
    bad*) [ -z "$rule" ] || [ -s "$work/got" ] || { fail "$name: bad fixture without the finding"; return; } ;;
    good*) [ -z "$rule" ] || [ ! -s "$work/got" ] || { fail "$name: good fixture with the finding"; return; } ;;
    esac
    pass
}
fixtures=0
sed -n 's/^- id: *\(.*\)$/ \1 /p' helper/rules/config-control.yaml >"$work/surface-rules"
for dir in tests/fixtures/*/*/; do
    [ -d "$dir" ] || continue
    dir=${dir%/}
    rule=$(basename "$(dirname "$dir")")
    [ "$rule" = apps ] && rule=
    fixtures=$((fixtures + 1))
    fixture "$dir" "$rule"
done

# Shell tests: each prints "ok NAME" or "not ok NAME" lines.
for script in tests/shell/*.sh; do
    [ -f "$script" ] || continue
    name=shell/$(basename "$script" .sh)
    wanted "$name" || continue
    case $quick:$name in 1:shell/slow_*) continue ;; esac
    bash "$script" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    ok=$(grep -c '^ok ' "$work/out")
    bad=$(grep -c '^not ok ' "$work/out")
    grep '^skip ' "$work/out"
    passed=$((passed + ok)) failed=$((failed + bad))
    if [ "$status" -ne 0 ] || [ "$bad" -ne 0 ] || [ "$ok" -eq 0 ]; then
        [ "$bad" -ne 0 ] || failed=$((failed + 1))
        echo "FAIL $name (exit $status)"
        grep '^not ok ' "$work/out"
        tail -20 "$work/err"
    fi
done

if [ -z "$filter" ] && [ "$passed" -eq 0 ]; then failed=$((failed + 1)); echo "no test ran"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
