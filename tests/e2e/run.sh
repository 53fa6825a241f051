#!/usr/bin/env bash
# End-to-end tests of the plugin in the real client, offline: a fake Messages API answers from scripts.
# The client is a test-only download (npm); where it cannot be had the suite is skipped with a line that says so.
#   run.sh [--app FOLDER]    --app: one whole audit of that app alone; the report stays in the current folder
# CLAUDE_CLIENT names another client; KEEP=1 leaves the recorded requests.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
client_version=2.1.330
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dstack-audit/e2e-$client_version
client=${CLAUDE_CLIENT:-$cache/node_modules/.bin/claude}

skip() { echo "skip e2e: $1"; echo "0 passed, 0 failed"; exit 0; }
for program in node git; do command -v $program >/dev/null 2>&1 || skip "$program is not installed"; done
if ! [ -x "$client" ]; then
    command -v npm >/dev/null 2>&1 || skip "npm is not installed, the client cannot be fetched"
    echo "fetching the client @anthropic-ai/claude-code@$client_version into $cache" >&2
    mkdir -p "$cache" || skip "no folder for the client: $cache"
    npm install --prefix "$cache" --no-audit --no-fund --loglevel=error "@anthropic-ai/claude-code@$client_version" >"$cache/install.log" 2>&1 ||
        skip "the client @anthropic-ai/claude-code@$client_version cannot be fetched (see $cache/install.log)"
fi
"$client" --version >/dev/null 2>&1 || skip "the client does not run here: $client"

# From here on nothing but the loopback exists, where the system can arrange that.
if [ -z "${E2E_ALONE:-}" ]; then
    for alone in "unshare -n" "unshare -rn"; do
        if $alone ip link set lo up 2>/dev/null; then
            export E2E_ALONE=1
            exec $alone sh -c 'ip link set lo up; exec "$@"' sh "$0" "$@"
        fi
    done
    echo "skip isolation: no network namespace can be made here"
fi

work=$(mktemp -d) || exit 2
work=$(cd "$work" && pwd -P)
finish() {
    # shellcheck disable=SC2046 # a list of process ids
    [ ! -s "$work/servers" ] || kill $(cat "$work/servers") 2>/dev/null
    if [ -n "${KEEP:-}" ]; then echo "kept: $work" >&2; else rm -rf "$work"; fi
}
trap finish EXIT
trap 'exit 130' INT TERM
# Results are counted in a file: parts of the suite run side by side.
ok() { echo "ok $1" | tee -a "$work/results"; }
not_ok() { echo "not ok $1" | tee -a "$work/results"; }
check() { local name=$1; shift; if "$@" >/dev/null; then ok "$name"; else not_ok "$name"; fi; }
conclude() {
    # shellcheck disable=SC2086 # a list of process ids
    [ -z "$parts" ] || wait $parts
    failed=$(grep -c '^not ok ' "$work/results")
    echo "$(grep -c '^ok ' "$work/results") passed, $failed failed"
    [ "$failed" -eq 0 ]
    exit
}
parts=
beside() { "$@" & parts="$parts $!"; }
no() { ! "$@"; }
await() { local n=0; until [ -s "$1" ]; do n=$((n + 1)); [ "$n" -le 300 ] || return 1; sleep 0.1; done; }

# The client in a home of its own, with nothing but the loopback model to talk to. The helper is built without
# optimisation: what a user waits for is not what is tested here.
path=/usr/local/bin:/usr/bin:/bin:$(dirname "$(command -v node)")
home=$work/home
claude() {
    env -i HOME="$home" PATH="$path" TERM=xterm LANG=C.UTF-8 OPT=-O0 GIT_SSL_CAINFO="$work/cert.pem" \
        ANTHROPIC_BASE_URL="http://127.0.0.1:${port:-1}" ANTHROPIC_API_KEY=fake-key \
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_TELEMETRY=1 DISABLE_ERROR_REPORTING=1 DISABLE_AUTOUPDATER=1 \
        timeout 120 "$client" "$@"
}

# model NAME SCRIPT: starts a fake model; its requests land in $work/NAME.
model() {
    node "$here/server.mjs" --out "$work/$1" --script "$2" --port-file "$work/$1.port" >"$work/$1.log" 2>&1 &
    echo $! >>"$work/servers"
    await "$work/$1.port" || { not_ok "the fake model starts"; return 1; }
    port=$(cat "$work/$1.port")
}

# session NAME SCRIPT TARGET FOLDER PROMPT [options]: one headless run in FOLDER with a model that follows SCRIPT.
session() {
    local name=$1 folder=$4 prompt=$5
    sed -e "s|@TARGET@|$3|g" -e "s|@PLUGIN@|$plugin|g" -e "s|@PROJECT@|$4|g" "$here/$2" >"$work/$name.json"
    model "$name" "$work/$name.json" || return
    shift 5
    (cd "$folder" && claude -p "$prompt" --output-format stream-json --verbose "$@" </dev/null) >"$work/$name.jsonl" 2>"$work/$name.err"
}

# result NAME EXPRESSION: JavaScript over the last line of a transcript, as `d`.
result() { tail -n 1 "$work/$1.jsonl" | node -e 'let s="";process.stdin.on("data",c=>s+=c).on("end",()=>{const d=JSON.parse(s);process.exit(eval(process.argv[1])?0:1)})' "$2"; }
# requests NAME EXPRESSION: JavaScript over everything that the model was sent. `results`: tool results, each with
# its `text`, `failed` and the call's `name` and `input`; `told`: all other text; `first`: the first request.
requests() {
    node -e '
        const fs = require("fs"), dir = process.argv[1], files = fs.readdirSync(dir).sort();
        const read = (file) => JSON.parse(fs.readFileSync(dir + "/" + file)).body;
        const first = JSON.stringify(read(files[0]).messages), calls = {}, results = [], other = [];
        const text = (x) => typeof x === "string" ? x : Array.isArray(x) ? x.map(text).join("\n") : x.text ?? "";
        for (const message of read(files.at(-1)).messages)
            for (const block of typeof message.content === "string" ? [{ type: "text", text: message.content }] : message.content)
                if (block.type === "tool_use") calls[block.id] = block;
                else if (block.type === "tool_result") results.push({ ...calls[block.tool_use_id], text: text(block.content ?? ""), failed: !!block.is_error });
                else other.push(block.text ?? "");
        const told = other.join("\n");
        process.exit(eval(process.argv[2]) ? 0 : 1)' "$work/$1" "$2"
}
no_denials() { result "$1" 'd.permission_denials.length === 0 && d.is_error === false'; }

# scanned NAME: what every run of the scanner in the client has to show.
scanned() {
    check "$1: no permission was denied" no_denials "$1"
    check "$1: the scanner ran and gave its summary" requests "$1" 'results[0].text.includes("findings.json") && results[0].text.includes("critical") && !results[0].failed'
    check "$1: the summary stays under 8 KB" requests "$1" 'Buffer.byteLength(results[0].text) <= 8192'
}
# reported NAME FOLDER: the report that was completed there.
reported() {
    check "$1: the report is complete" no grep -q 'JUDGE' "$2/DSTACK-AUDIT-REPORT.md"
    for part in "Executive summary" Issues "Operator surface" "Data flow" "Trust model" "Verification checklist" Recommendations "Open questions" "Files reviewed" "Not looked at"; do
        grep -q "^## $part\$" "$2/DSTACK-AUDIT-REPORT.md" || not_ok "$1: the report has the part $part"
    done
    check "$1: every step went through" requests "$1" 'results.length > 5 && results.every(r => !r.failed)'
}

# ---- the plugin as a user installs it: a git marketplace, so committed files only -----------------------
mkdir -p "$home" "$work/git"
snapshot=$work/snapshot
mkdir "$snapshot"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar cf - 2>/dev/null) | tar xf - -C "$snapshot"
as_git() { git -c user.name=test -c user.email=test@example.invalid -c init.defaultBranch=main "$@"; }
(cd "$snapshot" && as_git init -q && as_git add -A && as_git commit -qm snapshot)
git clone -q --bare "$snapshot" "$work/git/plugin.git"
node "$here/git-http.mjs" --root "$work/git" --port-file "$work/git-port" >"$work/git.log" 2>&1 &
echo $! >>"$work/servers"
await "$work/git-port"
claude plugin marketplace add "http://127.0.0.1:$(cat "$work/git-port")/plugin.git" >"$work/add.log" 2>&1
claude plugin install dstack-audit@dstack-audit >"$work/install.log" 2>&1
check "installs from a git marketplace" grep -q 'Successfully installed' "$work/install.log"
plugin=$(find "$home/.claude/plugins/cache" -type d -name skills -path '*dstack-audit*' | head -1)
plugin=${plugin%/skills}

if [ "${1:-}" = --app ]; then
    app=$(cd "${2:?}" && pwd -P)
    session app audit.json "$app" "$PWD" "/audit $app" --add-dir "$app"
    scanned app
    reported app "$PWD"
    conclude
fi

check "the installed plugin holds no compiled helper" test ! -e "$plugin/helper/build"

# ---- what the client says of the plugin ------------------------------------------------------------------------
about_the_plugin() {
    claude plugin validate "$snapshot" --strict --profile directory >"$work/validate.log" 2>&1
    check "validates for the plugin directory" grep -q 'Validation passed' "$work/validate.log"
    check "validates without a warning" no grep -qiE '⚠|warning' "$work/validate.log"
    claude --plugin-dir "$snapshot" plugin details dstack-audit >"$work/details.log" 2>&1
    always=$(sed -n 's/.*Always-on: *~\([0-9]*\) tok.*/\1/p' "$work/details.log")
    skill=$(sed -n 's/^ *dstack-audit  *~[0-9]*  *~\([0-9.]*\)\(k*\)$/\1 \2/p' "$work/details.log" | awk '{print $2 == "k" ? $1 * 1000 : $1}')
    check "always-on cost is at most 150 tokens (${always:-?})" test "${always:-9999}" -le 150
    check "SKILL.md is at most 2500 tokens (${skill:-?})" test "${skill:-9999}" -le 2500
}

# ---- a whole audit, and the first use with it --------------------------------------------------------------------
project_with_app() { mkdir -p "$1" && cp -R "$here/app" "$1/${2:-app}"; }
quoted_only() {
    check "$1: text of the repository reaches the model inside tool results only" \
        requests "$1" 'results.some(r => /IGNORE ALL|EXFIL/.test(r.text)) && !/EXFIL|IGNORE ALL/.test(told)'
}
first_use() {
    local project=$work/project
    project_with_app "$project"
    session path audit.json ./app "$project" "/audit ./app"
    scanned path
    reported path "$project"
    check "path: the first use says in one line that it builds" requests path 'results[0].text.split("\n").filter(l => l.includes("audit-checks.sh: building the helper once, in ")).length === 1 && results[0].text.indexOf("\ndstack-audit ") < 400'
    check "path: the skill is loaded, with its own folder in it" requests path "told.includes('Rationalizations to reject') && told.includes('$plugin/skills/dstack-audit/scripts/audit-checks.sh')"
    check "path: a reference is read" requests path 'results[2].text.includes("How a value reaches a container")'
    check "path: one finding is shown in full" requests path 'results[4].text.includes("LLM_BASE_URL") && results[4].text.includes("src/bot.py")'
    check "path: the second use is quiet" requests path '!results[3].text.includes("building")'
    quoted_only path
    check "path: the order in the code is a finding" requests path 'results[0].text.includes("text-aimed-at-auditor")'
    check "path: it stands in the report as a quotation" no grep -nE '^ *(IGNORE ALL|# IGNORE ALL|EXFIL)' "$project/DSTACK-AUDIT-REPORT.md"
    session namespaced audit.json ./app "$project" "/dstack-audit:audit ./app"
    scanned namespaced
    reported namespaced "$project"
    check "namespaced: the report before is kept" test -s "$project/DSTACK-AUDIT-REPORT.before.md"
}

# ---- code and references, read as the skill says ------------------------------------------------------------------
evidence() {
    project_with_app "$work/evidence-of"
    session evidence evidence.json ./app "$work/evidence-of" "/audit ./app"
    check "evidence: code and all references can be read" no_denials evidence
    check "evidence: every step went through" requests evidence 'results.length === 8 && results.every(r => !r.failed)'
    quoted_only evidence
}

# ---- /audit with the other forms of argument ----------------------------------------------------------------------
forms() {
    project_with_app "$work/parent" inside
    rm "$work/parent/inside/CLAUDE.md" # in the folder where it was started the client reads it, whatever the plugin does
    session bare audit.json . "$work/parent/inside" "/audit"
    scanned bare
    reported bare "$work/parent/inside"
    project_with_app "$work/blanks-in" "my app"
    session blanks audit.json "./my app" "$work/blanks-in" "/audit \"./my app\""
    scanned blanks
    reported blanks "$work/blanks-in"
}
addresses() {
    cp -R "$here/app" "$work/app-src"
    (cd "$work/app-src" && as_git init -q && as_git add -A && as_git commit -qm app && git clone -q --bare . "$work/git/app.git")
    if ! openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$work/key.pem" -out "$work/cert.pem" >"$work/openssl.log" 2>&1; then
        echo "skip url: openssl cannot make a certificate"
        return
    fi
    node "$here/git-http.mjs" --root "$work/git" --port-file "$work/tls-port" --key "$work/key.pem" --cert "$work/cert.pem" >"$work/tls.log" 2>&1 &
    echo $! >>"$work/servers"
    await "$work/tls-port"
    url=https://localhost:$(cat "$work/tls-port")/app.git
    mkdir "$work/nothing"
    session url tree.json "$url" "$work/nothing" "/audit $url"
    scanned url
    check "url: what was fetched can be read and searched" requests url 'results[1].text.includes("base_url=") && results[2].text.includes("docker-compose.yml") && results.every(r => !r.failed)'
    check "url: no instruction comes along" requests url '!/EXFIL|IGNORE ALL/.test(told)'
}

# ---- natural language ---------------------------------------------------------------------------------------------
plain_words() {
    project_with_app "$work/plain"
    session natural natural.json ./app "$work/plain" "audit a dstack app in ./app for operator exfiltration" \
        --allowedTools "Bash($plugin/skills/dstack-audit/scripts/audit-checks.sh *)" "Bash(\"$plugin/skills/dstack-audit/scripts/audit-checks.sh\" *)"
    check "natural: the model is offered the skill, and the command is not listed" requests natural 'first.includes("dstack-audit:dstack-audit: ") && !first.includes("dstack-audit:audit:")'
    check "natural: the skill loads without a question" no_denials natural
    check "natural: the script runs as the skill names it" requests natural 'results[1].text.includes("findings.json") && !results[1].failed'
}

# ---- a machine without a compiler ---------------------------------------------------------------------------------
no_compiler() {
    local tools=$work/tools folder tool
    mkdir "$tools"
    for folder in /bin /usr/bin /usr/local/bin; do
        for tool in "$folder"/*; do
            case ${tool##*/} in *cc | *gcc* | *g++* | clang* | c[89]9* | pkg-config | pkgconf | x86_64* | aarch64*) continue ;; esac
            [ -e "$tools/${tool##*/}" ] || echo "$tool"
        done
    done | xargs sh -c 'ln -sf "$@" "$0"' "$tools"
    project_with_app "$work/by-hand-in"
    cp -R "$snapshot" "$work/unbuilt"
    path=$tools home=$work/home-unbuilt plugin=$work/unbuilt
    mkdir "$home"
    session by-hand by-hand.json ./app "$work/by-hand-in" "/audit ./app" --plugin-dir "$plugin"
    check "no compiler: no permission was denied" no_denials by-hand
    check "no compiler: the model is told what to do" requests by-hand 'results[0].failed && results[0].text.includes("Exit code 2") && results[0].text.includes("Set up once with:") && results[0].text.includes("make -C")'
    check "no compiler: the skill says how to go on openly" requests by-hand 'told.includes("Automated checks did not run") && results[2].text.includes("Search patterns")'
    check "no compiler: the report says so" grep -q '^Automated checks did not run' "$work/by-hand-in/DSTACK-AUDIT-REPORT.md"
}

# ---- evals: the cases load, and their graders can pass and fail ---------------------------------------------------
evaluate() { # CASE [options]
    claude plugin eval "$snapshot" --case "$@" --runs 1 --ablation none --trust-plugin --no-publish \
        --output-dir "$work/eval-out" --report "$work/eval-out/report.html" --json "$work/eval-$1.json" >"$work/eval-$1.log" 2>&1
}
evals() {
    cat >"$work/evals.json" <<'JSON'
{"rules": [
  {"when": "Launching skill", "reply": {"text": "The operator can set LLM_BASE_URL."}},
  {"when": "can the operator exfiltrate", "reply": {"tool_use": {"name": "Skill", "input": {"skill": "dstack-audit:dstack-audit", "args": "./app"}}}},
  {"when": "restart: always", "reply": {"text": "It restarts the container."}}]}
JSON
    model evals "$work/evals.json"
    check "evals: the skill fires on an audit request" evaluate trigger
    check "evals: the skill stays silent on an unrelated request" evaluate quiet
    echo '{"rules": [{"when": ".", "reply": {"text": "no"}}]}' >"$work/deaf.json"
    model deaf "$work/deaf.json"
    check "evals: a model that does not fire the skill fails the case" no evaluate trigger
    # These grant Bash, and the client then wants its sandbox. The model only plays the tool calls that the graders look for.
    if command -v bwrap >/dev/null 2>&1 && command -v socat >/dev/null 2>&1; then
        cat >"$work/whole.json" <<'JSON'
{"vars": {"scanner": "\"([^\"\\n]*audit-checks\\.sh)\" \"<target>\"", "cwd": "Primary working directory: (\\S+)"},
 "main": [
  {"tool_use": {"name": "Bash", "input": {"command": "\"{{scanner}}\" --version", "description": "Run the scanner"}}},
  {"tool_use": {"name": "Write", "input": {"file_path": "{{cwd}}/DSTACK-AUDIT-REPORT.md",
    "content": "## Executive summary\n\n## Operator surface\n\n## Trust model\n\n## Recommendations\n\n## Not looked at\n"}}},
  {"text": "The operator can set LLM_BASE_URL."}]}
JSON
        for case in slash report; do
            model "whole-$case" "$work/whole.json"
            check "evals: a whole audit passes the case $case" evaluate $case --scaffold --allow-tools Bash Write Edit
        done
        model mute "$work/deaf.json"
        check "evals: a model that writes no report fails the case" no evaluate report --scaffold --allow-tools Bash Write Edit
    else
        echo "skip evals slash, report: bubblewrap and socat are not installed"
    fi
}

beside about_the_plugin
beside no_compiler
beside evals
first_use
beside evidence
beside forms
beside addresses
plain_words
conclude
