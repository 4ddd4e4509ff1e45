#!/usr/bin/env python3
"""Runs every test of a built tree and sums up: lit, unit tests, the runtime built
alone with gcc, checks of the tree itself, conformance, and whole models. Exits
with 1 if anything failed. `test.py lit` (or unit, runtime, ..., e2e) runs one."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NACRE_BUILD", ROOT / "build"))
LIT = "/usr/lib/llvm-22/bin/lit"


def run(command, **options):
    """The exit code and the output of a command; its output is shown on failure."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", **options)
    if done.returncode != 0:
        print(done.stdout[-20000:])
    return done.returncode, done.stdout


def lit():
    """Every folder named test/, through FileCheck and the built tools."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "lit.json"
        run([sys.executable, LIT, "-q", "-o", report, BUILD])
        codes = [test["code"] for test in json.loads(report.read_text())["tests"]]
    passed = sum(code in ("PASS", "XFAIL") for code in codes)
    return passed, len(codes) - passed


def gtest(program):
    code, output = run([program], cwd=BUILD)
    passed = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", output))
    failed = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", output))
    if code != 0 and failed == 0:
        failed = 1  # it crashed
    if code == 0 and passed == 0:
        failed = 1  # it ran nothing
    return passed, failed


def unit():
    """Every GoogleTest program of the build."""
    programs = sorted((BUILD / "bin").glob("nacre-*-test"))
    results = [gtest(program) for program in programs]
    return sum(p for p, _ in results), sum(f for _, f in results) + (not programs)


def runtime():
    """The runtime builds alone, with another compiler and without LLVM."""
    build = BUILD / "runtime-alone"
    for command in (["cmake", "-G", "Ninja", "-S", ROOT / "runtime", "-B", build, "-DCMAKE_C_COMPILER=gcc",
                     "-DCMAKE_CXX_COMPILER=g++", "-DCMAKE_BUILD_TYPE=Release"], ["ninja", "-C", build]):
        if run(command)[0] != 0:
            return 0, 1
    return 1, 0


def tree():
    """Layers, and documentation that has all its rows."""
    checks = sorted((ROOT / "tools/dev").glob("check-*.py"))
    failed = sum(run([sys.executable, check])[0] != 0 for check in checks)
    return len(checks) - failed, failed


def conformance():
    """ONNX's own tests against the list of what is known not to pass."""
    code, output = run([sys.executable, ROOT / "test/conformance/run.py", "--build", BUILD])
    found = re.search(r"^(\d+) passed, (\d+) failed", output, re.MULTILINE)
    if not found:
        return 0, 1
    print(output[-2000:])
    passed, failed = int(found[1]), int(found[2])
    return passed, max(failed, int(code != 0))


def dynamic():
    """ONNX's own tests with open dims, one binary for several shapes."""
    code, output = run([sys.executable, ROOT / "test/conformance/dynamic.py", "--build", BUILD])
    found = re.search(r"^(\d+) passed, (\d+) failed", output, re.MULTILINE)
    if not found:
        return 0, 1
    return int(found[1]), max(int(found[2]), int(code != 0))


def e2e():
    """Whole models against what their own implementations say; 77 means that the model is not there."""
    codes = [run([sys.executable, program, "--build", BUILD])[0] for program in sorted(ROOT.glob("test/e2e/*/run.py"))]
    return codes.count(0), sum(code not in (0, 77) for code in codes)


def fuzz():
    """Graphs made by chance, compiled code against the reference; the same ones each time, for a minute at most."""
    code, output = run([BUILD / "bin/nacre-fuzz-graph", "--seconds=60", "--count=200", f"--jobs={os.cpu_count()}"])
    print(output[-200:].strip().splitlines()[-1])
    return (1, 0) if code == 0 else (0, 1)


SUITES = {suite.__name__: suite for suite in (tree, lit, unit, runtime, conformance, dynamic, e2e, fuzz)}


def main():
    passed = failed = 0
    for name in sys.argv[1:] or SUITES:
        start = time.monotonic()
        ok, bad = SUITES[name]()
        print(f"{name}: {ok} passed, {bad} failed ({time.monotonic() - start:.0f} s)", flush=True)
        passed += ok
        failed += bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
