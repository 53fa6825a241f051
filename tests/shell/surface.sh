#!/usr/bin/env bash
# `surface`: the table that answers what the operator can set, and its counterpart in the document.
set -u
cd "$(dirname "$0")/../.." || exit 2
helper=${DSTACK_AUDIT_HELPER:?}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }
has() { grep -qF -- "$2" "$1"; }

app=$work/app
mkdir -p "$app/src"
cat >"$app/docker-compose.yml" <<'EOF'
services:
  bot:
    build: .
    environment:
      LLM_URL: ${LLM_URL:-https://llm.example}
      UNREAD: ${UNREAD}
      KEY:
EOF
echo 'FROM scratch' >"$app/Dockerfile"
cat >"$app/src/a.py" <<'EOF'
import os, requests
URL = os.environ["LLM_URL"]
requests.post(URL)
OTHER = os.environ.get("OTHER_URL", "https://other.example")
EOF
"$helper" surface "$app" >"$work/table" 2>"$work/err"
check "surface exits 0" $?
has "$work/table" 'docker-compose.yml  (taken as deployed: '
check "the deployment and why it was chosen" $?
has "$work/table" 'No app-compose says what allowed_envs lists'
check "an assumption is named as one" $?
grep -q '^  LLM_URL  *bot environment  *assumed  *https://llm.example  *endpoint  *src/a.py:2 > src/a.py:3$' "$work/table"
check "a row: how it enters, what holds without it, what it is, where it goes" $?
grep -q '^  KEY  *bot environment  *assumed  *unset  ' "$work/table"
check "a bare name is unset without a value" $?
grep -q '^    UNREAD  docker-compose.yml:6  .*no program of the repository reads it' "$work/table"
check "passed and never read" $?
grep -q "^    OTHER_URL  src/a.py:4  .*the code's default https://other.example holds" "$work/table"
check "read and never passed" $?

printf '{"manifest_version":2,"name":"a","runner":"docker-compose","allowed_envs":["LLM_URL","IDLE"],"docker_compose_file":"services:\\n  bot:\\n    image: a@sha256:%s\\n    environment:\\n      LLM_URL: ${LLM_URL}\\n      KEY: ${KEY:?}\\n"}' \
    "$(printf '%064d' 1)" >"$work/deployed.json"
"$helper" surface --app-compose "$work/deployed.json" "$app" >"$work/table"
grep -q '(taken as deployed: given with --app-compose)' "$work/table"
check "the given app-compose is the deployed one" $?
grep -q '^  LLM_URL  *bot environment  *yes  *empty' "$work/table" && grep -q '^  KEY  *bot environment  *no  *does not start' "$work/table"
check "allowed_envs decides" $?
grep -q '^    IDLE  .*no line of the compose passes it on' "$work/table"
check "allowed and not referenced" $?
grep -q '^    KEY  .*always gets nothing, because compose refuses to start the app' "$work/table"
check "passed and not allowed" $?

"$helper" scan --format text "$app" >"$work/text"
has "$work/text" 'WHAT THE OPERATOR CAN SET'
check "the text report shows the table" $?
"$helper" facts "$app" >"$work/facts"
has "$work/facts" '"dead_settings"' && has "$work/facts" '"library_reads"' && has "$work/facts" '"not_allowed"'
check "the document has the same as data" $?
"$helper" surface "$work/nothing-here" >/dev/null 2>&1
[ $? = 2 ]
check "a missing folder is an error of usage" $?
mkdir "$work/empty" && echo x >"$work/empty/a.py"
"$helper" surface "$work/empty" | grep -q 'not visible here'
check "without a deployment it says so" $?

# Who lets the value in: a file of names is no command.
mkdir -p "$work/passed"
printf 'services:\n  app:\n    image: example/app:1\n    environment:\n      LLM_URL: ${LLM_URL}\n      RPC_URL: ${RPC_URL}\n' >"$work/passed/docker-compose.yml"
printf 'LLM_URL=\n' >"$work/passed/.env.example"
printf 'phala deploy -c docker-compose.yml -e .env -e RPC_URL=https://rpc.example\n' >"$work/passed/deploy.sh"
"$helper" scan --format text "$work/passed" >"$work/text" 2>/dev/null
has "$work/text" 'LLM_URL (listed at .env.example:1 for the env file of the deploy command, which makes it allowed)'
check "a name in the file that a deploy command takes" $?
has "$work/text" 'RPC_URL (passed by the deploy command at deploy.sh:1, which makes it allowed)'
check "a name in the command itself" $?

# A compose file that cannot be read: nothing that would have looked at it passes, and no section does.
mkdir -p "$work/broken"
printf 'services:\n  app:\n   image: "example/app:1\n  - bad\n' >"$work/broken/compose.prod.yml"
"$helper" scan --format json "$work/broken" >"$work/broken.json" 2>/dev/null
has "$work/broken.json" 'compose.prod.yml was not read, or not all of it'
check "a broken compose file leaves checks undecided" $?
grep -B1 '"outcome":[[:space:]]*"pass"' "$work/broken.json" | grep '"rule"' | grep -vE 'hidden-characters|suppression-marks|text-aimed-at-auditor|text-file-unreadable' >"$work/passes"
! [ -s "$work/passes" ]
check "no check that looks at deployments passes for it" $?
