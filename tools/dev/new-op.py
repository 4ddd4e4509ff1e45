#!/usr/bin/env python3
"""Writes the five places of a new unary elementwise graph op of floats.

    new-op.py MNEMONIC ONNX_OP SINCE_OPSET MATH_OP "what it computes"
    new-op.py cbrt Cbrt 99 CbrtOp "cube root"

MATH_OP is the op of MLIR's math dialect that the scalar body makes. The ONNX operator is imported from SINCE_OPSET on.
Edits: GraphElementwise.td, its scalar body, its shape rule, ops.mlir, the importer's table. What is left to a person is
printed: the reference and the lowering read the scalar body, so they need nothing."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
GRAPH = ROOT / "dialects/graph"
RULES = ROOT / "compiler/import/onnx/rules/Elementwise.cpp"


def insert(path, marker, text):
    """Puts `text` before the first line that starts with `marker`."""
    lines = path.read_text().splitlines(keepends=True)
    for number, line in enumerate(lines):
        if line.startswith(marker):
            path.write_text("".join(lines[:number] + [text] + lines[number:]))
            return
    sys.exit(f"{path.relative_to(ROOT)}: no line starts with '{marker}'")


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    mnemonic, onnx, since, math, computes = sys.argv[1:]
    name = "".join(part.capitalize() for part in mnemonic.split("_")) + "Op"
    if f'"{mnemonic}"' in (GRAPH / "GraphElementwise.td").read_text():
        sys.exit(f"graph.{mnemonic} is there already")
    insert(GRAPH / "GraphElementwise.td", "def Graph_ReluOp",
           f'def Graph_{name} : Graph_UnaryOp<"{mnemonic}", "{computes}", FLOATS, "ONNX {onnx}-{since}">;\n')
    insert(GRAPH / "ElementwiseMath.cpp", "NACRE_UNARY(SqrtOp", f"NACRE_UNARY({name}, {math})\n")
    insert(GRAPH / "ShapeElementwise.cpp", "NACRE_SHAPE(SqrtOp", f"NACRE_SHAPE({name}, kFloats)\n")
    insert(GRAPH / "test/ops.mlir", "// CHECK-LABEL: func @sqrt(",
           f"// CHECK-LABEL: func @{mnemonic}(\n"
           f"func.func @{mnemonic}(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {{\n"
           f"  // CHECK: graph.{mnemonic} %{{{{.*}}}} : (tensor<2x?xf32>) -> tensor<2x?xf32>\n"
           f"  %0 = graph.{mnemonic} %x : (tensor<2x?xf32>) -> tensor<2x?xf32>\n"
           "  return %0 : tensor<2x?xf32>\n}\n\n")
    insert(RULES, '  table.add("Sqrt"', f'  table.add("{onnx}", {since}, importUnary<{name}>);\n')
    print(f"graph.{mnemonic} is written. Left: a value test in dialects/graph/reference/test, and the lines of {onnx} in "
          "test/conformance/status.txt.")


if __name__ == "__main__":
    main()
