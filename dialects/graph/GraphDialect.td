#ifndef NACRE_DIALECTS_GRAPH_GRAPHDIALECT_TD
#define NACRE_DIALECTS_GRAPH_GRAPHDIALECT_TD

include "mlir/IR/OpBase.td"

def Graph_Dialect : Dialect {
  let name = "graph";
  let cppNamespace = "::nacre::graph";
  let summary = "Whole-model tensor computations, before any fusion decision";
  let description = [{
    `graph` says *what* a model computes and nothing about *how*. Every op is
    pure and works on ranked tensors whose dims may be dynamic. Element types
    are ONNX's: `i1` is bool, `ui8` is unsigned, `si8` does not occur (`i8` is
    signed), `f8E4M3FN` and the like are storage types. Strings, sequences,
    optionals and maps are elements too (`tensor<3x!graph.string>`,
    `tensor<!graph.seq<tensor<?xf32>>>`): they move as other elements do, and only
    host code looks into them.

    A dim that is not a constant is an affine expression over *symbols* (dims of
    the function's arguments, elements of tensors, dims that only a run can
    tell); `ShapeContext` computes it for every value. Function arguments carry
    `graph.dims = ["N", 3, "H"]`: equal names are equal dims.

    Enters from: the ONNX importer. Leaves to: `linalg` (`graph-to-linalg`).
  }];
  let hasConstantMaterializer = 1;
  let useDefaultTypePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}

#endif // NACRE_DIALECTS_GRAPH_GRAPHDIALECT_TD
