#ifndef NACRE_DIALECTS_GRAPH_GRAPHATTRS_TD
#define NACRE_DIALECTS_GRAPH_GRAPHATTRS_TD

include "dialects/graph/GraphDialect.td"
include "mlir/IR/EnumAttr.td"

class Graph_Enum<string name, string summary, list<string> cases>
    : I32EnumAttr<name, summary,
        !foreach(i, !range(!size(cases)), I32EnumAttrCase<cases[i], i>)> {
  let cppNamespace = "::nacre::graph";
}

def Graph_Predicate : Graph_Enum<"Predicate", "how two elements are compared",
    ["eq", "ne", "lt", "le", "gt", "ge"]>;
def Graph_ReduceKind : Graph_Enum<"ReduceKind", "how elements are combined",
    ["sum", "prod", "max", "min", "any", "all"]>;
def Graph_PoolKind : Graph_Enum<"PoolKind", "how a window is combined",
    ["max", "avg", "avg_include_pad", "sum"]>;
def Graph_PadMode : Graph_Enum<"PadMode", "what stands outside the tensor",
    ["constant", "edge", "reflect", "wrap"]>;
def Graph_ScatterKind : Graph_Enum<"ScatterKind", "how an update meets the element",
    ["set", "add", "mul", "max", "min"]>;
def Graph_ScanKind : Graph_Enum<"ScanKind", "how a running value is combined",
    ["sum", "prod"]>;
def Graph_ResizeMode : Graph_Enum<"ResizeMode", "how samples are interpolated",
    ["nearest", "linear", "cubic"]>;
def Graph_ResizeCoord : Graph_Enum<"ResizeCoord", "output to input coordinates",
    ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
     "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"]>;
def Graph_ResizeNearest : Graph_Enum<"ResizeNearest", "how a coordinate is rounded",
    ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]>;
def Graph_RandomKind : Graph_Enum<"RandomKind", "distribution",
    ["uniform", "normal"]>;

#endif // NACRE_DIALECTS_GRAPH_GRAPHATTRS_TD
