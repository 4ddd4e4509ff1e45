#!/usr/bin/env python3
"""Makes the dims of ONNX's backend tests open and runs each with one binary at several shapes.

    dynamic.py [--build DIR] [--suite DIR] [--all] [--filter REGEX] [--cpu NAME]

Every input dim of n > 1 elements becomes the symbol "n<n>", so that dims that were equal stay equal; sizes of outputs are
forgotten. nacre verify --at then compares with the reference on random inputs: at the sizes that the test has, and at
others. A test listed in dynamic.txt has to agree at three shapes or more. --all shows what every test of the suite says:
it fails where the compiler does, and prints the names that dynamic.txt may list."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DEBIAN = pathlib.Path("/usr/share/libonnx-testdata/data")
FOLDERS = ["node", "simple", "pytorch-converted", "pytorch-operator"]
# New size of a dim of n elements, per run.
SHAPES = [lambda n: n, lambda n: n + 1, lambda n: 2 * n, lambda n: n + 6, lambda n: max(n - 1, 2)]
LARGEST = 128  # larger dims stay as they are
INT32, INT64 = 6, 7


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def fields(data):
    """Number, content (an integer, or bytes) and encoding of each field of a message."""
    at = 0
    while at < len(data):
        start = at
        key, at = read_varint(data, at)
        kind = key & 7
        if kind == 0:
            content, at = read_varint(data, at)
        elif kind == 2:
            size, at = read_varint(data, at)
            content, at = data[at:at + size], at + size
        else:
            size = 8 if kind == 1 else 4
            content, at = data[at:at + size], at + size
        yield key >> 3, content, data[start:at]


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def edit(data, path, change):
    """The message with every field at `path`, a list of field numbers, changed by a function; None drops it."""
    out = b""
    for number, content, encoded in fields(data):
        if number == path[0]:
            content = change(content) if len(path) == 1 else edit(content, path[1:], change)
            encoded = b"" if content is None else field(number, content)
        out += encoded
    return out


def get(data, *path):
    """The content of every field at `path`."""
    if not path:
        return [data]
    return [found for number, content, _ in fields(data) if number == path[0] for found in get(content, *path[1:])]


def open_dim(dim):
    for size in get(dim, 1):
        if 1 < size <= LARGEST:
            return field(2, f"n{size}".encode())
    return dim


DIMS = [2, 1, 2, 1]  # of a ValueInfoProto: type, tensor_type, shape, dim


def open_input(value, constants):
    is_list = len(get(value, *DIMS)) == 1 and get(value, 2, 1, 1)[:1] in ([INT32], [INT64])
    # What initializers give is no input; a list of integers says sizes or axes, its length is part of the model.
    if get(value, 1)[0] in constants or is_list:
        return value
    return edit(value, DIMS, open_dim)


def open_model(model):
    """The bytes of a ModelProto whose inputs have open dims."""
    graph = get(model, 7)[0]
    constants = set(get(graph, 5, 8))
    graph = edit(graph, [11], lambda value: open_input(value, constants))
    graph = edit(graph, [12], lambda value: edit(value, DIMS, lambda dim: b""))
    graph = edit(graph, [13], lambda value: None)
    return edit(model, [7], lambda old: graph)


def make(suite, folder, wanted):
    """Open models of the suite's tests, a folder for each."""
    names = []
    for path in sorted(path for folder in FOLDERS for path in suite.glob(f"{folder}/*/model.onnx")):
        name = f"{path.parts[-3]}/{path.parts[-2]}"
        if (wanted and name not in wanted) or path.stat().st_size > 1 << 20:
            continue
        opened = open_model(path.read_bytes())
        if any(get(dim, 2) for value in get(opened, 7, 11) for dim in get(value, *DIMS)):
            (folder / name).mkdir(parents=True)
            (folder / name / "model.onnx").write_bytes(opened)
            names.append(name)
    return names


def verify(nacre, folder, extra):
    command = [nacre, "verify", folder, "--timeout", "60", "--json", folder / "report.json", *extra]
    for shape in SHAPES:
        command += ["--at", ",".join(f"n{n}={shape(n)}" for n in range(2, LARGEST + 1))]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode not in (0, 1) or "passed" not in done.stdout:
        sys.exit(f"nacre verify ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return json.loads((folder / "report.json").read_text())["tests"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--suite", type=pathlib.Path, default=pathlib.Path(os.environ.get("NACRE_SUITE") or DEBIAN))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--filter", default="")
    parser.add_argument("--cpu", help="processor to compile for")
    options = parser.parse_args()
    listed = (HERE / "dynamic.txt").read_text().split()
    with tempfile.TemporaryDirectory() as folder:
        names = make(options.suite, pathlib.Path(folder), [] if options.all else listed)
        extra = ["--filter", options.filter] if options.filter else []
        extra += ["--cpu", options.cpu] if options.cpu else []
        tests = verify(options.build / "bin/nacre", pathlib.Path(folder), extra)
    failed = 0
    for test in tests:
        agrees = test["status"] == "passed" and test["runs"] >= 3
        # Of those not listed, random operators differ and some rules want sizes that are known.
        bad = test.get("category") in ("compiler", "crash", "timeout") if options.all else not agrees
        if bad:
            print(f"{test['name']}: {test.get('category', '')} after {test['runs']} runs: {test.get('detail', '')[:1000]}")
        elif options.all and agrees:
            print(test["name"])
        failed += bad
    if not options.all and len(names) < 40:
        print(f"only {len(names)} of the tests in dynamic.txt are in {options.suite}; expected 40")
        failed += 1
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
