#!/usr/bin/env bash
# The reusable workflow and the pre-commit hook as the files say: parsed, and what they run is run.
set -u
cd "$(dirname "$0")/../.." || exit 2
root=$PWD
: "${DSTACK_AUDIT_HELPER:?}"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }
has() { grep -qF -- "$2" "$1"; }
python3 -c 'import yaml' 2>/dev/null || { echo "skip CI files: python3-yaml is not installed"; echo "ok nothing to run"; exit 0; }

# ---- the workflow
python3 - "$work" <<'EOF' >&2
import re, sys, yaml
work = sys.argv[1]
flow = yaml.safe_load(open(".github/workflows/audit.yml"))
call = flow[True]["workflow_call"]  # YAML 1.1 reads "on" as true
steps = flow["jobs"]["audit"]["steps"]
for step in steps:
    if "uses" in step:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
    # a value of the caller never becomes part of a script
    assert "${{" not in step.get("run", ""), step["run"]
named = set(re.findall(r"inputs\.([\w-]+)", open(".github/workflows/audit.yml").read()))
assert named == set(call["inputs"]), named ^ set(call["inputs"])
scripts = {s["name"]: s for s in steps if "run" in s}
assert list(scripts) == ["Set up", "Audit", "Annotate and decide"], list(scripts)
for name in ("Audit", "Annotate and decide"):
    open(work + "/" + name.split()[0].lower() + ".sh", "w").write(scripts[name]["run"])
    for value in scripts[name]["env"].values():
        assert re.fullmatch(r"\$\{\{ inputs\.[\w-]+ \}\}", value), value
EOF
check "the workflow parses, pins its actions and pastes nothing into scripts" $?

mkdir -p "$work/run/app/sub"
ln -s "$root" "$work/run/auditor"
printf 'services:\n  web:\n    image: example/web:latest\n    environment: ["LLM_BASE_URL=${LLM_BASE_URL}"]\n' >"$work/run/app/sub/docker-compose.yml"
step() { # SCRIPT: as the runner starts it
    (cd "$work/run" && GITHUB_STEP_SUMMARY=$work/step GITHUB_REPOSITORY=owner/app FOLDER=$folder APP_COMPOSE=$app_compose FAIL_ON=$fail_on \
        bash --noprofile --norc -eo pipefail "$work/$1.sh") >"$work/out" 2>"$work/err"
}
folder=sub app_compose='' fail_on=high
step audit
check "the audit step succeeds" $?
has "$work/step" '# Audit of `app`' && [ -s "$work/run/results/findings.sarif" ]
check "it leaves the report in the summary and the files" $?
has "$work/run/results/findings.sarif" '"sub/docker-compose.yml"'
check "places are named from the root of the repository" $?
step annotate
[ $? = 1 ] && grep -q '^::error file=sub/docker-compose.yml,line=3' "$work/out"
check "the last step annotates and fails the job" $?
fail_on=''
step annotate
check "without a threshold it only reports" $?
folder='sub; touch pwned' step annotate
[ ! -e "$work/run/pwned" ] && [ ! -e "$work/run/app/pwned" ]
check "a folder is no command" $?

# ---- the hook
python3 - "$work" <<'EOF' >&2
import re, shlex, sys, yaml
hook, = yaml.safe_load(open(".pre-commit-hooks.yaml"))
assert hook["id"] == "dstack-audit" and hook["language"] == "script" and hook["pass_filenames"] is False and hook["require_serial"] is True
files = re.compile(hook["files"])
for name in ("docker-compose.yml", "deploy/docker-compose.prod.yaml", "compose.yaml", "Dockerfile", "a/Dockerfile.dev", "app-compose.json",
             ".github/workflows/build.yml", ".env.example", "src/app.py", "src/app.mjs", "contracts/A.sol", "prelaunch.sh"):
    assert files.search(name), name
for name in ("README.md", "logo.png", "docs/guide.txt", "package-lock.json"):
    assert not files.search(name), name
open(sys.argv[1] + "/hook.sh", "w").write("exec " + shlex.quote(sys.argv[1] + "/run/auditor") + "/" + hook["entry"] + ' "$@"\n')
open(sys.argv[1] + "/hook.args", "w").write(" ".join(hook["args"]))
EOF
check "the hook parses and meets the files that decide what runs" $?
# shellcheck disable=SC2046 # arguments are words
(cd "$work/run/app" && bash "$work/hook.sh" $(cat "$work/hook.args")) >"$work/out" 2>&1
[ $? = 1 ] && has "$work/out" LLM_BASE_URL
check "the hook stops a commit with a critical finding" $?
printf 'services:\n  web:\n    image: example/web@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n' >"$work/run/app/sub/docker-compose.yml"
# shellcheck disable=SC2046
(cd "$work/run/app" && bash "$work/hook.sh" $(cat "$work/hook.args")) >"$work/out" 2>&1
check "and lets another one pass" $?
if command -v pre-commit >/dev/null 2>&1 && command -v git >/dev/null 2>&1; then
    pre-commit validate-manifest .pre-commit-hooks.yaml >"$work/out" 2>&1
    check "pre-commit accepts the manifest" $?
fi
