#!/usr/bin/env bash
# bootstrap.sh on each platform: what it prints, what it runs, and that it runs nothing when nothing is missing.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
export LOG="$work/log"
unset CC PKG_CONFIG PKG_CONFIG_PATH
check() { if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1"; fi; }
has() { case $1 in *"$2"*) return 0 ;; *) return 1 ;; esac; }

# machine NAME PROGRAM...: a path with the shell's own needs and programs that only write down how they were called.
machine() {
    local name=$1 program
    shift
    mkdir -p "$work/$name"
    ln -sf "$(command -v sh)" "$work/$name/sh"
    for program in "$@"; do
        printf '#!/bin/sh\necho "%s $*" >>"$LOG"\n' "$program" >"$work/$name/$program"
        chmod +x "$work/$name/$program"
    done
}
user() { # NAME UID
    printf '#!/bin/sh\necho %s\n' "$2" >"$work/$1/id"
    chmod +x "$work/$1/id"
}
run() { # NAME ARGUMENTS...
    local name=$1
    shift
    : >"$LOG"
    out=$(PATH=$work/$name sh "$root/helper/tools/bootstrap.sh" "$@" 2>&1)
    status=$?
}

for manager in apt-get dnf pacman apk zypper brew nix-shell; do
    machine "$manager" "$manager"
    user "$manager" 1000
    run "$manager" build
    [ "$status" = 2 ] && has "$out" "$manager" && has "$out" pcre2 && { has "$out" libyaml || has "$out" yaml-dev; } && [ ! -s "$LOG" ] || [ "$manager" = brew ]
    check "$manager: without root or sudo the command and exit 2" $?
    run "$manager" --print test
    [ "$status" = 0 ] && has "$out" "$manager" && has "$out" cmocka
    check "$manager: the command for the tests" $?
done
run apt-get build
has "$out" "su -c 'apt-get update && apt-get install"
check "a user who is not root and has no sudo is told to become root" $?
machine none
user none 0
run none build
[ "$status" = 2 ] && has "$out" "no package manager" && has "$out" libpcre2-8
check "no package manager: what is missing and exit 2" $?

machine root apt-get
user root 0
run root build
[ "$status" = 2 ] && has "$(cat "$LOG")" "apt-get update" && has "$(cat "$LOG")" "install -y --no-install-recommends gcc" && has "$out" "still missing"
check "root installs, and what stays missing is an error" $?
machine sudoer apt-get sudo
user sudoer 1000
run sudoer build
[ "$status" = 2 ] && has "$(cat "$LOG")" "sudo -n true" && has "$(cat "$LOG")" "sudo apt-get update" && has "$(cat "$LOG")" "libcjson-dev"
check "sudo installs where it asks for no password" $?
run sudoer --print build
has "$out" "sudo apt-get update && sudo apt-get install" && [ ! -s "$LOG" ]
check "the command uses sudo where it is there, and printing it runs nothing" $?
machine full apt-get make cc pkg-config git node npm
user full 0
run full test
[ "$status" = 0 ] && [ -z "$out" ] && ! has "$(cat "$LOG")" apt-get
check "nothing missing: nothing is installed and nothing said" $?
run full e2e
[ "$status" = 0 ] && [ -z "$out" ]
check "nothing missing for the client" $?
