#ifndef NACRE_DIALECTS_GRAPH_GRAPHTYPES_TD
#define NACRE_DIALECTS_GRAPH_GRAPHTYPES_TD

include "dialects/graph/GraphDialect.td"
include "mlir/IR/AttrTypeBase.td"

// Types of elements that only host code looks into: strings, and values that
// hold tensors. As elements of a tensor (a sequence is a 0-D tensor of one)
// they move like numbers; `graph-to-linalg` makes them 64-bit handles.
class Graph_HostType<string name, string typeMnemonic> : TypeDef<Graph_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Graph_StringType : Graph_HostType<"String", "string"> {
  let summary = "bytes of any number, UTF-8 where letters matter";
}

def Graph_SequenceType : Graph_HostType<"Sequence", "seq"> {
  let summary = "tensors (or maps) of one element type, any number of them";
  let description = [{
    `content` says what is known of all of them: `tensor<?x3xf32>`, `tensor<*xf32>`
    if they may differ in rank, `f32` if there is none yet, or a map.
  }];
  let parameters = (ins "::mlir::Type":$content);
  let assemblyFormat = "`<` $content `>`";
}

def Graph_OptionalType : Graph_HostType<"Optional", "opt"> {
  let summary = "a tensor, a sequence, or nothing";
  let description = [{
    `content` is as that of a sequence, or a sequence.
  }];
  let parameters = (ins "::mlir::Type":$content);
  let assemblyFormat = "`<` $content `>`";
}

def Graph_MapType : Graph_HostType<"Map", "map"> {
  let summary = "values by key, in the order of insertion";
  let parameters = (ins "::mlir::Type":$key, "::mlir::Type":$value);
  let assemblyFormat = "`<` $key `,` $value `>`";
}

#endif // NACRE_DIALECTS_GRAPH_GRAPHTYPES_TD
