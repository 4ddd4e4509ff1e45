#!/usr/bin/env bash
# Installs what is missing and builds everything into build/.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/dev/setup.sh
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
[ -f build/build.ninja ] || cmake --preset default >build.log 2>&1 || { cat build.log; exit 1; }
rm -f build.log
ninja -C build "$@"
