#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. The last line is the sum.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/dev/build.sh
exec python3 tools/dev/test.py "$@"
