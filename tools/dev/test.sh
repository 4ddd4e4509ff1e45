#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. The last line is the sum.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools/dev/build.sh
# The system's Python: the packages that setup.sh installs are for it.
exec /usr/bin/python3 tools/dev/test.py "$@"
