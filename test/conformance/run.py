#!/usr/bin/env python3
"""Runs ONNX's backend tests through compiled code and compares with status.txt.

    run.py [--build DIR] [--suite DIR] [--filter REGEX] [--every N] [--target T] [--update]

status.txt is a ratchet: it lists what does not pass, in which suite and why. A test that fails and is not listed, and
one that is listed and passes, both count as failed here. --update writes what the suite at hand says into the list.
With --target only node/ runs, for that target; codegen/T/test/conformance.txt lists what does not pass beyond status.txt.

The suite is --suite, or $NACRE_SUITE ("newest" in the list), or ONNX 1.12's, which Debian packages (libonnx-testdata,
"1.12"): a folder with node/, simple/, ... in ONNX's layout. Folders bad/ (malformed models), ort_models/ and
contrib_gen/ (models of ONNX Runtime and its own ops) in it, with indices of what is expected, are run too."""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
STATUS = HERE / "status.txt"
DEBIAN = pathlib.Path("/usr/share/libonnx-testdata/data")
FOLDERS = ["node", "simple", "pytorch-converted", "pytorch-operator", "bad", "ort_models", "contrib_gen"]
HEADER = """# What does not pass of ONNX's backend tests, one a line: name, suites, kind, reason.
# Kept by run.py --update; every test that is not listed passes.
"""


def read_status(path):
    """Per test: the suites in which it does not pass, the kind of failure, the reason."""
    entries = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        if line and not line.startswith("#"):
            name, suites, kind, reason = (line.split(None, 3) + [""])[:4]
            entries[name] = (set(suites.split(",")), kind, reason)
    return entries


def write_status(path, entries):
    width = max((len(name) for name in entries), default=0)
    lines = [f"{name:{width}}  {','.join(sorted(suites)):11}  {kind:11}  {reason}".rstrip()
             for name, (suites, kind, reason) in sorted(entries.items()) if suites]
    path.write_text(HEADER + "\n".join(lines) + "\n")


def update(path, results, suite):
    status = read_status(path)
    for name, test in results.items():
        suites, kind, reason = status.get(name, (set(), "", ""))
        if test["status"] == "passed":
            status[name] = (suites - {suite}, kind, reason)
        else:
            status[name] = (suites | {suite}, test["category"], reason_of(test))
    write_status(path, status)


def prepare_bad(folder, copy):
    """A copy with the links and pipes that an archive cannot hold."""
    shutil.copytree(folder, copy, symlinks=True)
    for entry in json.loads((folder / "index.json").read_text())["files"]:
        setup, where = entry.get("setup", {}), copy / pathlib.Path(entry["file"]).parent
        for name, target in setup.get("symlinks", {}).items():
            (where / name).symlink_to(target)
        for name, size in setup.get("files_outside", {}).items():
            (where / name).write_bytes(bytes(size))
        for name in setup.get("fifos", []):
            os.mkfifo(where / name)


def verify(nacre, folder, arguments):
    """The results of one folder, by "folder/test"."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        done = subprocess.run([nacre, "verify", folder, "--json", report.name, "--timeout", "60", *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        if "holds no test" in done.stdout:
            return {}
        if done.returncode not in (0, 1) or "passed" not in done.stdout:
            sys.exit(f"nacre verify {folder} ended with {done.returncode}:\n{done.stdout[-2000:]}")
        tests = json.loads(pathlib.Path(report.name).read_text())["tests"]
    return {f"{folder.name}/{test['name']}": test for test in tests}


def reason_of(test):
    """The first line that says why, without what differs between machines."""
    line = test.get("detail", "").split("\n")[0]
    line = re.sub(r"^\S*?\.onnx: error: ", "", line)
    return re.sub(r"/\S*/", "", line)[:160]


def run_suite(nacre, suite, folders, arguments):
    results = {}
    for name in folders:
        folder = suite / name
        if name == "bad" and folder.is_dir():
            with tempfile.TemporaryDirectory() as temporary:
                copy = pathlib.Path(temporary) / "bad"
                prepare_bad(folder, copy)
                results.update(verify(nacre, copy, [*arguments, "--memory", "2048"]))
        elif folder.is_dir():
            results.update(verify(nacre, folder, arguments))
    return results


def compare(results, status, suite):
    """Prints what is not as listed; returns how many results are, and are not."""
    unexpected = 0
    for name, test in sorted(results.items()):
        suites, kind, reason = status.get(name, (set(), "", ""))
        listed, passed = suite in suites, test["status"] == "passed"
        if passed and listed:
            print(f"{name}: passes, but it is listed ({kind}: {reason}); remove {suite} there")
        elif not passed and not listed:
            print(f"{name}: {test['category']}: {test.get('detail', '')}")
        unexpected += passed == listed
    return len(results) - unexpected, unexpected


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--suite", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("NACRE_SUITE") or DEBIAN))
    parser.add_argument("--filter", default="")
    parser.add_argument("--every", type=int, default=1, help="run each N-th test only")
    parser.add_argument("--target", help="of 'nacre targets'; default: the host")
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    if not options.suite.is_dir():
        sys.exit(f"{options.suite} is no folder; install libonnx-testdata or set NACRE_SUITE")
    arguments = ["--index", HERE / "index.json"]
    arguments += ["--filter", options.filter] if options.filter else []
    arguments += ["--every", str(options.every)] if options.every > 1 else []
    arguments += ["--target", options.target] if options.target else []
    results = run_suite(options.build / "bin/nacre", options.suite, ["node"] if options.target else FOLDERS, arguments)
    if not results:
        sys.exit(f"{options.suite} holds no tests")
    suite = "1.12" if options.suite == DEBIAN else "newest"
    status = read_status(STATUS)
    known = STATUS
    if options.target:
        # What fails on the host, too, is listed there.
        known = ROOT / "codegen" / options.target / "test/conformance.txt"
        results = {name: test for name, test in results.items() if suite not in status.get(name, (set(),))[0]}
        status = read_status(known)
    if options.update:
        update(known, results, suite)
        status = read_status(known)
    good = sum(test["status"] == "passed" for test in results.values())
    print(f"{good} of {len(results)} tests pass ({100 * good / len(results):.1f} %)")
    as_listed, unexpected = compare(results, status, suite)
    print(f"{as_listed} passed, {unexpected} failed")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
