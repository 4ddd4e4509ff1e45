#ifndef NACRE_DIALECTS_GRAPH_GRAPHBASE_TD
#define NACRE_DIALECTS_GRAPH_GRAPHBASE_TD

include "dialects/graph/GraphAttrs.td"
include "dialects/graph/GraphInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"

class Graph_Op<string mnemonic, list<Trait> traits = []>
    : Op<Graph_Dialect, mnemonic, traits # [Pure,
        DeclareOpInterfaceMethods<Graph_ShapeOpInterface>]>;

#endif // NACRE_DIALECTS_GRAPH_GRAPHBASE_TD
