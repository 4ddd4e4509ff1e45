#!/usr/bin/env python3
"""Writes the small models of this folder, models/<name>/, with inputs and expected outputs computed by numpy.

Committed, as an ONNX package is not there on every machine; run it again after a change."""
import pathlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).resolve().parent / "models"
FLOAT, INT64, INT32 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32


def value(name, kind, dims):
    return helper.make_tensor_value_info(name, kind, dims)


def save(name, nodes, inputs, outputs, constants=None, data=(), opset=17, domains=()):
    """`data` has one pair (inputs, outputs) per data set."""
    initializers = [numpy_helper.from_array(array, key) for key, array in (constants or {}).items()]
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    opsets = [helper.make_opsetid("", opset)] + [helper.make_opsetid(domain, 1) for domain in domains]
    model = helper.make_model(graph, opset_imports=opsets, producer_name="make_models")
    model.ir_version = 8
    folder = HERE / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    for k, (given, expected) in enumerate(data):
        where = folder / f"test_data_set_{k}"
        where.mkdir(exist_ok=True)
        for kind, arrays in (("input", given), ("output", expected)):
            for i, array in enumerate(arrays):
                (where / f"{kind}_{i}.pb").write_bytes(numpy_helper.from_array(array).SerializeToString())


def elementwise():
    """One fused kernel over a dynamic size."""
    nodes = [helper.make_node("Add", ["x", "y"], ["sum"], name="add"),
             helper.make_node("Relu", ["sum"], ["z"], name="relu")]
    data = []
    for n in (2, 5):
        x = np.linspace(-3, 3, n * 3, dtype=np.float32).reshape(n, 3)
        y = np.linspace(1, -2, n * 3, dtype=np.float32).reshape(n, 3)
        data.append(([x, y], [np.maximum(x + y, 0)]))
    save("elementwise", nodes, [value("x", FLOAT, ["N", 3]), value("y", FLOAT, ["N", 3])],
         [value("z", FLOAT, ["N", 3])], data=data)


def unranked():
    """An input that says nothing of its shape."""
    x = np.linspace(-1, 2, 6, dtype=np.float32).reshape(2, 3)
    save("unranked", [helper.make_node("Relu", ["x"], ["y"], name="relu")], [value("x", FLOAT, None)],
         [value("y", FLOAT, None)], data=[([x], [np.maximum(x, 0)])])


def mlp():
    """Weights, a contraction with an epilogue, and a softmax."""
    random = np.random.default_rng(0)
    w = random.standard_normal((8, 5)).astype(np.float32)
    b = random.standard_normal(5).astype(np.float32)
    x = random.standard_normal((3, 8)).astype(np.float32)
    hidden = np.maximum(x @ w + b, 0)
    e = np.exp(hidden - hidden.max(axis=1, keepdims=True))
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["h"], name="dense"),
             helper.make_node("Relu", ["h"], ["r"], name="relu"),
             helper.make_node("Softmax", ["r"], ["y"], name="softmax", axis=1)]
    save("mlp", nodes, [value("x", FLOAT, [3, 8])], [value("y", FLOAT, [3, 5])], {"w": w, "b": b},
         [([x], [e / e.sum(axis=1, keepdims=True)])])


def lookup():
    """An index that only the data knows."""
    nodes = [helper.make_node("Gather", ["table", "index"], ["row"], name="lookup")]
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    data = [([np.array([3, -4, 1])], [table[[3, -4, 1]]])]
    save("lookup", nodes, [value("index", INT64, ["K"])], [value("row", FLOAT, ["K", 3])], {"table": table}, data)
    where = HERE / "lookup" / "out-of-range"
    where.mkdir(exist_ok=True)
    (where / "input_0.pb").write_bytes(numpy_helper.from_array(np.array([0, 4])).SerializeToString())


def convert():
    """What compilers of C leave to libgcc: narrow floats, and division of wide integers."""
    def cast(source, target, kind):
        return helper.make_node("Cast", [source], [target], to=kind)

    nodes = [cast("x", "half", TensorProto.FLOAT16), cast("half", "brain", TensorProto.BFLOAT16),
             cast("brain", "double", TensorProto.DOUBLE), cast("double", "brain2", TensorProto.BFLOAT16),
             cast("double", "half2", TensorProto.FLOAT16), cast("brain2", "y0", FLOAT), cast("half2", "y1", FLOAT),
             helper.make_node("Div", ["i", "j"], ["q"]), helper.make_node("Mod", ["i", "j"], ["r"]),
             cast("q", "qf", FLOAT), helper.make_node("Round", ["x"], ["n"])]
    x = np.array([0.5, -1.25, 3, 96], dtype=np.float32)
    i, j = np.array([7, -7, 9, 2**40], dtype=np.int64), np.array([2, 7, -9, 3], dtype=np.int64)
    q = np.array([3, -1, -1, 2**40 // 3], dtype=np.int64)
    save("convert", nodes, [value("x", FLOAT, [4]), value("i", INT64, [4]), value("j", INT64, [4])],
         [value("y0", FLOAT, [4]), value("y1", FLOAT, [4]), value("qf", FLOAT, [4]), value("r", INT64, [4]),
          value("n", FLOAT, [4])],
         data=[([x, i, j], [x, x, q.astype(np.float32), np.mod(i, j), np.round(x)])])


def control():
    """A branch and a loop whose sizes are known only as it runs."""
    body = helper.make_graph(
        [helper.make_node("Add", ["state", "step"], ["next"]), helper.make_node("Identity", ["go"], ["again"])],
        "body", [value("k", INT64, []), value("go", TensorProto.BOOL, []), value("state", FLOAT, [2])],
        [value("again", TensorProto.BOOL, []), value("next", FLOAT, [2])])
    nodes = [helper.make_node("Loop", ["trips", "", "x"], ["y"], name="loop", body=body)]
    step = np.array([1, 10], dtype=np.float32)
    x = np.zeros(2, dtype=np.float32)
    data = [([np.array(n), x], [x + n * step]) for n in (0, 3)]
    save("control", nodes, [value("trips", INT64, []), value("x", FLOAT, [2])], [value("y", FLOAT, [2])],
         {"step": step}, data)


def unsupported():
    """Two kinds of ops that nobody knows."""
    nodes = [helper.make_node("FlashMix", ["x"], ["a"], name="encoder/attn_3", domain="com.acme"),
             helper.make_node("Rotor", ["a"], ["b"], name="rotor_1", domain="com.acme"),
             helper.make_node("Rotor", ["b"], ["y"], name="rotor_2", domain="com.acme")]
    save("unsupported", nodes, [value("x", FLOAT, [2])], [value("y", FLOAT, [2])], domains=["com.acme"])


def wrong():
    """Not a model: shapes that cannot be added."""
    nodes = [helper.make_node("Add", ["x", "y"], ["z"], name="plus")]
    save("wrong", nodes, [value("x", FLOAT, [2]), value("y", FLOAT, [3])], [value("z", FLOAT, [3])])


def mismatch():
    """Expected outputs that are wrong, to see what is said about them."""
    nodes = [helper.make_node("Neg", ["x"], ["y"], name="negate")]
    x = np.array([[1, 2], [3, 4]], dtype=np.float32)
    save("mismatch", nodes, [value("x", FLOAT, [2, 2])], [value("y", FLOAT, [2, 2])],
         data=[([x], [-x + np.array([[0, 0], [0.5, 0]], dtype=np.float32)])])


def main():
    for make in (elementwise, unranked, mlp, lookup, convert, control, unsupported, wrong, mismatch):
        make()
    cut = (HERE / "mlp" / "model.onnx").read_bytes()
    (HERE / "cut").mkdir(exist_ok=True)
    (HERE / "cut" / "model.onnx").write_bytes(cut[:len(cut) // 2])


if __name__ == "__main__":
    main()
