#!/usr/bin/env bash
# End-to-end tests of the plugin in the real client, offline: a fake Messages API answers from scripts.
# The client is a test-only download (npm); where it cannot be had the suite is skipped with a line that says so.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
client_version=2.1.330
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dstack-audit/e2e-$client_version
client=${CLAUDE_CLIENT:-$cache/node_modules/.bin/claude}

skip() { echo "skip e2e: $1"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
command -v node >/dev/null 2>&1 || skip "node is not installed"
command -v git >/dev/null 2>&1 || skip "git is not installed"
if ! [ -x "$client" ]; then
    command -v npm >/dev/null 2>&1 || skip "npm is not installed, the client cannot be fetched"
    mkdir -p "$cache"
    npm install --prefix "$cache" --no-audit --no-fund --loglevel=error "@anthropic-ai/claude-code@$client_version" >"$cache/install.log" 2>&1 ||
        skip "the client @anthropic-ai/claude-code@$client_version cannot be fetched (see $cache/install.log)"
fi

work=$(mktemp -d) || exit 2
work=$(cd "$work" && pwd -P)
servers=
# shellcheck disable=SC2086 # a list of process ids
finish() { [ -z "$servers" ] || kill $servers 2>/dev/null; rm -rf "$work"; }
trap finish EXIT
passed=0 failed=0
ok() { passed=$((passed + 1)); echo "ok $1"; }
not_ok() { failed=$((failed + 1)); echo "not ok $1"; }
check() { name=$1; shift; if "$@"; then ok "$name"; else not_ok "$name"; fi; }
await() { for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -s "$1" ] && return 0; sleep 0.1; done; return 1; }

# The client in a home of its own, with nothing but the loopback model to talk to. The helper that the
# tests built is handed over by a cache folder, as a user's second run would find it.
claude() {
    env -i HOME="$work/home" PATH="/usr/local/bin:/usr/bin:/bin:$(dirname "$(command -v node)")" TERM=xterm LANG=C.UTF-8 \
        ANTHROPIC_BASE_URL="http://127.0.0.1:${port:-1}" ANTHROPIC_API_KEY=fake-key \
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_TELEMETRY=1 DISABLE_ERROR_REPORTING=1 DISABLE_AUTOUPDATER=1 \
        timeout 120 "$client" "$@"
}

# model NAME SCRIPT: starts a fake model; its requests land in $work/NAME.
model() {
    rm -f "$work/port"
    node "$here/server.mjs" --out "$work/$1" --script "$2" --port-file "$work/port" >"$work/$1.log" 2>&1 &
    servers="$servers $!"
    await "$work/port" || { echo "the fake model did not start"; exit 1; }
    port=$(cat "$work/port")
}

# session NAME PROMPT [options]: one headless run in $work/project.
session() {
    name=$1 prompt=$2
    shift 2
    (cd "$work/project" && claude -p "$prompt" --output-format stream-json --verbose "$@" </dev/null) >"$work/$name.jsonl" 2>"$work/$name.err"
}

# field FILE EXPRESSION: evaluates JavaScript over the last JSON line of a transcript.
result() { tail -n 1 "$work/$1.jsonl" | node -e 'let s="";process.stdin.on("data",c=>s+=c).on("end",()=>{const d=JSON.parse(s);process.exit(eval(process.argv[1])?0:1)})' "$2"; }
# request NAME N EXPRESSION: over the Nth recorded request; `last` is its newest message, `text` all of them.
request() { node -e 'const d=JSON.parse(require("fs").readFileSync(process.argv[1]));const text=JSON.stringify(d.body.messages),last=JSON.stringify(d.body.messages[d.body.messages.length-1]);process.exit(eval(process.argv[2])?0:1)' "$work/$1/$2.json" "$3"; }
no_denials() { result "$1" 'd.permission_denials.length===0 && d.is_error===false'; }

# ---- the plugin as a user installs it: a git marketplace, so committed files only -----------------
mkdir -p "$work/home" "$work/project" "$work/git"
snapshot=$work/snapshot
mkdir "$snapshot"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar cf - 2>/dev/null) | tar xf - -C "$snapshot"
(cd "$snapshot" && git init -q && git add -A && git -c user.name=test -c user.email=test@example.invalid commit -qm snapshot)
git clone -q --bare "$snapshot" "$work/git/plugin.git"
node "$here/git-http.mjs" --root "$work/git" --port-file "$work/git-port" >"$work/git.log" 2>&1 &
servers="$servers $!"
await "$work/git-port"
claude plugin marketplace add "http://127.0.0.1:$(cat "$work/git-port")/plugin.git" >"$work/add.log" 2>&1
claude plugin install dstack-audit@dstack-audit >"$work/install.log" 2>&1
check "installs from a git marketplace" grep -q 'Successfully installed' "$work/install.log"
plugin=$(find "$work/home/.claude/plugins/cache" -type d -name skills -path '*dstack-audit*' | head -1)
plugin=${plugin%/skills}
check "the installed plugin holds no compiled helper" test ! -e "$plugin/helper/build"

check "validates for the plugin directory without a warning" \
    sh -c 'cd "$1" && ! grep -q "⚠" "$2"' _ "$work" "$(claude plugin validate "$snapshot" --strict --profile directory >"$work/validate.log" 2>&1; echo "$work/validate.log")"
check "validation passes" grep -q 'Validation passed' "$work/validate.log"

claude --plugin-dir "$snapshot" plugin details dstack-audit >"$work/details.log" 2>&1
always=$(sed -n 's/.*Always-on: *~\([0-9]*\) tok.*/\1/p' "$work/details.log")
skill=$(sed -n 's/^ *dstack-audit  *~[0-9]*  *~\([0-9.]*\)\(k*\)$/\1 \2/p' "$work/details.log" | awk '{print $2 == "k" ? $1 * 1000 : $1}')
check "always-on cost is at most 150 tokens (${always:-?})" test "${always:-9999}" -le 150
check "SKILL.md is at most 2500 tokens (${skill:-?})" test "${skill:-9999}" -le 2500

# ---- the audited app ---------------------------------------------------------------------------------
cp -R "$here/app" "$work/project/app"
cp -R "$here/app" "$work/git/app-src"
(cd "$work/git/app-src" && git init -q && git add -A && git -c user.name=test -c user.email=test@example.invalid commit -qm app)

# ---- /audit with each form of argument ------------------------------------------------------------------
audit_forms() {
    form=$1 prompt=$2 target=$3
    sed -e "s|@TARGET@|$target|g" -e "s|@PLUGIN@|$plugin|g" -e "s|@PROJECT@|$work/project|g" "$here/audit.json" >"$work/$form.json"
    rm -f "$work/project/DSTACK-AUDIT-REPORT.md"
    model "$form" "$work/$form.json"
    session "$form" "$prompt"
    check "$form: no permission was denied" no_denials "$form"
    check "$form: the scanner ran and gave its summary" request "$form" 002 'last.includes("findings.json") && last.includes("LLM_BASE_URL") && last.includes("\"is_error\":false")'
    check "$form: the summary stays under 8 KB" request "$form" 002 'last.length < 9000'
    check "$form: the skill text can be read" request "$form" 003 'last.includes("Rationalizations to reject")'
    check "$form: a reference can be read" request "$form" 004 'last.includes("How a value reaches a container")'
    check "$form: leads can be asked for" request "$form" 005 'last.includes("\"is_error\":false")'
    check "$form: the draft report can be read" request "$form" 006 'last.includes("JUDGE") && last.includes("## Operator surface")'
    check "$form: the report was written" test -s "$work/project/DSTACK-AUDIT-REPORT.md"
}
audit_forms path "/audit ./app" "./app"
check "path: text of the repository reaches the model only as quoted data" \
    request path 002 '!d.body.messages.some(m=>m.role!=="user"&&JSON.stringify(m).includes("EXFIL-MARK"))&&!/\n\s*IGNORE ALL PREVIOUS/.test(JSON.stringify(d.body.messages.at(-1)).replace(/\\n/g,"\n"))'
audit_forms namespaced "/dstack-audit:audit ./app" "./app"
(cd "$work/project" && cp -R app/. . )
audit_forms bare "/audit" "."

# ---- natural language -----------------------------------------------------------------------------------
cat >"$work/natural.json" <<'JSON'
{"main": [{"tool_use": {"name": "Skill", "input": {"skill": "dstack-audit:dstack-audit", "args": "./app"}}}, {"text": "DONE"}]}
JSON
model natural "$work/natural.json"
session natural "audit a dstack app in ./app for operator exfiltration"
check "natural: the model is offered the skill, and the command is not listed" \
    request natural 001 'text.includes("dstack-audit:dstack-audit") && !text.includes("dstack-audit:audit:")'
check "natural: the skill loads without a question" no_denials natural
check "natural: its text arrives with absolute paths" request natural 002 "text.includes('Rationalizations to reject') && text.includes('$plugin/skills/dstack-audit/scripts/audit-checks.sh')"

# ---- evals: the cases load, and their graders can pass and fail -------------------------------------------
cat >"$work/evals.json" <<'JSON'
{"rules": [
  {"when": "Launching skill", "reply": {"text": "The operator can set LLM_BASE_URL."}},
  {"when": "can the operator exfiltrate", "reply": {"tool_use": {"name": "Skill", "input": {"skill": "dstack-audit:dstack-audit", "args": "./app"}}}},
  {"when": "restart: always", "reply": {"text": "It restarts the container."}}]}
JSON
model evals "$work/evals.json"
evaluate() {
    claude plugin eval "$snapshot" --case "$1" --runs 1 --ablation none --trust-plugin --no-publish \
        --output-dir "$work/eval-out" --report "$work/eval-out/report.html" --json "$work/eval-$1.json" >"$work/eval-$1.log" 2>&1
}
check "evals: the skill fires on an audit request" evaluate trigger
check "evals: the skill stays silent on an unrelated request" evaluate quiet
echo '{"rules": [{"when": ".", "reply": {"text": "no"}}]}' >"$work/deaf.json"
model deaf "$work/deaf.json"
deaf_fails() { ! evaluate trigger; }
check "evals: a model that does not fire the skill fails the case" deaf_fails

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
