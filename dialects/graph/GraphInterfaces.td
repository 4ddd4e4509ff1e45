#ifndef NACRE_DIALECTS_GRAPH_GRAPHINTERFACES_TD
#define NACRE_DIALECTS_GRAPH_GRAPHINTERFACES_TD

include "mlir/IR/OpBase.td"

def Graph_ShapeOpInterface : OpInterface<"ShapeOpInterface"> {
  let cppNamespace = "::nacre::graph";
  let description = [{
    Says the element types and shapes of an op's results from those of its
    operands. It is the one place where an op's shape rules stand: the builder
    takes result types from it, the verifier compares them with the types at
    hand, and the lowering reads dynamic dims from it.
  }];
  let methods = [
    InterfaceMethod<[{
      Appends one entry per result to `results`. Emits a labelled error on the op
      and fails if the operands do not fit.
    }],
    "::llvm::LogicalResult", "inferShapes",
    (ins "::nacre::graph::ShapeContext &":$context,
         "::llvm::SmallVectorImpl<::nacre::graph::ValueShape> &":$results)>,
  ];
  let verify = [{ return ::nacre::graph::detail::verifyShapes($_op); }];
  // `if` and `loop` read what their regions yield.
  let verifyWithRegions = 1;
}

def Graph_ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::nacre::graph";
  let description = [{
    An op that computes each output element from the elements of its operands at
    the same position, operands broadcast against each other as in numpy. Its
    meaning is one scalar body; the lowering and the interpreter read it.
  }];
  let methods = [
    InterfaceMethod<[{
      Emits `arith` and `math` ops for one element. `args` are scalars of the
      operands' element types made signless; the op's own operand and result
      types tell signedness. Returns the scalar result, signless too.
    }],
    "::mlir::Value", "buildScalar",
    (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc,
         "::mlir::ValueRange":$args)>,
  ];
}

#endif // NACRE_DIALECTS_GRAPH_GRAPHINTERFACES_TD
