#!/usr/bin/env bash
# Builds the compiler and the runtime with the address and undefined behaviour
# sanitizers into build-sanitize/, and runs on them: lit and unit tests, each
# tenth of ONNX's tests, and the fuzzer of the importer.
#
#   sanitize.sh [SECONDS]   how long to fuzz (default: 60)
#
# The last line is the sum.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/dev/setup.sh libclang-rt-22-dev
build=build-sanitize
[ -f $build/build.ninja ] || cmake --preset sanitize >$build.log 2>&1 || { cat $build.log; exit 1; }
rm -f $build.log
ninja -C $build

# libMLIR is not instrumented: containers that cross its border look overrun.
export ASAN_OPTIONS=detect_container_overflow=0
# The code that these tools run once never frees its temporaries.
printf 'leak:nacre-tensor-oracle\nleak:nacre-kernel-run\n' >$build/leaks
export LSAN_OPTIONS=suppressions=$PWD/$build/leaks:print_suppressions=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
# What tests link with the runtime needs its sanitizers.
mkdir -p $build/cc
printf '#!/bin/sh\nexec clang-22 -fsanitize=address,undefined "$@"\n' >$build/cc/cc
chmod +x $build/cc/cc
export PATH=$PWD/$build/cc:$PATH
passed=0 failed=0
sum() { passed=$((passed + $1)) failed=$((failed + $2)); }

sum $(NACRE_BUILD=$build /usr/bin/python3 tools/dev/test.py lit unit | tee /dev/stderr |
  sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
sum $(/usr/bin/python3 test/conformance/run.py --build $build --every 10 | tee /dev/stderr |
  sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')

corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
mkdir "$corpus/seeds" "$corpus/found"
find /usr/share/libonnx-testdata/data -name '*.onnx' -size -64k | awk '{ print $0, NR }' |
  while read -r model number; do cp "$model" "$corpus/seeds/$number.onnx"; done
if $build/bin/nacre-fuzz-import -max_total_time="${1:-60}" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix=$build/ "$corpus/found" "$corpus/seeds" >"$corpus/log" 2>&1; then
  sum 1 0
else
  tail -n 50 "$corpus/log"
  sum 0 1
fi
grep '^Done' "$corpus/log" || true
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
