// Structured ops that many lowerings are made of.

#include "passes/linalg/Lowering.h"

#include "dialects/graph/Scalar.h"
#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

Tensor Lowering::empty(Location loc, ArrayRef<Expr> dims, Type elementType) {
  Value value = tensor::EmptyOp::create(b, loc, type(dims, elementType),
                                        dynamicSizes(dims));
  return {value, llvm::to_vector(dims)};
}

Tensor Lowering::fill(Location loc, ArrayRef<Expr> dims, TypedAttr value) {
  Tensor out = empty(loc, dims, value.getType());
  Value scalar = arith::ConstantOp::create(b, loc, value);
  out.value = linalg::FillOp::create(b, loc, scalar, out.value).getResult(0);
  return out;
}

SmallVector<Tensor> Lowering::generic(Location loc, ArrayRef<Tensor> inputs,
                                      ArrayRef<Tensor> inits,
                                      ArrayRef<AffineMap> maps,
                                      unsigned parallel, GenericBody body) {
  SmallVector<Value> inputValues, initValues;
  for (const Tensor &input : inputs)
    inputValues.push_back(input.value);
  for (const Tensor &init : inits)
    initValues.push_back(init.value);
  SmallVector<utils::IteratorType> iterators(maps.front().getNumDims(),
                                             utils::IteratorType::reduction);
  for (unsigned i = 0; i < parallel; ++i)
    iterators[i] = utils::IteratorType::parallel;
  // The builder moves into the body meanwhile; `b` must stay outside.
  OpBuilder outside(b);
  auto op = linalg::GenericOp::create(
      outside, loc, TypeRange(ValueRange(initValues)), inputValues, initValues,
      maps, iterators, [&](OpBuilder &nested, Location, ValueRange args) {
        linalg::YieldOp::create(nested, loc, body(nested, args));
      });
  SmallVector<Tensor> results;
  for (auto [result, init] : llvm::zip(op.getResults(), inits))
    results.push_back({result, init.dims});
  return results;
}

Tensor Lowering::map(Location loc, ArrayRef<Expr> dims, Type elementType,
                     ArrayRef<Tensor> inputs, ArrayRef<AffineMap> maps,
                     MapBody body) {
  Tensor out = empty(loc, dims, elementType);
  SmallVector<AffineMap> all = llvm::to_vector(maps);
  all.push_back(identity(dims.size()));
  return generic(loc, inputs, out, all, dims.size(),
                 [&](OpBuilder &nested, ValueRange args) {
                   return SmallVector<Value>{
                       body(nested, args.take_front(inputs.size()))};
                 })
      .front();
}

/// Dims that are 1 where the loops are longer leave the tensor (a view), the
/// rest is read by loop. A dim that is neither known to be 1 nor to be that of
/// the loops is compared with 1 for each element: slow, but right.
BroadcastOperand Lowering::broadcastOperand(Location loc, Tensor tensor,
                                            ArrayRef<Expr> dims) {
  int64_t offset = static_cast<int64_t>(dims.size()) - tensor.rank();
  auto isRepeated = [&](int64_t i) {
    return graph::ShapeContext::asConstant(tensor.dims[i]) == 1 &&
           dims[offset + i] != tensor.dims[i];
  };
  SmallVector<AffineExpr> exprs;
  BroadcastOperand operand;
  operand.splat = splatOf(tensor.value);
  for (int64_t i = 0; i < tensor.rank(); ++i) {
    if (isRepeated(i))
      continue;
    Expr mine = tensor.dims[i], loop = dims[offset + i];
    exprs.push_back(b.getAffineDimExpr(offset + i));
    bool same = mine == loop ||
                graph::ShapeContext::asConstant(shapes.sub(mine, loop)) == 0;
    operand.sizes.push_back(same ? Value() : index(mine));
    if (same)
      continue;
    operand.direct = false;
    Value size = operand.sizes.back();
    Value equal = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, size,
                                        index(loop));
    Value isOne = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, size,
                                        index(constant(1)));
    operand.equal = operand.equal
                        ? arith::AndIOp::create(b, loc, operand.equal, equal)
                        : equal;
    check(loc, arith::OrIOp::create(b, loc, equal, isOne),
          "dims do not broadcast");
  }
  operand.map = AffineMap::get(dims.size(), 0, exprs, b.getContext());
  operand.tensor = dropDims(loc, tensor, isRepeated);
  return operand;
}

/// The element of an operand that is not read through its map.
static Value readElement(OpBuilder &nested, Location loc,
                         const BroadcastOperand &operand) {
  SmallVector<Value> position;
  for (auto [expr, size] : llvm::zip(operand.map.getResults(), operand.sizes)) {
    Value loop = linalg::IndexOp::create(
        nested, loc, cast<AffineDimExpr>(expr).getPosition());
    if (size) {
      Value one = arith::ConstantIndexOp::create(nested, loc, 1);
      Value zero = arith::ConstantIndexOp::create(nested, loc, 0);
      Value isOne = arith::CmpIOp::create(nested, loc, arith::CmpIPredicate::eq,
                                          size, one);
      loop = arith::SelectOp::create(nested, loc, isOne, zero, loop);
    }
    position.push_back(loop);
  }
  return tensor::ExtractOp::create(nested, loc, operand.tensor.value, position);
}

TypedAttr lower::splatOf(Value tensor) {
  DenseElementsAttr value;
  if (!matchPattern(tensor, m_Constant(&value)) || !value.isSplat())
    return nullptr;
  return dyn_cast<TypedAttr>(value.getSplatValue<Attribute>());
}

Tensor Lowering::mapOperands(Location loc, ArrayRef<Expr> dims,
                             Type elementType,
                             ArrayRef<BroadcastOperand> operands,
                             MapBody body) {
  SmallVector<Tensor> direct;
  SmallVector<AffineMap> maps;
  for (const BroadcastOperand &operand : operands)
    if (operand.direct && !operand.splat) {
      direct.push_back(operand.tensor);
      maps.push_back(operand.map);
    }
  return map(loc, dims, elementType, direct, maps,
             [&](OpBuilder &nested, ValueRange args) {
               SmallVector<Value> scalars;
               for (const BroadcastOperand &operand : operands) {
                 if (operand.splat) {
                   scalars.push_back(
                       arith::ConstantOp::create(nested, loc, operand.splat));
                 } else if (!operand.direct) {
                   scalars.push_back(readElement(nested, loc, operand));
                 } else {
                   scalars.push_back(args.front());
                   args = args.drop_front();
                 }
               }
               return body(nested, scalars);
             });
}

Tensor Lowering::mapBroadcast(Location loc, ArrayRef<Expr> dims,
                              Type elementType, ArrayRef<Tensor> inputs,
                              MapBody body) {
  SmallVector<BroadcastOperand> operands;
  Value allEqual;
  for (const Tensor &input : inputs) {
    BroadcastOperand &operand =
        operands.emplace_back(broadcastOperand(loc, input, dims));
    if (operand.splat || operand.direct)
      continue;
    allEqual = allEqual ? arith::AndIOp::create(b, loc, allEqual, operand.equal)
                        : operand.equal;
  }
  if (!allEqual)
    return mapOperands(loc, dims, elementType, operands, body);

  // Sizes that a run has to compare are mostly equal. The host asks once, so
  // that the loops which run then need not ask for each element.
  RankedTensorType result = type(dims, elementType);
  (void)dynamicSizes(dims); // before the branch, for all to share
  auto branch = scf::IfOp::create(b, loc, result, allEqual,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  auto fill = [&](Block *block) {
    Scope scope(*this, block);
    Tensor made = mapOperands(loc, dims, elementType, operands, body);
    scf::YieldOp::create(b, loc, made.value);
  };
  fill(branch.elseBlock());
  for (BroadcastOperand &operand : operands)
    operand.direct = true;
  fill(branch.thenBlock());
  return {branch.getResult(0), llvm::to_vector(dims)};
}

Tensor Lowering::materializeBroadcast(Location loc, Tensor tensor,
                                      ArrayRef<Expr> dims) {
  if (ArrayRef<Expr>(tensor.dims) == dims)
    return tensor;
  if (TypedAttr value = splatOf(tensor.value)) {
    (void)broadcastOperand(loc, tensor, dims); // checks that the dims fit
    return fill(loc, dims, value);
  }
  return mapBroadcast(
      loc, dims, tensor.elementType(), tensor,
      [](OpBuilder &, ValueRange args) { return args.front(); });
}

Tensor Lowering::transpose(Location loc, Tensor tensor,
                           ArrayRef<int64_t> perm) {
  SmallVector<Expr> dims;
  SmallVector<AffineExpr> exprs(perm.size());
  for (auto [i, from] : llvm::enumerate(perm)) {
    dims.push_back(tensor.dims[from]);
    exprs[from] = b.getAffineDimExpr(i);
  }
  return map(loc, dims, tensor.elementType(), tensor,
             AffineMap::get(perm.size(), 0, exprs, b.getContext()),
             [](OpBuilder &, ValueRange args) { return args.front(); });
}

Tensor Lowering::padBy(Location loc, Tensor tensor, ArrayRef<Expr> low,
                       ArrayRef<Expr> high, TypedAttr value) {
  SmallVector<Expr> dims;
  bool none = true;
  for (auto [dim, before, after] : llvm::zip(tensor.dims, low, high)) {
    dims.push_back(shapes.add(shapes.add(dim, before), after));
    none &= dims.back() == dim;
  }
  if (none)
    return tensor;
  SmallVector<OpFoldResult> lows = fold(low), highs = fold(high);
  Value scalar = arith::ConstantOp::create(b, loc, value);
  auto pad = tensor::PadOp::create(b, loc, type(dims, tensor.elementType()),
                                   tensor.value, lows, highs, scalar);
  return {pad.getResult(), dims};
}

Tensor Lowering::concat(Location loc, ArrayRef<Tensor> tensors, int64_t axis,
                        ArrayRef<Expr> dims) {
  SmallVector<Value> inputs;
  for (const Tensor &tensor : tensors) {
    for (auto [i, dim] : llvm::enumerate(dims))
      if (static_cast<int64_t>(i) != axis)
        requireEqual(loc, tensor.dims[i], dim,
                     "dims of tensors to concatenate differ");
    inputs.push_back(tensor.value);
  }
  if (inputs.size() == 1)
    return {inputs.front(), llvm::to_vector(dims)};
  Type result = type(dims, tensors.front().elementType());
  Value value = tensor::ConcatOp::create(b, loc, result, axis, inputs);
  return {value, llvm::to_vector(dims)};
}

Tensor Lowering::convertElements(Location loc, Tensor tensor, Type from,
                                 Type to) {
  if (from == to)
    return tensor;
  return map(loc, tensor.dims, graph::signlessElementType(to), tensor,
             identity(tensor.rank()), [&](OpBuilder &nested, ValueRange args) {
               return graph::Scalar(nested, loc).cast(args.front(), from, to);
             });
}

SmallVector<Tensor> Lowering::group(Location loc,
                                    ArrayRef<SmallVector<Expr>> dims,
                                    ArrayRef<Type> elementTypes,
                                    GroupBody body) {
  // The body is built before the op, so sizes that it asks for come first.
  auto block = std::make_unique<Block>();
  OpBuilder nested(b.getContext());
  nested.setInsertionPointToEnd(block.get());
  kernel::YieldOp::create(nested, loc, body(nested));

  SmallVector<Type> types;
  SmallVector<Value> sizes;
  for (auto [shape, elementType] : llvm::zip(dims, elementTypes)) {
    types.push_back(type(shape, elementType));
    llvm::append_range(sizes, dynamicSizes(shape));
  }
  auto op = kernel::GroupOp::create(b, loc, types, sizes);
  op.getBody().push_back(block.release());
  SmallVector<Tensor> results;
  for (auto [result, shape] : llvm::zip(op.getResults(), dims))
    results.push_back({result, shape});
  return results;
}
