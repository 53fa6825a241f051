#!/usr/bin/env bash
# A check that reads programs shows in two languages what it finds and what it spares, so that a rule that works in
# one language alone is noticed. Exempt are rules whose subject exists in one language only.
set -u
cd "$(dirname "$0")/../.." || exit 2
families="attestation verdicts red-flags development keys exposure logging flows records storage network secrets"
exempt() { # RULE: said with the reason
    case $1 in
    verifier-asserts) ;;                                    # only Python drops assert statements
    client-logs-urls) ;;                                    # httpx logs addresses at INFO; libraries elsewhere do not
    text-kept-unused) ;;                                    # only a dataclass tells its fields from what is sent whole
    evidence-error-saved | secret-on-command-line) ;;       # shell commands
    secret-in-compose | tls-off-in-command | tls-off-in-setting | names-led-elsewhere) ;;              # compose files and Dockerfiles
    third-party-script | centralised-frontend | plaintext-before-enclave) ;; # pages and functions of the web
    *) return 1 ;;
    esac
}
languages() { # of the paths read: how many languages
    sed -n 's/.*\.//; s/^[mc]*[jt]sx*$/js/; /^\(py\|js\|rs\|go\|sh\)$/p' | sort -u | wc -l
}
found_in() { cat tests/fixtures/"$1"/bad*.expect | cut -d' ' -f3 | sed 's/:[0-9]*:[0-9]*$//'; } # RULE
spared_in() { find tests/fixtures/"$1"/good*/ -type f; }                                      # RULE
single='' rules=0 idle=''
for family in $families; do
    # shellcheck disable=SC2013 # ids are words
    for rule in $(sed -n 's/^- id: *//p' "helper/rules/$family.yaml"); do
        rules=$((rules + 1))
        narrow=
        [ "$(found_in "$rule" | languages)" -ge 2 ] || narrow="$narrow $rule/bad"
        [ "$(spared_in "$rule" | languages)" -ge 2 ] || narrow="$narrow $rule/good"
        if exempt "$rule"; then
            [ -n "$narrow" ] || idle="$idle $rule"
        else
            single="$single$narrow"
        fi
    done
done
[ "$rules" -gt 80 ] && [ -z "$single" ] && echo "ok $rules rules over programs show two languages" || echo "not ok one language only:$single"
[ -z "$idle" ] && echo "ok every exemption is needed" || echo "not ok exempt, and not needed:$idle"
