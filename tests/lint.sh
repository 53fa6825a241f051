#!/usr/bin/env bash
# What compilers do not see: the order of the stages, who owns which library, the length of functions,
# and that every rule has what it needs. Then both compilers with warnings as errors, and shellcheck.
#   tests/lint.sh [--sources]    --sources leaves the compilers out
set -u
cd "$(dirname "$0")/.." || exit 2
failed=0
complain() { echo "lint: $1"; failed=$((failed + 1)); }

# ---- stages include only what lies to their left
rank_of() { # FOLDER
    case $1 in
    base) echo 0 ;; input) echo 1 ;; doc) echo 2 ;; rule) echo 3 ;; fact) echo 4 ;; check) echo 5 ;;
    report) echo 6 ;; helper) echo 7 ;; *) echo 99 ;;
    esac
}
for file in helper/*.[ch] helper/*/*.[ch]; do
    case $file in helper/build*/* | helper/tools/*) continue ;; esac
    stage=$(basename "$(dirname "$file")")
    own=$(rank_of "$stage")
    [ "$own" -ne 99 ] || complain "$file: a folder without a place in the order"
    for included in $(sed -n 's/^ *# *include *"\([a-z_]*\)\/[^"]*".*/\1/p' "$file" | sort -u); do
        [ "$(rank_of "$included")" -le "$own" ] || complain "$file: $stage must not include $included/"
    done
done

# ---- each library has one owner
owns() { # HEADER FILES...: nobody else includes it
    local header=$1 file allowed ok
    shift
    for file in $(grep -lE "^ *# *include *<$header" helper/*.[ch] helper/*/*.[ch] tests/unit/*.[ch] 2>/dev/null); do
        case $file in helper/build*/*) continue ;; esac
        ok=0
        # shellcheck disable=SC2254 # patterns on purpose
        for allowed in "$@"; do case $file in $allowed) ok=1 ;; esac; done
        [ "$ok" = 1 ] || complain "$file: <$header> belongs to $*"
    done
}
owns 'yaml\.h' 'helper/doc/*'
owns 'pcre2\.h' helper/base/regex.c
owns 'c[jJ][sS][oO][nN]' 'helper/doc/*' 'helper/report/*' 'tests/unit/*'
owns 'openssl/' helper/base/hash.c 'tests/unit/*'

# ---- functions: 80 lines at most. A body opens with "{" in the first column and ends with "}" there;
# tables open on the line of their name.
for file in helper/*.c helper/*/*.c tests/unit/*.c; do
    case $file in helper/build*/*) continue ;; esac
    awk -v file="$file" '
        /^\{/ { start = NR; next }
        /^\}/ { if (start != 0 && NR - start + 1 > 80) printf "%s:%d: a function of %d lines\n", file, start, NR - start + 1; start = 0 }
    ' "$file"
done >"${TMPDIR:-/tmp}/lint.$$"
while IFS= read -r line; do complain "$line"; done <"${TMPDIR:-/tmp}/lint.$$"
rm -f "${TMPDIR:-/tmp}/lint.$$"

# ---- basenames are unique (objects, tests and people rely on it), every unit test is named after a file or a stage
for twice in $(for file in helper/*.c helper/*/*.c; do case $file in helper/build*/*) ;; *) basename "$file" ;; esac; done | sort | uniq -d); do
    complain "two files are called $twice"
done

# ---- words that have no place in the sources
marks=$(git ls-files '*.[ch]' '*.sh' Makefile .ci/run | grep -v '^tests/lint.sh$\|^tests/fixtures/' | tr '\n' '\0' | xargs -0 grep -nE 'TODO|FIXME' /dev/null)
[ -z "$marks" ] || complain "left for later: $marks"

# ---- rules, checks and fixtures belong together
rules=$(cat helper/rules/*.yaml | awk '
    /^- id:/ { if (id != "") print id, kind; id = $3; kind = "check" }
    /^  kind:/ { kind = $2 }
    END { if (id != "") print id, kind }')
[ -n "$rules" ] || complain "no rules found in helper/rules"
checks=$(sed -n 's/^ *CHECK("\([a-z0-9-]*\)".*/\1/p' helper/check/table.h | sort)
twice=$(echo "$rules" | cut -d' ' -f1 | sort | uniq -d)
[ -z "$twice" ] || complain "rules stated twice: $twice"
for id in $checks; do
    echo "$rules" | grep -q "^$id " || complain "check $id has no rule in helper/rules"
done
while read -r id kind; do
    [ "$kind" != check ] || echo "$checks" | grep -qx "$id" || complain "rule $id is of kind check and has no function in check_table"
    case $kind in
    check | finding | lead)
        for side in bad good; do
            ls -d "tests/fixtures/$id/$side"*/ >/dev/null 2>&1 || complain "rule $id has no fixture tests/fixtures/$id/$side"
        done
        ;;
    esac
done <<<"$rules"
for folder in tests/fixtures/*/; do
    [ -d "$folder" ] || continue
    id=$(basename "$folder")
    case $id in apps | limits | surface) continue ;; esac
    echo "$rules" | grep -q "^$id " || complain "tests/fixtures/$id belongs to no rule"
done
[ "$(sed -n 's/.*"version": "\(.*\)".*/\1/p' .claude-plugin/plugin.json)" = "$(sed -n 's/^#define VERSION "\(.*\)"/\1/p' helper/base/version.h)" ] ||
    complain "plugin.json and helper/base/version.h name different versions"

# ---- every limit has a test that meets it
for limit in $(sed -n 's/^ *\(LIMIT_[A-Z_]*\) = .*/\1/p' helper/base/limits.h); do
    grep -q "$limit" tests/unit/*.c tests/shell/*.sh || complain "no test names $limit"
done

# ---- scripts
if command -v shellcheck >/dev/null 2>&1; then
    for script in $(git ls-files '*.sh' .ci/run 2>/dev/null | grep -v '^tests/fixtures/\|^tests/evals/'); do
        shellcheck -S warning "$script" || complain "$script: shellcheck"
    done
else
    echo "skip shellcheck: not installed"
fi

# ---- both compilers, warnings as errors
if [ "${1:-}" != --sources ]; then
    for compiler in gcc clang; do
        if command -v "$compiler" >/dev/null 2>&1; then
            make -s -j2 helper CC="$compiler" BUILD="helper/build/lint-$compiler" OPT=-O1 EXTRA=-Werror || complain "$compiler: warnings or errors"
        else
            echo "skip $compiler: not installed"
        fi
    done
fi

[ "$failed" -eq 0 ] || echo "lint: $failed complaints"
[ "$failed" -eq 0 ]
