#!/usr/bin/env python3
"""Writes one decode step of stories260K (llama2.c's layout) as an ONNX model of primitive ops.

    convert.py stories260K.bin model.onnx

Inputs:  token int64 [1]; position int64 [1]; past_k, past_v float [layers, kv_heads, past, head_dim], where past may
         be 0.
Outputs: logits float [vocabulary]; present_k, present_v float [layers, kv_heads, past + 1, head_dim]."""
import struct
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Checkpoint:
    """The seven numbers of the header, then float32 tensors in a fixed order."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        (self.dim, self.hidden, self.layers, self.heads, self.kv_heads, self.vocabulary,
         self.context) = struct.unpack_from("<7i", data)
        self.values = np.frombuffer(data, np.float32, offset=28)
        self.head_dim = self.dim // self.heads
        kv_dim = self.kv_heads * self.head_dim
        self.embedding = self.take(self.vocabulary, self.dim)
        self.attention_norm = self.take(self.layers, self.dim)
        self.wq = self.take(self.layers, self.dim, self.dim)
        self.wk = self.take(self.layers, kv_dim, self.dim)
        self.wv = self.take(self.layers, kv_dim, self.dim)
        self.wo = self.take(self.layers, self.dim, self.dim)
        self.ffn_norm = self.take(self.layers, self.dim)
        self.w1 = self.take(self.layers, self.hidden, self.dim)
        self.w2 = self.take(self.layers, self.dim, self.hidden)
        self.w3 = self.take(self.layers, self.hidden, self.dim)
        self.final_norm = self.take(self.dim)

    def take(self, *shape):
        count = int(np.prod(shape))
        taken, self.values = self.values[:count], self.values[count:]
        return taken.reshape(shape)


class Graph:
    """Nodes and constants, named by what they are."""

    def __init__(self):
        self.nodes, self.constants = [], {}

    def op(self, kind, *inputs, name=None, **attributes):
        name = name or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, name, value, dtype=np.float32):
        self.constants.setdefault(name, np.asarray(value, dtype))
        return name

    def ints(self, *values):
        return self.constant("ints_" + "_".join(map(str, values)), values, np.int64)

    def norm(self, x, name, weight):
        """x / sqrt(mean(x * x) + 1e-5) * weight"""
        mean = self.op("ReduceMean", self.op("Mul", x, x), axes=[-1], keepdims=1)
        root = self.op("Sqrt", self.op("Add", mean, self.constant("epsilon", 1e-5)))
        return self.op("Mul", self.op("Div", x, root), self.constant(name, weight))

    def linear(self, x, name, weight):
        return self.op("MatMul", x, self.constant(name, np.ascontiguousarray(weight.T)))


def rope_tables(graph, checkpoint):
    """cos and sin of position * 10000 ^ (-2 i / head_dim), [head_dim / 2]."""
    pairs = np.arange(0, checkpoint.head_dim, 2, dtype=np.float64)
    frequencies = graph.constant("frequencies", 10000.0 ** (-pairs / checkpoint.head_dim))
    angle = graph.op("Mul", graph.op("Cast", "position", to=TensorProto.FLOAT), frequencies)
    return graph.op("Cos", angle), graph.op("Sin", angle)


def rope(graph, x, heads, checkpoint, cos, sin):
    """Turns the pairs (x[2 i], x[2 i + 1]) of each head; x is [1, heads * head_dim], the result [heads, head_dim]."""
    pairs = graph.op("Reshape", x, graph.ints(heads, checkpoint.head_dim // 2, 2))
    even = graph.op("Gather", pairs, graph.constant("zero", 0, np.int64), axis=2)
    odd = graph.op("Gather", pairs, graph.constant("one", 1, np.int64), axis=2)
    first = graph.op("Sub", graph.op("Mul", even, cos), graph.op("Mul", odd, sin))
    second = graph.op("Add", graph.op("Mul", even, sin), graph.op("Mul", odd, cos))
    axis = graph.ints(2)
    turned = graph.op("Concat", graph.op("Unsqueeze", first, axis), graph.op("Unsqueeze", second, axis), axis=2)
    return graph.op("Reshape", turned, graph.ints(heads, checkpoint.head_dim))


def attention(graph, x, layer, checkpoint, tables):
    """Returns the attention's output and this layer's keys and values, [kv_heads, past + 1, head_dim]."""
    c = checkpoint
    q = rope(graph, graph.linear(x, f"wq{layer}", c.wq[layer]), c.heads, c, *tables)
    k = rope(graph, graph.linear(x, f"wk{layer}", c.wk[layer]), c.kv_heads, c, *tables)
    v = graph.linear(x, f"wv{layer}", c.wv[layer])
    index = graph.constant(f"layer{layer}", layer, np.int64)
    step = graph.ints(c.kv_heads, 1, c.head_dim)
    k = graph.op("Concat", graph.op("Gather", "past_k", index), graph.op("Reshape", k, step), axis=1)
    v = graph.op("Concat", graph.op("Gather", "past_v", index), graph.op("Reshape", v, step), axis=1)
    # Heads that share keys are the rows of one matrix.
    q = graph.op("Reshape", q, graph.ints(c.kv_heads, c.heads // c.kv_heads, c.head_dim))
    scores = graph.op("MatMul", q, graph.op("Transpose", k, perm=[0, 2, 1]))
    scores = graph.op("Mul", scores, graph.constant("scale", c.head_dim ** -0.5))
    mixed = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), v)
    mixed = graph.op("Reshape", mixed, graph.ints(1, c.dim))
    return graph.linear(mixed, f"wo{layer}", c.wo[layer]), k, v


def feed_forward(graph, x, layer, checkpoint):
    gate = graph.linear(x, f"w1_{layer}", checkpoint.w1[layer])
    gate = graph.op("Mul", gate, graph.op("Sigmoid", gate))
    up = graph.linear(x, f"w3_{layer}", checkpoint.w3[layer])
    return graph.linear(graph.op("Mul", gate, up), f"w2_{layer}", checkpoint.w2[layer])


def decode_step(checkpoint):
    graph = Graph()
    tables = rope_tables(graph, checkpoint)
    embedding = graph.constant("embedding", checkpoint.embedding)
    x = graph.op("Gather", embedding, "token")
    keys, values = [], []
    for layer in range(checkpoint.layers):
        normed = graph.norm(x, f"attention_norm{layer}", checkpoint.attention_norm[layer])
        mixed, k, v = attention(graph, normed, layer, checkpoint, tables)
        keys.append(graph.op("Unsqueeze", k, graph.ints(0)))
        values.append(graph.op("Unsqueeze", v, graph.ints(0)))
        x = graph.op("Add", x, mixed)
        normed = graph.norm(x, f"ffn_norm{layer}", checkpoint.ffn_norm[layer])
        x = graph.op("Add", x, feed_forward(graph, normed, layer, checkpoint))
    x = graph.norm(x, "final_norm", checkpoint.final_norm)
    logits = graph.linear(x, "head", checkpoint.embedding)
    graph.op("Reshape", logits, graph.ints(checkpoint.vocabulary), name="logits")
    graph.op("Concat", *keys, axis=0, name="present_k")
    graph.op("Concat", *values, axis=0, name="present_v")
    return graph


def model(checkpoint):
    graph = decode_step(checkpoint)

    def cache(name, length):
        shape = [checkpoint.layers, checkpoint.kv_heads, length, checkpoint.head_dim]
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    inputs = [helper.make_tensor_value_info("token", TensorProto.INT64, [1]),
              helper.make_tensor_value_info("position", TensorProto.INT64, [1]),
              cache("past_k", "past"), cache("past_v", "past")]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [checkpoint.vocabulary]),
               cache("present_k", "present"), cache("present_v", "present")]
    constants = [numpy_helper.from_array(value, name) for name, value in graph.constants.items()]
    proto = helper.make_model(helper.make_graph(graph.nodes, "stories260K", inputs, outputs, constants),
                              opset_imports=[helper.make_opsetid("", 17)])
    proto.ir_version = 8
    onnx.checker.check_model(proto)
    return proto


if __name__ == "__main__":
    onnx.save(model(Checkpoint(sys.argv[1])), sys.argv[2])
