#!/usr/bin/env python3
"""A trained language model, compiled, must tell the very story that its reference implementation tells.

    run.py [--build BUILD] [--models FOLDER] [--threads N]

Converts stories260K to ONNX, compiles it and decodes 256 steps greedily, with a cache that grows from 0 to 256.
Exits with 0 (told), 1 (told otherwise) or 77 (no model there, nothing tested)."""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path += [str(HERE), str(ROOT / "test/bench")]

import convert  # noqa: E402
import runtime  # noqa: E402
import story  # noqa: E402


def difference(got, expected):
    """Where two texts part, for people."""
    at = next((i for i, (a, b) in enumerate(zip(got, expected)) if a != b), min(len(got), len(expected)))
    return f"differs at byte {at}: {got[at:at + 40]!r} instead of {expected[at:at + 40]!r}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--models", type=pathlib.Path, default=ROOT / "../shared/models/stories260K")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if not (options.models / "stories260K.bin").exists():
        print(f"skipped: no stories260K.bin in {options.models}")
        return 77
    checkpoint = convert.Checkpoint(options.models / "stories260K.bin")
    tokens = story.read_tokens(options.models / "tok512.bin")
    expected = (options.models / "golden.txt").read_bytes().removesuffix(b"\n")

    with tempfile.TemporaryDirectory() as folder:
        source, artifact = pathlib.Path(folder) / "stories.onnx", pathlib.Path(folder) / "stories.so"
        source.write_bytes(convert.model(checkpoint).SerializeToString())
        subprocess.run([options.build / "bin/nacre", "compile", source, "-o", artifact], check=True)
        model = runtime.Model(runtime.find_library(options.build), artifact, options.threads)

    def step(*inputs):
        model.bind(inputs)()
        return model.results()

    start = time.perf_counter()
    got = story.tell(step, (checkpoint.layers, checkpoint.kv_heads, 0, checkpoint.head_dim), tokens)
    seconds = time.perf_counter() - start
    if got != expected:
        print(f"failed: the story {difference(got, expected)}")
        return 1
    print(f"passed: {len(got)} bytes of story in {seconds:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
