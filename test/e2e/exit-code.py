#!/usr/bin/env python3
"""exit-code.py N COMMAND...: runs the command; fails unless it ends with N. Its output is passed on."""
import subprocess
import sys

code = subprocess.run(sys.argv[2:], check=False).returncode
if code != int(sys.argv[1]):
    sys.exit(f"exit code {code}, expected {sys.argv[1]}: {' '.join(sys.argv[2:])}")
