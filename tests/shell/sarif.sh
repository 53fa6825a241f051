#!/usr/bin/env bash
# SARIF against the official schema (Microsoft's, from npm) and what code scanning asks for beyond it, on the
# sample app, on an app with its app-compose.json, with acceptances, a baseline, skipped files and parse errors.
set -u
cd "$(dirname "$0")/../.." || exit 2
helper=${DSTACK_AUDIT_HELPER:?}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }
command -v python3 >/dev/null 2>&1 || { echo "skip sarif: no python3"; echo "ok nothing to run"; exit 0; }

app=$work/app
mkdir -p "$app/src"
cat >"$app/docker-compose.yml" <<'EOF'
services:
  bot:
    image: example/bot:latest
    environment:
      - LLM_BASE_URL=${LLM_BASE_URL}
EOF
printf 'import os, openai\nBASE = os.environ["LLM_BASE_URL"]\nclient = openai.OpenAI(base_url=BASE)\n' >"$app/src/bot.py"
python3 - "$app" <<'EOF'
import json, sys
compose = open(sys.argv[1] + "/docker-compose.yml").read()
json.dump({"manifest_version": 2, "name": "a", "runner": "docker-compose", "docker_compose_file": compose,
           "allowed_envs": ["LLM_BASE_URL"]}, open(sys.argv[1] + "/app-compose.json", "w"), indent=1)
EOF
mkdir "$app/old"
printf 'a: [\n' >"$app/old/docker-compose.yml"
ln -s ../elsewhere "$app/link"
"$helper" scan --format json "$app" >"$work/before.json" 2>/dev/null
id=$(sed -n 's/^.*"id":[[:space:]]*"\([0-9a-f]\{16\}\)".*$/\1/p' "$work/before.json" | head -1)
printf 'accept:\n  - {id: %s, reason: known, until: 2027-01-31}\n' "$id" >"$work/accept.yml"
"$helper" scan --format sarif --baseline "$work/before.json" --accept-file "$work/accept.yml" --today 2027-01-01 "$app" >"$work/app.sarif" 2>"$work/err"
check "an app with all of it gives SARIF" $?
"$helper" scan --format sarif --accept-file "$work/accept.yml" --today 2027-01-01 --drop-accepted "$app" >"$work/dropped.sarif" 2>"$work/err"
"$helper" scan --format sarif tests/golden/app >"$work/sample.sarif"

for file in app dropped sample; do
    python3 tests/tools/check_sarif.py "$work/$file.sarif" >&2
    check "$file: what code scanning asks for" $?
done
schema=$(tests/tools/npm_file.sh @microsoft/jest-sarif@1.0.0-beta.0 \
    A1fOhPd6Ic5iDk4F9YPw1qNB4XF+7+IviR7xl8r2F6QzQkx5cpY9LsGk2rExiFIEcBbjpVnSmwWGBukASkiQ9A== \
    lib/schemas/sarif-2.1.0-rtm.5.json)
case $? in
0)
    python3 tests/tools/validate.py "$schema" "$work/app.sarif" "$work/dropped.sarif" "$work/sample.sarif" >&2
    case $? in
    77) echo "skip SARIF schema: python3-jsonschema is not installed" ;;
    *) check "SARIF meets the official schema" $? ;;
    esac
    ;;
77) echo "skip SARIF schema: $schema" ;;
*) echo "$schema" >&2; check "the schema's package is the expected one" 1 ;;
esac

python3 - "$work/app.sarif" "$work/dropped.sarif" >&2 <<'EOF'
import json, sys
run, dropped = (json.load(open(name))["runs"][0] for name in sys.argv[1:3])
flows = [x for x in run["results"] if x["ruleId"] == "env-url-operator-controlled"]
steps = [s["location"] for s in flows[0]["codeFlows"][0]["threadFlows"][0]["locations"]]
where = [s["physicalLocation"]["artifactLocation"]["uri"] for s in steps]
assert where[0] == "app-compose.json" and "allowed_envs" in steps[0]["message"]["text"], where
assert "src/bot.py" in where[2:], where
assert flows[0]["relatedLocations"], "related places"
invocation = run["invocations"][0]
assert invocation["executionSuccessful"] is False
kinds = {n["descriptor"]["id"] for n in invocation["toolExecutionNotifications"]}
assert {"parse-error", "skipped"} <= kinds, kinds
marked = [x for x in run["results"] if x.get("suppressions")]
assert len(marked) == 1 and marked[0]["suppressions"][0]["justification"].startswith("known"), marked
assert all(x["baselineState"] == "unchanged" for x in run["results"])
assert len(dropped["results"]) == len(run["results"]) - 1
assert not [x for x in dropped["results"] if x.get("suppressions")]
EOF
check "flows, related places, notifications, suppressions and baseline" $?
