#!/usr/bin/env bash
# The plugin's texts, as far as they can be judged without the client: what it expands, links, grants and loads.
set -u
cd "$(dirname "$0")/../.." || exit 2
skill=skills/dstack-audit
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }
front() { awk 'NR == 1 { next } /^---$/ { exit } { print }' "$1"; }

# `$1` is the second argument to the client, {{…}} is nothing, and !`…` would run before anybody can look.
! grep -nE '\$[0-9]|\{\{|!`' commands/audit.md $skill/SKILL.md
check "no placeholder that the client reads another way" $?
front commands/audit.md | grep -q '^name: audit$' && front commands/audit.md | grep -q '^disable-model-invocation: true$'
check "the command answers to /audit and is left to the user" $?
[ "$(front commands/audit.md | grep -c '^  - Bash(.*/skills/dstack-audit/scripts/audit-checks.sh"* \*)$')" = 4 ] &&
    [ "$(front commands/audit.md | grep -c '^  - Bash')" = 4 ] && [ "$(front commands/audit.md | grep -cE '^  - (Edit|Write)')" = 1 ] &&
    front commands/audit.md | grep -qx '  - Edit(./DSTACK-AUDIT-REPORT.md)'
check "the command grants the scanner and the one report, no more" $?
[ "$(wc -l <commands/audit.md)" -le 50 ]
check "the command is thin" $?
! front $skill/SKILL.md | grep -q 'allowed-tools'
check "the skill grants nothing" $?
description=$(front $skill/SKILL.md | sed -n 's/^description: "\(.*\)"$/\1/p')
[ -n "$description" ] && [ "${#description}" -le 1024 ]
check "the skill's description fits" $?
for words in "audit a dstack app" "audit a TEE application" "check for operator exfiltration" "verify attestation binding"; do
    case $description in *"$words"*) ;; *) echo "not ok the description says: $words" ;; esac
done
[ "$(wc -c <$skill/SKILL.md)" -le 10000 ]
check "the skill is short" $?
for file in $skill/references/*.md; do
    grep -qF "(references/${file##*/})" $skill/SKILL.md || echo "not ok the skill links ${file##*/}"
    ! grep -nE '\]\([^)#]*\.md' "$file" || echo "not ok ${file##*/} links further references"
    [ "$(wc -l <"$file")" -le 100 ] || head -20 "$file" | grep -q '^Contents: ' || echo "not ok ${file##*/} is long and has no contents"
done
broken=$(grep -ohE '\]\([^)]+\)' $skill/SKILL.md README.md helper/README.md | sed 's/^](\(.*\))$/\1/' | sort -u | while IFS= read -r link; do
    case $link in http*) continue ;; esac
    [ -e "$link" ] || [ -e "$skill/$link" ] || [ -e "helper/$link" ] || echo "$link"
done)
[ -z "$broken" ]
check "links lead somewhere${broken:+: $broken}" $?
# Width and height stand in bytes 17 to 24 of a PNG.
size=$(od -An -tu1 -j16 -N8 .claude-plugin/icon.png | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }')
[ "${size% *}" = "${size#* }" ] && [ "${size% *}" -ge 512 ] && [ -s .claude-plugin/icon.svg ]
check "the icon is square and large enough, its source kept" $?
for script in $skill/scripts/audit-checks.sh helper/tools/bootstrap.sh helper/tools/dist.sh; do
    [ -x "$script" ] || echo "not ok $script can be run"
done
known=$(sed -n '/^scan | /p' $skill/scripts/audit-checks.sh)
for command in $(sed -n 's/^    {"\([a-z]*\)", .*, command_[a-z]*},$/\1/p' helper/main.c); do
    case " $known" in *" $command "* | *" $command)") ;; *) echo "not ok the script knows the command $command" ;; esac
done
flags=$(sed -n '/^takes_value/,/^}/p' $skill/scripts/audit-checks.sh)
for flag in $(grep -o '"--[a-z-]*", OPT_[A-Z_]*, false' helper/options.c | cut -d'"' -f2); do
    case $flag:$flags in --help:* | --version:* | *" $flag "*) ;; *) echo "not ok the script knows that $flag takes no value" ;; esac
done
[ -n "$known" ] && [ -n "$flags" ]
check "the script and the helper know the same words" $?
! grep -nE 'readlink -f|realpath|sed -i|grep -P|xargs -r|stat -c|date -d|mktemp --|cp -a|sort -V|mapfile|readarray|declare -A|\$\{[a-z_]+(,,|\^\^)|&>>|\|&' $skill/scripts/audit-checks.sh helper/tools/bootstrap.sh
check "the script keeps to what bash 3.2 and macOS have" $?
