#!/usr/bin/env bash
# Prints the path of one file of an npm package, for tests alone: fetched once by npm, checked against the
# checksum, kept in helper/build/npm.
#   npm_file.sh PACKAGE@VERSION SHA512-BASE64 FILE     exit 77 with the reason where it cannot be had
set -u
package=$1 sum=$2 file=$3
cd "$(dirname "$0")/../.." || exit 2
cache=$PWD/helper/build/npm/$(printf '%s' "$package" | tr -c 'A-Za-z0-9.\n' _)
unavailable() { echo "$1"; exit 77; }
if [ ! -f "$cache/package/$file" ]; then
    command -v npm >/dev/null 2>&1 || unavailable "npm is not installed"
    mkdir -p "$cache" || exit 2
    name=$(cd "$cache" && npm pack --silent "$package" 2>/dev/null | tail -n 1)
    [ -n "$name" ] && [ -f "$cache/$name" ] || unavailable "npm cannot fetch $package"
    got=$(openssl dgst -sha512 -binary "$cache/$name" | openssl base64 -A)
    [ "$got" = "$sum" ] || { rm -f "$cache/$name"; echo "$package is not what its checksum says"; exit 1; }
    tar -xzf "$cache/$name" -C "$cache" "package/$file" || exit 1
    rm -f "$cache/$name"
fi
printf '%s\n' "$cache/package/$file"
