#!/usr/bin/env bash
# Every format on the sample app: against the schemas, twice the same bytes; and on a hostile tree, from which nothing may reach an output unescaped.
set -u
cd "$(dirname "$0")/../.." || exit 2
helper=${DSTACK_AUDIT_HELPER:?}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }
has() { grep -qF -- "$2" "$1"; }
formats="json text lines sarif markdown github"

# The same tree gives the same bytes. (What the bytes are: tests/unit/test_formats.c.)
for format in $formats; do
    "$helper" scan --format $format tests/golden/app >"$work/$format" 2>"$work/err"
    check "$format of the sample app exits 0" $?
    "$helper" scan --format $format tests/golden/app >"$work/again" 2>/dev/null
    cmp -s "$work/$format" "$work/again"
    check "$format is the same twice" $?
done

# Schemas.
validate() {
    python3 tests/tools/validate.py "$1" "$2" >&2
    case $? in
    0) echo "ok $3" ;;
    77) echo "skip $3: python3-jsonschema is not installed" ;;
    *) echo "not ok $3" ;;
    esac
}
if command -v python3 >/dev/null 2>&1; then
    validate skills/dstack-audit/references/findings.schema.json "$work/json" "the findings document meets its schema"
    python3 tests/tools/check_sarif.py "$work/sarif" >&2
    check "the SARIF file keeps what code scanning asks for" $?
    [ -z "${SARIF_SCHEMA:-}" ] || validate "$SARIF_SCHEMA" "$work/sarif" "the SARIF file meets the official schema"
else
    echo "skip schemas: no python3"
fi

# A hostile tree.
bad=$work/hostile
mkdir -p "$bad/src"
esc=$(printf '\033')
bidi=$(printf '\342\200\256')
name="a${esc}[31m${bidi}
::error::x.yml"
printf 'services:\n  web:\n    image: "example/web:latest"\n' >"$bad/$name"
cat >"$bad/docker-compose.yml" <<EOF
services:
  "web${esc}[2J${bidi}":
    image: "example/x:\${TAG}::stop-commands::token##[command]"
    environment:
      - "URL=\${URL:-\`\`\`\`]( https://evil.example/![x](https://evil.example/p.png)<img src=x> @everyone"
      - "NOTE=::stop-commands::abc"
      - "OLD=##[error]abc"
  "other|service":
    image: "example/y:latest"
    privileged: true
EOF
{ printf 'var a = "'; head -c 3000000 /dev/zero | tr '\0' 'A'; printf '"; fetch(process.env.API_URL);\n'; } >"$bad/src/one-line.js"
for format in $formats; do
    "$helper" scan --format $format "$bad" >"$work/$format" 2>"$work/err"
    check "$format of a hostile tree exits 0" $?
    LC_ALL=C grep -q "$(printf '[\001-\010\013\014\016-\037\177]')" "$work/$format"
    [ $? = 1 ]
    check "$format holds no control character" $?
    LC_ALL=C grep -q "$bidi" "$work/$format"
    [ $? = 1 ]
    check "$format holds no bidi control" $?
    iconv -f UTF-8 -t UTF-8 "$work/$format" >/dev/null 2>&1
    check "$format is valid UTF-8" $?
    [ "$(wc -c <"$work/$format")" -lt 1000000 ]
    check "$format stays small over a line of 3 MB" $?
done
[ -s "$work/github" ] && ! grep -qv '^::\(error\|warning\|notice\) ' "$work/github"
check "every line for GitHub is our own command" $?
! has "$work/github" '##['
check "no older workflow command comes through" $?
grep -q '^::stop-commands' "$work/github"
[ $? = 1 ]
check "no command of the repository stands at a line's start" $?
sed -e 's/`[^`]*`//g' "$work/markdown" | grep -v '^[ >]' >"$work/prose"
! has "$work/prose" '![x]' && ! has "$work/prose" '<img' && ! has "$work/prose" '@everyone'
check "no image, HTML or mention stands outside code in Markdown" $?
