//===- ShapeTest.cpp - What is known about the values of a function -------===//
#include "dialects/graph/Graph.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace nacre::graph;

namespace {

/// Parses a function and tells the dims and the elements of what it returns.
class Shapes : public ::testing::Test {
protected:
  Shapes() { mlir.loadDialect<GraphDialect, func::FuncDialect>(); }

  /// `body` is a function's signature and body.
  void parse(StringRef function) {
    module = parseSourceString<ModuleOp>(function, &mlir);
    ASSERT_TRUE(module);
    func = *module->getOps<func::FuncOp>().begin();
    context = std::make_unique<ShapeContext>(&mlir);
  }

  Value result(unsigned i = 0) {
    return func.getBody().front().getTerminator()->getOperand(i);
  }
  std::string dims(unsigned i = 0) {
    return text(SmallVector<Expr>(context->dims(result(i))));
  }
  std::string elements(unsigned i = 0) {
    auto elements = context->elements(result(i));
    return elements ? text(*elements) : "none";
  }

private:
  std::string text(ArrayRef<Expr> exprs) {
    std::string list;
    for (Expr expr : exprs)
      list += (list.empty() ? "" : ", ") + text(expr);
    return list;
  }
  /// Dims of arguments by their names in `graph.dims`.
  std::string text(const Symbol &symbol) {
    auto argument = dyn_cast_or_null<BlockArgument>(symbol.value);
    auto call = [&](std::string name) {
      return name + "(" + text(symbol.operands) + ")";
    };
    switch (symbol.kind) {
    case Symbol::ArgDim:
      if (argument.getOwner() == &func.getBody().front())
        if (auto names = func.getArgAttrOfType<ArrayAttr>(
                argument.getArgNumber(), kDimsAttrName))
          return cast<StringAttr>(names[symbol.index]).getValue().str();
      return "arg" + std::to_string(argument.getArgNumber()) + "." +
             std::to_string(symbol.index);
    case Symbol::ResultDim:
      return "dim" + std::to_string(symbol.index);
    case Symbol::Element:
      return (argument ? "in" : "out") + std::to_string(symbol.index);
    case Symbol::Max:
      return call("max");
    case Symbol::Min:
      return call("min");
    case Symbol::Select:
      return call("select");
    case Symbol::Less:
      return call("less");
    }
    return "?";
  }
  std::string text(Expr expr) {
    if (auto constant = ShapeContext::asConstant(expr))
      return std::to_string(*constant);
    if (const Symbol *symbol = context->asSymbol(expr))
      return text(*symbol);
    auto binary = cast<AffineBinaryOpExpr>(expr);
    const char *sign = binary.getKind() == AffineExprKind::Add   ? "+"
                       : binary.getKind() == AffineExprKind::Mul ? "*"
                       : binary.getKind() == AffineExprKind::Mod ? "%"
                                                                 : "/";
    return "(" + text(binary.getLHS()) + sign + text(binary.getRHS()) + ")";
  }

protected:
  MLIRContext mlir;
  OwningOpRef<ModuleOp> module;
  func::FuncOp func;
  std::unique_ptr<ShapeContext> context;
};

TEST_F(Shapes, NamesUnifyArguments) {
  parse(R"(
func.func @f(%y: tensor<?x?xf32> {graph.dims = ["H", "N"]}, %x: tensor<?x?xf32> {graph.dims = ["N", "W"]}) -> tensor<?x?xf32> {
  return %x : tensor<?x?xf32>
})");
  EXPECT_EQ(dims(), "N, W");
  // N is the dim of the first argument that has it, whoever is asked first.
  EXPECT_EQ(context->dims(result())[0], context->dims(func.getArgument(0))[1]);
}

TEST_F(Shapes, NamesTakeStaticSizes) {
  parse(R"(
func.func @f(%y: tensor<4xf32> {graph.dims = ["N"]}, %x: tensor<?x?xf32> {graph.dims = ["N", 7]}) -> tensor<?x?xf32> {
  return %x : tensor<?x?xf32>
})");
  EXPECT_EQ(dims(), "4, 7");
}

/// The chain that exporters write for x.reshape(x.size(0), -1).
TEST_F(Shapes, FlattenChain) {
  parse(R"(
func.func @f(%x: tensor<?x8x?x?xf32> {graph.dims = ["N", "C", "H", "W"]}) -> (tensor<?x?xf32>, tensor<2xi64>) {
  %zero = graph.constant dense<0> : tensor<i64>
  %axis = graph.constant dense<-1> : tensor<1xi64>
  %s = graph.shape %x : (tensor<?x8x?x?xf32>) -> tensor<4xi64>
  %n = graph.gather %s, %zero {axis = 0 : i64} : (tensor<4xi64>, tensor<i64>) -> tensor<i64>
  %u = graph.unsqueeze %n axes [0] : (tensor<i64>) -> tensor<1xi64>
  %c = graph.concat %u, %axis axis 0 : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %r = graph.reshape %x to %c : (tensor<?x8x?x?xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  return %r, %c : tensor<?x?xf32>, tensor<2xi64>
})");
  EXPECT_EQ(dims(), "N, ((H*W)*8)");
  EXPECT_EQ(elements(1), "N, -1");
}

/// Attention's split into heads: sizes divided, cast, sliced.
TEST_F(Shapes, HeadsChain) {
  parse(R"(
func.func @f(%x: tensor<?x?x768xf32> {graph.dims = ["B", "S", "D"]}) -> (tensor<?x?x?x?xf32>, tensor<1xi32>) {
  %i0 = graph.constant dense<0> : tensor<1xi64>
  %i2 = graph.constant dense<2> : tensor<1xi64>
  %end = graph.constant dense<9223372036854775807> : tensor<1xi64>
  %heads = graph.constant dense<12> : tensor<1xi32>
  %s = graph.shape %x : (tensor<?x?x768xf32>) -> tensor<3xi64>
  %bs = graph.slice %s from %i0 to %i2 axes [0] steps [1] : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %d = graph.slice %s from %i2 to %end axes [0] steps [1] : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %d32 = graph.cast %d {to = i32} : (tensor<1xi64>) -> tensor<1xi32>
  %w32 = graph.div %d32, %heads : (tensor<1xi32>, tensor<1xi32>) -> tensor<1xi32>
  %w = graph.cast %w32 {to = i64} : (tensor<1xi32>) -> tensor<1xi64>
  %h = graph.cast %heads {to = i64} : (tensor<1xi32>) -> tensor<1xi64>
  %c = graph.concat %bs, %h, %w axis 0 : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4xi64>
  %r = graph.reshape %x to %c : (tensor<?x?x768xf32>, tensor<4xi64>) -> tensor<?x?x?x?xf32>
  return %r, %w32 : tensor<?x?x?x?xf32>, tensor<1xi32>
})");
  EXPECT_EQ(dims(), "B, S, 12, 64");
  EXPECT_EQ(elements(1), "64");
}

TEST_F(Shapes, ReshapeByRuntimeSizes) {
  parse(R"(
func.func @f(%x: tensor<?x4xf32> {graph.dims = ["N", "C"]}, %s: tensor<1xi64>) -> tensor<?xf32> {
  %r = graph.reshape %x to %s : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?xf32>
  return %r : tensor<?xf32>
})");
  // -1 takes all, 0 copies, anything else is itself.
  EXPECT_EQ(dims(), "select(in0, -1, (N*4), select(in0, 0, N, in0))");
}

TEST_F(Shapes, Windows) {
  parse(R"(
func.func @f(%x: tensor<1x3x?x?xf32> {graph.dims = ["N", "C", "H", "W"]}, %w: tensor<8x3x7x3xf32>) -> (tensor<1x8x?x?xf32>, tensor<1x3x?x?xf32>, tensor<1x3x?x?xf32>) {
  %c = graph.conv %x, %w {strides = array<i64: 2, 1>, dilations = array<i64: 1, 2>, pads = array<i64: 3, 2, 3, 2>, groups = 1 : i64} : (tensor<1x3x?x?xf32>, tensor<8x3x7x3xf32>) -> tensor<1x8x?x?xf32>
  %p = graph.pool max %x {window = array<i64: 2, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>, ceil_mode = true} : (tensor<1x3x?x?xf32>) -> tensor<1x3x?x?xf32>
  %q = graph.pool max %x {window = array<i64: 2, 3>, strides = array<i64: 2, 3>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 2, 0, 2>, ceil_mode = true} : (tensor<1x3x?x?xf32>) -> tensor<1x3x?x?xf32>
  return %c, %p, %q : tensor<1x8x?x?xf32>, tensor<1x3x?x?xf32>, tensor<1x3x?x?xf32>
})");
  EXPECT_EQ(dims(0), "1, 8, ((H+1)/2), W");
  EXPECT_EQ(dims(1), "1, 3, ((H+1)/2), ((W/2)+1)");
  // The last window along W would start after the input: ceil((W + 2) / 3).
  EXPECT_EQ(dims(2), "1, 3, ((H+1)/2), (((W+1)/3)+1)");
}

TEST_F(Shapes, SliceBounds) {
  parse(R"(
func.func @f(%x: tensor<?xf32> {graph.dims = ["N"]}, %b: tensor<1xi64>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %c0 = graph.constant dense<0> : tensor<1xi64>
  %c1 = graph.constant dense<1> : tensor<1xi64>
  %m1 = graph.constant dense<-1> : tensor<1xi64>
  %max = graph.constant dense<9223372036854775807> : tensor<1xi64>
  %min = graph.constant dense<-9223372036854775808> : tensor<1xi64>
  %all = graph.slice %x from %c0 to %max axes [0] steps [1] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  %tail = graph.slice %x from %c1 to %max axes [0] steps [1] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  %head = graph.slice %x from %c0 to %m1 axes [0] steps [1] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  %back = graph.slice %x from %m1 to %min axes [0] steps [-1] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  %even = graph.slice %x from %c0 to %max axes [0] steps [2] : (tensor<?xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %all, %tail, %head, %back, %even : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
})");
  EXPECT_EQ(dims(0), "N");
  EXPECT_EQ(dims(1), "max((N+-1), 0)");
  EXPECT_EQ(dims(2), "max((N+-1), 0)");
  EXPECT_EQ(dims(3), "N");
  EXPECT_EQ(dims(4), "((N+1)/2)");
}

/// Elements of every op that moves or computes shape data.
TEST_F(Shapes, DataMovement) {
  parse(R"(
func.func @f(%x: tensor<?x?xf32> {graph.dims = ["N", "H"]}) -> (tensor<2x2xi64>, tensor<2xi64>, tensor<4xi64>, tensor<3xi64>, tensor<2x2xi64>, tensor<i64>, tensor<i64>) {
  %s = graph.shape %x : (tensor<?x?xf32>) -> tensor<2xi64>
  %two = graph.constant dense<2> : tensor<2xi64>
  %r2 = graph.constant dense<2> : tensor<1xi64>
  %c0 = graph.constant dense<0> : tensor<i64>
  %c1 = graph.constant dense<1> : tensor<i64>
  %c3 = graph.constant dense<3> : tensor<i64>
  %m1 = graph.constant dense<-1> : tensor<i64>
  %u = graph.unsqueeze %s axes [1] : (tensor<2xi64>) -> tensor<2x1xi64>
  %b = graph.broadcast %u to %two : (tensor<2x1xi64>, tensor<2xi64>) -> tensor<2x2xi64>
  %t = graph.transpose %b perm [1, 0] : (tensor<2x2xi64>) -> tensor<2x2xi64>
  %q = graph.squeeze %u axes [1] : (tensor<2x1xi64>) -> tensor<2xi64>
  %l = graph.tile %s by %r2 : (tensor<2xi64>, tensor<1xi64>) -> tensor<4xi64>
  %g = graph.range %c0, %c3, %c1 : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<3xi64>
  %last = graph.gather %s, %m1 {axis = 0 : i64} : (tensor<2xi64>, tensor<i64>) -> tensor<i64>
  %p = graph.reduce prod %s axes [0] {keep_dims = false} : (tensor<2xi64>) -> tensor<i64>
  return %t, %q, %l, %g, %b, %last, %p : tensor<2x2xi64>, tensor<2xi64>, tensor<4xi64>, tensor<3xi64>, tensor<2x2xi64>, tensor<i64>, tensor<i64>
})");
  EXPECT_EQ(elements(0), "N, H, N, H");
  EXPECT_EQ(elements(1), "N, H");
  EXPECT_EQ(elements(2), "N, H, N, H");
  EXPECT_EQ(elements(3), "0, 1, 2");
  EXPECT_EQ(elements(4), "N, N, H, H");
  EXPECT_EQ(elements(5), "H");
  EXPECT_EQ(elements(6), "(N*H)");
}

TEST_F(Shapes, DataArithmetic) {
  parse(R"(
func.func @f(%x: tensor<?xf32> {graph.dims = ["N"]}, %e: tensor<1xi64>) -> (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi1>, tensor<1xi1>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi32>, tensor<1xi64>) {
  %n = graph.shape %x : (tensor<?xf32>) -> tensor<1xi64>
  %c2 = graph.constant dense<2> : tensor<1xi64>
  %m1 = graph.constant dense<-1> : tensor<1xi64>
  %c7 = graph.constant dense<-7> : tensor<1xi64>
  %d = graph.div %n, %c2 : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %dc = graph.div %c7, %c2 : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %de = graph.div %e, %c2 : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %dn = graph.div %c2, %n : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %eq = graph.compare eq %n, %m1 : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi1>
  %ge = graph.compare ge %n, %c2 : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi1>
  %s = graph.select %eq, %c2, %n : (tensor<1xi1>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %nn = graph.mul %n, %n : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %q = graph.div %nn, %n : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %fm = graph.mod %c7, %c2 {fmod = false} : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %cast = graph.cast %e {to = i32} : (tensor<1xi64>) -> tensor<1xi32>
  %less = graph.select %ge, %n, %c2 : (tensor<1xi1>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  return %d, %dc, %de, %dn, %eq, %ge, %s, %q, %fm, %cast, %less : tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi1>, tensor<1xi1>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi32>, tensor<1xi64>
})");
  EXPECT_EQ(elements(0), "(N/2)");
  EXPECT_EQ(elements(1), "-3");   // truncates
  EXPECT_EQ(elements(2), "out0"); // of an unknown sign: not known
  EXPECT_EQ(elements(3), "out0"); // by a dim that may be 0, with a rest
  EXPECT_EQ(elements(4), "0");
  EXPECT_EQ(elements(5), "((less(N, 2)*-1)+1)");
  EXPECT_EQ(elements(6), "N");
  EXPECT_EQ(elements(7), "N"); // 0 / 0 is 0
  EXPECT_EQ(elements(8), "1");
  EXPECT_EQ(elements(9), "out0"); // may not fit
  EXPECT_EQ(elements(10), "select(less(N, 2), 0, N, 2)");
}

TEST_F(Shapes, SmallTypesWrap) {
  parse(R"(
func.func @f(%e: tensor<1xi8>) -> (tensor<1xi8>, tensor<1xui8>, tensor<1xi8>, tensor<1xi64>, tensor<1xi1>) {
  %c = graph.constant dense<100> : tensor<1xi8>
  %w = graph.constant dense<300> : tensor<1xi64>
  %s = graph.add %c, %c : (tensor<1xi8>, tensor<1xi8>) -> tensor<1xi8>
  %u = graph.cast %w {to = ui8} : (tensor<1xi64>) -> tensor<1xui8>
  %t = graph.add %e, %c : (tensor<1xi8>, tensor<1xi8>) -> tensor<1xi8>
  %x = graph.cast %e {to = i64} : (tensor<1xi8>) -> tensor<1xi64>
  %b = graph.cast %e {to = i1} : (tensor<1xi8>) -> tensor<1xi1>
  return %s, %u, %t, %x, %b : tensor<1xi8>, tensor<1xui8>, tensor<1xi8>, tensor<1xi64>, tensor<1xi1>
})");
  EXPECT_EQ(elements(0), "out0"); // 200 wraps, which folding computes
  EXPECT_EQ(elements(1), "44");
  EXPECT_EQ(elements(2), "out0");
  EXPECT_EQ(elements(3), "in0");
  EXPECT_EQ(elements(4), "select(in0, 0, 0, 1)");
}

TEST_F(Shapes, ElementsAreLimited) {
  parse(R"(
func.func @f(%x: tensor<64xi64>, %y: tensor<65xi64>, %z: tensor<2xf32>, %w: tensor<?xi64>) -> (tensor<64xi64>, tensor<65xi64>, tensor<2xf32>, tensor<?xi64>) {
  return %x, %y, %z, %w : tensor<64xi64>, tensor<65xi64>, tensor<2xf32>, tensor<?xi64>
})");
  EXPECT_EQ(context->elements(result(0))->size(), 64u);
  for (unsigned i : {1, 2, 3})
    EXPECT_EQ(elements(i), "none");
}

TEST_F(Shapes, Control) {
  parse(R"(
func.func @f(%c: tensor<i1>, %x: tensor<?x?xf32> {graph.dims = ["N", "H"]}, %y: tensor<?x?xf32> {graph.dims = ["N", "W"]}) -> (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<5x?xf32>, tensor<?x?xf32>) {
  %0 = graph.if %c then {
    graph.yield %x : tensor<?x?xf32>
  } else {
    graph.yield %y : tensor<?x?xf32>
  } : (tensor<i1>) -> tensor<?x?xf32>
  %r = graph.collapse %x starts [0] : (tensor<?x?xf32>) -> tensor<?xf32>
  %n = graph.constant dense<5> : tensor<i64>
  %t = graph.constant dense<true> : tensor<i1>
  %1:3 = graph.loop %n, %t, %r, %r {
  ^bb0(%i: tensor<i64>, %a: tensor<?xf32>, %b: tensor<?xf32>):
    %d = graph.concat %b, %b axis 0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    %e = graph.neg %a : (tensor<?xf32>) -> tensor<?xf32>
    graph.yield %t, %e, %d, %e : tensor<i1>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
  } : (tensor<i64>, tensor<i1>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<5x?xf32>)
  %2:2 = graph.loop %n, %c, %r {
  ^bb0(%i: tensor<i64>, %b: tensor<?xf32>):
    %d = graph.concat %b, %b axis 0 : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
    graph.yield %t, %d, %d : tensor<i1>, tensor<?xf32>, tensor<?xf32>
  } : (tensor<i64>, tensor<i1>, tensor<?xf32>) -> (tensor<?xf32>, tensor<?x?xf32>)
  return %0, %1#0, %1#1, %1#2, %2#1 : tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<5x?xf32>, tensor<?x?xf32>
})");
  EXPECT_EQ(dims(0), "N, dim1");
  EXPECT_EQ(dims(1), "(N*H)"); // no iteration changes it
  EXPECT_EQ(dims(2), "dim0");
  EXPECT_EQ(dims(3), "5, (N*H)");
  EXPECT_EQ(dims(4), "dim0, dim1"); // may stop early; the body's own dim
}

/// A model may be deeper than the stack.
TEST_F(Shapes, DeepChain) {
  OpBuilder builder(&mlir);
  Location loc = builder.getUnknownLoc();
  auto type =
      RankedTensorType::get({ShapedType::kDynamic}, builder.getF32Type());
  module = ModuleOp::create(loc);
  builder.setInsertionPointToStart(module->getBody());
  func = func::FuncOp::create(builder, loc, "f",
                              builder.getFunctionType(type, type));
  builder.setInsertionPointToStart(func.addEntryBlock());
  Value value = func.getArgument(0);
  for (int i = 0; i < 200000; ++i)
    value = NegOp::create(builder, loc, type, value);
  func::ReturnOp::create(builder, loc, value);
  context = std::make_unique<ShapeContext>(&mlir);
  EXPECT_EQ(dims(), "arg0.0");
}

} // namespace
