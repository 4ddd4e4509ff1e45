#!/usr/bin/env python3
"""Runs ONNX's backend tests through compiled code and compares with status.txt.

    run.py [--build DIR] [--suite DIR] [--filter REGEX] [--update]

status.txt is a ratchet: it lists what does not pass, each with its reason. A test that fails and is not listed, and
one that is listed and passes, both count as failed here. --update writes the list anew, for the suite at hand.

The suite is --suite, or $NACRE_SUITE, or the one that Debian packages (libonnx-testdata): a folder with node/,
simple/, ... in ONNX's layout. A folder bad/ in it (malformed models, with an index of what is to be refused) is run
too."""
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
FOLDERS = ["node", "simple", "pytorch-converted", "pytorch-operator", "bad"]
HEADER = """# What does not pass of ONNX's backend tests, one a line: name, kind, reason.
# Kept by run.py --update; every test that is not listed passes.
"""


def read_status():
    entries = {}
    for line in STATUS.read_text().splitlines() if STATUS.exists() else []:
        if line and not line.startswith("#"):
            name, kind, reason = (line.split(None, 2) + ["", ""])[:3]
            entries[name] = (kind, reason)
    return entries


def write_status(entries):
    width = max((len(name) for name in entries), default=0)
    lines = [f"{name:{width}}  {kind:11}  {reason}".rstrip() for name, (kind, reason) in sorted(entries.items())]
    STATUS.write_text(HEADER + "\n".join(lines) + "\n")


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


def run_suite(nacre, suite, arguments):
    results = {}
    for name in FOLDERS:
        folder = suite / name
        if name == "bad" and folder.is_dir():
            with tempfile.TemporaryDirectory() as temporary:
                copy = pathlib.Path(temporary) / "bad"
                prepare_bad(folder, copy)
                results.update(verify(nacre, copy, [*arguments, "--memory", "2048"]))
        elif folder.is_dir():
            results.update(verify(nacre, folder, arguments))
    return results


def compare(results, status):
    """Prints what is not as listed; returns how many results are, and are not."""
    unexpected = 0
    for name, test in sorted(results.items()):
        listed, passed = name in status, test["status"] == "passed"
        if passed and listed:
            print(f"{name}: passes, but status.txt lists it ({' '.join(status[name])}); remove it there")
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
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    if not options.suite.is_dir():
        sys.exit(f"{options.suite} is no folder; install libonnx-testdata or set NACRE_SUITE")
    arguments = ["--filter", options.filter] if options.filter else []
    results = run_suite(options.build / "bin/nacre", options.suite, arguments)
    if not results:
        sys.exit(f"{options.suite} holds no tests")
    status = read_status()
    if options.update:
        status.update({name: (test["category"], reason_of(test)) for name, test in results.items()
                       if test["status"] != "passed"})
        passed = {name for name, test in results.items() if test["status"] == "passed"}
        status = {name: entry for name, entry in status.items() if name not in passed}
        write_status(status)
    good = sum(test["status"] == "passed" for test in results.values())
    print(f"{good} of {len(results)} tests pass ({100 * good / len(results):.1f} %)")
    as_listed, unexpected = compare(results, status)
    print(f"{as_listed} passed, {unexpected} failed")
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
