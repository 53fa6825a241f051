#!/usr/bin/env bash
# Builds the plugin zip with a static helper for Linux on x86-64 and arm64, which needs no library.
#   dist.sh [OUTPUT-FOLDER]      default: dist
# Runs on Debian or Ubuntu as root: it installs the cross compiler and the static libraries of both
# architectures. cJSON ships no static library there and is compiled from the distribution's source package.
set -eu
cd "$(dirname "$0")/../.."
out=${1:-dist}
version=$(sed -n 's/^#define VERSION "\(.*\)"/\1/p' helper/base/version.h)

command -v apt-get >/dev/null 2>&1 || { echo "dist: needs Debian or Ubuntu (apt-get)" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "dist: needs root, to install packages of two architectures" >&2; exit 2; }
[ -z "$(git status --porcelain)" ] || { echo "dist: commit first: the zip holds what is committed" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

prepare() {
    local native other
    native=$(dpkg --print-architecture)
    case $native in amd64) other=arm64 ;; arm64) other=amd64 ;; *) echo "dist: not on $native" >&2; exit 2 ;; esac
    dpkg --add-architecture "$other"
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends gcc make pkg-config patch xz-utils git \
        "gcc-$(triple_of "$other")" "libc6-dev-$other-cross" \
        libc6-dev {libpcre2-dev,libyaml-dev,libssl-dev,libcjson-dev} {libpcre2-dev,libyaml-dev,libssl-dev}:"$other" >/dev/null
}

triple_of() { case $1 in amd64) echo x86-64-linux-gnu ;; arm64) echo aarch64-linux-gnu ;; esac; } # as in package names

# cJSON with the distribution's patches, in $work/cjson.
fetch_cjson() {
    mkdir -p "$work/apt/parts" "$work/apt/lists/partial" "$work/source" "$work/cjson"
    : >"$work/apt/list"
    for file in /etc/apt/sources.list.d/*.sources; do
        [ ! -f "$file" ] || sed 's/^Types: deb$/Types: deb-src/' "$file" >"$work/apt/parts/$(basename "$file")"
    done
    [ ! -f /etc/apt/sources.list ] || sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$work/apt/list"
    set -- -o "Dir::Etc::sourceparts=$work/apt/parts" -o "Dir::Etc::sourcelist=$work/apt/list" -o "Dir::State::lists=$work/apt/lists" -o APT::Sandbox::User=root
    apt-get "$@" -qq update
    (cd "$work/source" && apt-get "$@" -qq source --download-only cjson)
    tar xzf "$work"/source/cjson_*.orig.tar.gz -C "$work/cjson" --strip-components 1
    tar xJf "$work"/source/cjson_*.debian.tar.xz -C "$work/cjson"
    while read -r name; do
        case $name in '' | '#'*) continue ;; esac
        patch -s -p1 -d "$work/cjson" <"$work/cjson/debian/patches/$name"
    done <"$work/cjson/debian/patches/series"
    mkdir -p "$work/include/cjson"
    cp "$work/cjson/cJSON.h" "$work/include/cjson/"
}

# build ARCHITECTURE NAME: helper/prebuilt/NAME/dstack-audit
build() {
    local triple cc libs=/usr/lib/$2-linux-gnu
    triple=$2-linux-gnu
    cc=$triple-gcc
    "$cc" -O2 -I"$work/cjson" -c "$work/cjson/cJSON.c" -o "$work/cjson-$1.o"
    make -s -j2 helper BUILD="$work/build-$1" CC="$cc" LDFLAGS="-static -s" \
        INCLUDES="-I$work/include" \
        LIBS="$work/cjson-$1.o $libs/libpcre2-8.a $libs/libyaml.a $libs/libcrypto.a -lm -lpthread"
    mkdir -p "$work/tree/helper/prebuilt/linux-$2"
    cp "$work/build-$1/dstack-audit" "$work/tree/helper/prebuilt/linux-$2/dstack-audit"
}

prepare
fetch_cjson
build amd64 x86_64
build arm64 aarch64
# The one of this machine must run and say what it is.
[ "$("$work/tree/helper/prebuilt/linux-$(uname -m)/dstack-audit" --version)" = "dstack-audit $version" ] || { echo "dist: the static helper does not run" >&2; exit 1; }
(cd "$work/tree/helper/prebuilt" && sha256sum linux-*/dstack-audit >SHA256SUMS)
mkdir -p "$out"
name=$(cd "$out" && pwd)/dstack-audit-$version.zip
git archive --format=zip -o "$name" --prefix=dstack-audit/helper/prebuilt/ --add-file="$work/tree/helper/prebuilt/SHA256SUMS" \
    --prefix=dstack-audit/helper/prebuilt/linux-x86_64/ --add-file="$work/tree/helper/prebuilt/linux-x86_64/dstack-audit" \
    --prefix=dstack-audit/helper/prebuilt/linux-aarch64/ --add-file="$work/tree/helper/prebuilt/linux-aarch64/dstack-audit" \
    --prefix=dstack-audit/ HEAD
echo "$name"
