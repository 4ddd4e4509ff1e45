#!/usr/bin/env python3
"""Runs every test of a built tree and sums up: lit, unit tests, the runtime built
alone with gcc, checks of the tree itself, conformance, whole models, random
graphs, and much of this again in a build with sanitizers. Exits with 1 if anything
failed. `test.py lit` (or unit, runtime, ..., sanitize) runs one.
NACRE_FUZZ_SECONDS (default: 60) is how long each fuzzer runs."""
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
SECONDS = int(os.environ.get("NACRE_FUZZ_SECONDS", 60))
SEEDS = pathlib.Path("/usr/share/libonnx-testdata/data")
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


def summed(command, **options):
    """What a program passes and fails that says so in a line of its own."""
    code, output = run(command, **options)
    found = re.search(r"^(\d+) passed, (\d+) failed", output, re.MULTILINE)
    if not found:
        return 0, 1, output
    return int(found[1]), max(int(found[2]), int(code != 0)), output


def conformance(*options):
    """ONNX's own tests against the list of what is known not to pass."""
    passed, failed, output = summed([sys.executable, ROOT / "test/conformance/run.py", "--build", BUILD, *options])
    print(output[-2000:])
    return passed, failed


def tenth():
    """Each tenth of these."""
    return conformance("--every", "10")


def device():
    """A tenth of ONNX's node tests on each device of this machine beside the host, against the list of its target."""
    listed = subprocess.run([BUILD / "bin/nacre", "targets"], stdout=subprocess.PIPE, text=True).stdout
    passed = failed = 0
    for name, state in re.findall(r"^(\w+): (?:.*\n  )+?on this machine: (.*)", listed, re.MULTILINE)[1:]:
        if state.startswith("none"):
            print(f"{name}: {state}; not tested")
            continue
        good, bad = conformance("--target", name, "--every", "10")
        passed, failed = passed + good, failed + bad
    return passed, failed


def dynamic():
    """ONNX's own tests with open dims, one binary for several shapes."""
    return summed([sys.executable, ROOT / "test/conformance/dynamic.py", "--build", BUILD])[:2]


def e2e():
    """Whole models against what their own implementations say; 77 means that the model is not there."""
    codes = [run([sys.executable, program, "--build", BUILD])[0] for program in sorted(ROOT.glob("test/e2e/*/run.py"))]
    return codes.count(0), sum(code not in (0, 77) for code in codes)


def fuzz():
    """Graphs made by chance, compiled code against the reference; the same ones each time."""
    code, output = run([BUILD / "bin/nacre-fuzz-graph", f"--seconds={SECONDS}", f"--count={200 * SECONDS // 60}",
                        f"--jobs={os.cpu_count()}"])
    print(*output[-200:].splitlines()[-1:])
    return (1, 0) if code == 0 else (0, 1)


def models():
    """ONNX's models, changed by chance, through the importer. A model that breaks it stays in the build's folder."""
    with tempfile.TemporaryDirectory() as folder:
        found, seeds = pathlib.Path(folder) / "found", pathlib.Path(folder) / "seeds"
        found.mkdir()
        seeds.mkdir()
        for number, model in enumerate(sorted(SEEDS.rglob("*.onnx"))):
            if model.stat().st_size < 1 << 16:
                (seeds / f"{number}.onnx").symlink_to(model)
        code, output = run([BUILD / "bin/nacre-fuzz-import", f"-max_total_time={SECONDS}", "-timeout=10",
                            "-rss_limit_mb=2048", "-max_len=65536", f"-artifact_prefix={BUILD}/", found, seeds])
    print(*re.findall("^Done .*", output, re.MULTILINE))
    return (1, 0) if code == 0 else (0, 1)


def sanitizers(build):
    """The environment in which what the preset `sanitize` built is run."""
    # What tests link with the runtime needs its sanitizers.
    compiler = build / "cc/cc"
    compiler.parent.mkdir(exist_ok=True)
    compiler.write_text('#!/bin/sh\nexec clang-22 -fsanitize=address,undefined "$@"\n')
    compiler.chmod(0o755)
    # The code that these run once never frees its temporaries.
    (build / "leaks").write_text("leak:nacre-tensor-oracle\nleak:nacre-kernel-run\n")
    return {**os.environ, "NACRE_BUILD": str(build), "PATH": f"{compiler.parent}:{os.environ['PATH']}",
            # LLVM is not instrumented: containers and allocators that cross its border look overrun.
            "ASAN_OPTIONS": "detect_container_overflow=0:allow_user_poisoning=0",
            "LSAN_OPTIONS": f"suppressions={build}/leaks:print_suppressions=0",
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
            # Programs of the test that compares shapes by chance: a tenth too.
            "NACRE_TEST_PROGRAMS": "100"}


def sanitize():
    """The compiler and the runtime with the address and undefined behaviour sanitizers, built and tested."""
    build = ROOT / "build-sanitize"
    for command in ([ROOT / "tools/dev/setup.sh", "libclang-rt-22-dev"], ["cmake", "--preset", "sanitize"],
                    ["ninja", "-C", build]):
        if run(command, cwd=ROOT)[0] != 0:
            return 0, 1
    # The last line, which sums up.
    done = subprocess.run([sys.executable, __file__, "lit", "unit", "tenth", "fuzz", "models"], text=True,
                          env=sanitizers(build), stdout=subprocess.PIPE)
    print(done.stdout)
    passed, failed = re.findall(r"^(\d+) passed, (\d+) failed", done.stdout, re.MULTILINE)[-1]
    return int(passed), int(failed)


SUITES = {suite.__name__: suite
          for suite in (tree, lit, unit, runtime, conformance, dynamic, device, e2e, fuzz, sanitize)}
# What `sanitize` runs instead of all of it.
PARTS = {suite.__name__: suite for suite in (tenth, models)}


def main():
    passed = failed = 0
    for name in sys.argv[1:] or SUITES:
        start = time.monotonic()
        ok, bad = {**SUITES, **PARTS}[name]()
        print(f"{name}: {ok} passed, {bad} failed ({time.monotonic() - start:.0f} s)", flush=True)
        passed += ok
        failed += bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
