#!/usr/bin/env bash
# The seven requirements of ERC-733: broken by findings, met by what the repository shows, else unknown.
set -u
cd "$(dirname "$0")/../.." || exit 2
helper=${DSTACK_AUDIT_HELPER:?}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }
scan() { "$helper" scan --format json "$work/app" | tr -d '\t\n' >"$work/out"; }
is() { # ID STATUS: and, where given, a piece of its evidence
    local row
    row=$(sed -n 's/^.*\({"id":"'"$1"'",[^}]*}\).*$/\1/p' "$work/out")
    case $row in *"\"status\":\"$2\""*"${3:-}"*) return 0 ;; esac
    echo "$1 is: $row" >&2
    return 1
}
digest=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

# ---- nothing shown, nothing broken
mkdir -p "$work/app"
printf 'services:\n  web:\n    image: example/web@%s\n' "$digest" >"$work/app/docker-compose.yml"
scan
fine=0
for id in E1 E2 E3 E4 E5 E6 E7; do is $id unknown '"evidence":[]' || fine=1; done
check "a compose alone shows none of the seven" $fine

# ---- what shows E1, E2, E3, E5
mkdir -p "$work/app/contracts" "$work/app/.github/workflows"
echo 'Apache License' >"$work/app/LICENSE"
printf 'FROM python:3.12@%s\nCOPY app.py /app.py\nCMD ["python", "/app.py"]\n' "$digest" >"$work/app/Dockerfile"
echo 'print("hello")' >"$work/app/app.py"
cat >"$work/app/deploy.sh" <<'EOF'
#!/bin/sh
phala deploy -n web -c docker-compose.yml --kms base --private-key "$KEY"
EOF
cat >"$work/app/build-image.sh" <<'EOF'
#!/bin/sh
set -eu
docker buildx build --no-cache --provenance=false --build-arg SOURCE_DATE_EPOCH=0 --output type=oci,dest=web.tar,rewrite-timestamp=true --tag example/web .
EOF
cat >"$work/app/contracts/AppAuth.sol" <<'EOF'
contract AppAuth {
    uint256 public constant NOTICE_PERIOD = 7 days;
    mapping(bytes32 => uint256) public activeFrom;

    function addComposeHash(bytes32 composeHash) external onlyOwner {
        activeFrom[composeHash] = block.timestamp + NOTICE_PERIOD;
    }
}
EOF
scan
is E1 met deploy.sh:2
check "a deployment on chain shows E1" $?
is E2 met LICENSE:1 && is E2 met Dockerfile:1
check "a licence and the source of every service show E2" $?
is E3 met build-image.sh:3
check "a build with fixed times on pinned bases shows E3" $?
is E5 met contracts/AppAuth.sol:2
check "a contract that makes code wait shows E5" $?
is E4 unknown && is E6 unknown && is E7 unknown
check "no file shows E4, E6, E7" $?

# ---- a rebuild needs a digest to be compared with
printf 'services:\n  web:\n    image: example/web@sha256:FILLED_IN_LATER\n' >"$work/app/docker-compose.yml"
scan
is E3 unknown
check "a digest that is none leaves E3 unmet" $?
printf 'services:\n  web:\n    image: example/web@%s\n' "$digest" >"$work/app/docker-compose.yml"

# ---- each falls with what showed it
rm "$work/app/LICENSE"
sed 's/7 days/7 minutes/' "$work/app/contracts/AppAuth.sol" >"$work/sol" && mv "$work/sol" "$work/app/contracts/AppAuth.sol"
echo 'phala deploy -n web -c docker-compose.yml' >>"$work/app/deploy.sh"
printf 'FROM python:3.12\nCOPY app.py /app.py\n' >"$work/app/Dockerfile"
scan
is E1 not-met && is E2 unknown && is E3 not-met && is E5 not-met
check "findings break them, and a missing licence leaves E2 unknown" $?
printf 'services:\n  web:\n    image: example/web@%s\n    environment:\n      - SIGNING_KEY=${SIGNING_KEY}\n' "$digest" >"$work/app/docker-compose.yml"
scan
is E4 not-met
check "a key from the operator breaks E4" $?
