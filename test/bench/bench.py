#!/usr/bin/env python3
"""Times compiled models against ONNX Runtime in the same process, in turns.

    bench.py MODEL.onnx[@DIM=VALUE,...] ... [--threads 1,2] [--seconds 2] [--json FILE] [--profile]

Per model and thread count: median of each, their ratio (below 1: faster than ONNX Runtime), the greatest
difference of the outputs relative to their scale, compile time, artifact size and load time. Needs the PyPI
packages onnxruntime and numpy; a model's inputs are random (floats standard normal, integers 0 or 1)."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnxruntime

import runtime

TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8,
         "tensor(int8)": np.int8, "tensor(bool)": np.bool_, "tensor(double)": np.float64, "tensor(float16)": np.float16}


def feeds_of(session, dims, defaults):
    random = np.random.default_rng(7)
    feeds = {}
    for value in session.get_inputs():
        shape = []
        for axis, dim in enumerate(value.shape):
            fixed = dims.get(f"{value.name}[{axis}]", dims.get(str(dim)))
            shape.append(dim if isinstance(dim, int) and dim > 0 else int(fixed) if fixed else defaults.get(axis, 1))
        dtype = TYPES[value.type]
        array = random.standard_normal(shape) if np.issubdtype(dtype, np.floating) else random.integers(0, 2, shape)
        feeds[value.name] = np.asarray(array, dtype)
        if f"{value.name}" in dims:
            feeds[value.name] = np.full(shape, dims[value.name], dtype)
    return feeds


def interleaved(calls, seconds, block=0.15, pause=0.1):
    """Medians in ms of calls that take turns in blocks. A pause before each block lets the worker threads of the
    other stop spinning, or they would hold the second core."""
    times = [[] for _ in calls]
    for call in calls:
        call()
    end = time.perf_counter() + seconds * len(calls)
    while time.perf_counter() < end or len(times[0]) < 5:
        for call, list_ in zip(calls, times):
            time.sleep(pause)
            call()
            stop = time.perf_counter() + block
            while time.perf_counter() < stop:
                start = time.perf_counter_ns()
                call()
                list_.append((time.perf_counter_ns() - start) / 1e6)
    return [statistics.median(list_) for list_ in times]


def difference(got, expected):
    worst = 0.0
    for a, b in zip(got, expected):
        if a.shape != b.shape:
            return float("inf")
        if b.size:
            scale = max(1e-30, float(np.max(np.abs(b.astype(np.float64)))))
            worst = max(worst, float(np.max(np.abs(a.astype(np.float64) - b.astype(np.float64)))) / scale)
    return worst


def bench(spec, threads, options, folder):
    path, _, rest = spec.partition("@")
    dims = dict(pair.split("=") for pair in rest.split(",") if pair)
    artifact = pathlib.Path(folder) / (pathlib.Path(path).parent.name + pathlib.Path(path).stem + ".so")
    row = {"model": spec, "threads": threads}
    if not artifact.exists():
        start = time.perf_counter()
        subprocess.run([options.build / "bin/nacre", "compile", path, "-o", artifact], check=True)
        bench.compile_s = time.perf_counter() - start
    row["compile_s"] = round(bench.compile_s, 2)
    row["artifact_bytes"] = artifact.stat().st_size
    session_options = onnxruntime.SessionOptions()
    session_options.intra_op_num_threads = threads
    session_options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, session_options, providers=["CPUExecutionProvider"])
    feeds = feeds_of(session, dims, {})
    start = time.perf_counter()
    model = runtime.Model(runtime.find_library(options.build), artifact, threads, options.profile)
    row["load_ms"] = round((time.perf_counter() - start) * 1e3, 3)
    ours = model.bind(list(feeds.values()))
    ours()
    row["difference"] = difference(model.results(), session.run(None, feeds))
    nacre_ms, ort_ms = interleaved([ours, lambda: session.run(None, feeds)], options.seconds)
    row.update(nacre_ms=round(nacre_ms, 4), onnxruntime_ms=round(ort_ms, 4), ratio=round(nacre_ms / ort_ms, 3))
    if options.profile:
        total = sum(ns for *_, ns in model.profile())
        for name, source, count, ns in sorted(model.profile(), key=lambda r: -r[3])[:options.profile]:
            print(f"    {ns / total:6.1%} {ns / count / 1e3:10.1f} us  {name}  {source[:110]}")
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--json")
    parser.add_argument("--profile", type=int, nargs="?", const=15, default=0)
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2] / "build")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for spec in options.models:
            for threads in map(int, options.threads.split(",")):
                row = bench(spec, threads, options, folder)
                rows.append(row)
                print(" ".join(f"{key}={value:.3g}" if isinstance(value, float) else f"{key}={value}"
                               for key, value in row.items()), flush=True)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"machine": os.uname().machine, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
