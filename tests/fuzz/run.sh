#!/usr/bin/env bash
# Fuzzes one reader with libFuzzer (clang): tests/fuzz/run.sh NAME [SECONDS]
# Starts from tests/fuzz/corpus/NAME; what it finds stays in helper/build/fuzz/NAME. A crash is copied
# into the corpus under a telling name, and the unit test fuzz_corpus replays it from then on.
set -eu
cd "$(dirname "$0")/../.."
name=${1:?usage: tests/fuzz/run.sh NAME [SECONDS]} seconds=${2:-60}
build=helper/build/fuzz sanitize="address,undefined -fno-sanitize-recover=all -g"
make -s helper CC="${CC:-clang}" BUILD="$build" OPT=-O1 EXTRA="-fsanitize=fuzzer-no-link,$sanitize -DARENA_BLOCK_BYTES=16384"
objects=$(find "$build" -name '*.o' ! -name main.o)
mkdir -p "$build/$name"
# shellcheck disable=SC2046,SC2086 # options and object names are words
"${CC:-clang}" -std=c11 -D_DEFAULT_SOURCE -O1 -fsanitize=fuzzer,$sanitize -Ihelper -o "$build/fuzz_$name" \
    "tests/fuzz/fuzz_$name.c" $objects $(pkg-config --libs libpcre2-8 yaml-0.1 libcjson libcrypto)
# freed blocks are large: keeping few of them makes it ten times faster
ASAN_OPTIONS=quarantine_size_mb=4:malloc_context_size=3 exec "$build/fuzz_$name" -max_total_time="$seconds" -max_len=4096 -timeout=5 -rss_limit_mb=1024 \
    -artifact_prefix="$build/$name-" "$build/$name" "tests/fuzz/corpus/$name"
