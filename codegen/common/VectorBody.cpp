#include "codegen/common/VectorBody.h"

using namespace mlir;

namespace nacre::codegen {

using Kind = Lane::Kind;

Value VectorBody::index(AffineExpr expr, const Coordinates &at) {
  SmallVector<AffineExpr> dims;
  SmallVector<OpFoldResult> operands;
  for (const Coordinate &c : at) {
    AffineExpr dim = b.getAffineConstantExpr(0);
    if (c.base) {
      dim = b.getAffineDimExpr(operands.size());
      operands.push_back(c.base);
    }
    dims.push_back(dim + c.offset);
  }
  AffineMap map = AffineMap::get(operands.size(), 0, expr.replaceDims(dims),
                                 b.getContext());
  OpFoldResult result =
      affine::makeComposedFoldedAffineApply(b, loc(), map, operands);
  return getValueOrCreateConstantIndexOp(b, loc(), result);
}

Value VectorBody::toVector(Lane lane) {
  if (lane.kind == Kind::Vector)
    return lane.value;
  VectorType type = vectorOf(lane.value.getType());
  Attribute constant;
  if (lane.kind == Kind::Scalar &&
      matchPattern(lane.value, m_Constant(&constant)))
    return arith::ConstantOp::create(b, loc(),
                                     DenseElementsAttr::get(type, constant));
  Value splat = vector::BroadcastOp::create(b, loc(), type, lane.value);
  if (lane.kind == Kind::Scalar)
    return splat;
  Value steps = vector::StepOp::create(b, loc(), type);
  return arith::AddIOp::create(b, loc(), splat, steps);
}

VectorBody::Member VectorBody::rootAt(const Coordinates &at) {
  bool lanes = !scalar && !plan.acrossLanes();
  return {root, at, lanes ? int64_t(plan.laneLoop) : -1};
}

/// Where `producer` is when `reader` reads it through `read`.
VectorBody::Member VectorBody::memberAt(linalg::GenericOp producer,
                                        AffineMap read, const Member &reader) {
  AffineMap written = producer.getIndexingMapsArray().back();
  Member member{producer, Coordinates(producer.getNumLoops()), -1};
  for (auto [from, to] :
       llvm::zip_equal(read.getResults(), written.getResults())) {
    unsigned loop = cast<AffineDimExpr>(to).getPosition();
    if (auto dim = dyn_cast<AffineDimExpr>(from))
      member.at[loop] = reader.at[dim.getPosition()];
    else
      member.at[loop] = {index(from, reader.at), 0};
    if (reader.lane >= 0 && from.isFunctionOfDim(reader.lane))
      member.lane = loop;
  }
  return member;
}

/// `lanes` elements of the last dim of `tensor` from `indices`, `stride` apart.
Value VectorBody::readVector(Value tensor, ValueRange indices, int64_t stride) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Type element = type.getElementType();
  AffineMap map =
      AffineMap::getMinorIdentityMap(type.getRank(), 1, b.getContext());
  Value padding = arith::ConstantOp::create(b, loc(), b.getZeroAttr(element));
  auto inBounds = b.getBoolArrayAttr({true});
  if (stride == 1)
    return vector::TransferReadOp::create(b, loc(), vectorOf(element), tensor,
                                          indices, AffineMapAttr::get(map),
                                          padding, mask, inBounds);
  // Read all elements from the first to the last lane's, and pick. The elements
  // after the last lane may lie outside of the tensor: they are masked.
  int64_t width = plan.lanes * stride;
  VectorType wide = VectorType::get({width}, element);
  VectorType wideMask = VectorType::get({width}, b.getI1Type());
  SmallVector<int64_t> pick;
  for (int64_t i = 0; i < plan.lanes; ++i)
    pick.push_back(i * stride);
  Value used;
  if (mask) {
    SmallVector<int64_t> spread;
    for (int64_t i = 0; i < width; ++i)
      spread.push_back(i % stride == 0 ? i / stride : plan.lanes);
    Value none = arith::ConstantOp::create(
        b, loc(),
        DenseElementsAttr::get(cast<VectorType>(mask.getType()), false));
    used = vector::ShuffleOp::create(b, loc(), mask, none, spread);
  } else {
    SmallVector<bool> bits;
    for (int64_t i = 0; i < width; ++i)
      bits.push_back(i <= (plan.lanes - 1) * stride);
    used = arith::ConstantOp::create(b, loc(),
                                     DenseElementsAttr::get(wideMask, bits));
  }
  Value read = vector::TransferReadOp::create(b, loc(), wide, tensor, indices,
                                              AffineMapAttr::get(map), padding,
                                              used, inBounds);
  return vector::ShuffleOp::create(b, loc(), read, read, pick);
}

/// Rows to columns: log2(n) rounds of perfect shuffles of row i with row i +
/// n/2.
static void transpose(OpBuilder &b, Location loc,
                      SmallVectorImpl<Value> &rows) {
  int64_t n = rows.size();
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < n; ++i) {
    low.push_back(i / 2 + (i % 2) * n);
    high.push_back(low.back() + n / 2);
  }
  for (int64_t round = 1; round < n; round *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < n / 2; ++i)
      for (ArrayRef<int64_t> half :
           {ArrayRef<int64_t>(low), ArrayRef<int64_t>(high)})
        next.push_back(
            vector::ShuffleOp::create(b, loc, rows[i], rows[i + n / 2], half));
    rows.assign(next.begin(), next.end());
  }
}

/// A lane that is masked off reads what lane 0, which never is, reads: its own
/// element may lie behind the end of the tensor.
void VectorBody::stayInside(SmallVectorImpl<Value> &indices, ValueRange first,
                            int64_t lane) {
  Value isThere = vector::ExtractOp::create(b, loc(), mask, lane);
  for (auto [index, inside] : llvm::zip_equal(indices, first))
    index = arith::SelectOp::create(b, loc(), isThere, index, inside);
}

/// A vector along the lane loop of a tensor that runs along another one.
Value VectorBody::readTransposed(Value tensor, AffineMap map,
                                 const Member &member) {
  auto indicesAt = [&](Coordinates at) {
    SmallVector<Value> indices;
    for (AffineExpr expr : map.getResults())
      indices.push_back(index(expr, at));
    return indices;
  };
  SmallVector<Value> rows;
  bool whole = int64_t(tile.size()) == plan.lanes && !mask;
  auto key =
      std::make_pair(tensor.getAsOpaquePointer(), map.getAsOpaquePointer());
  if (whole && transposed.count(key))
    return transposed[key][member.at[plan.transposedLoop].offset];
  for (int64_t i = 0; i < plan.lanes; ++i) {
    Coordinates at = member.at;
    at[plan.laneLoop].offset += i;
    SmallVector<Value> indices = indicesAt(at);
    if (whole) {
      rows.push_back(readVector(tensor, indices, 1));
      continue;
    }
    if (mask)
      stayInside(indices, indicesAt(member.at), i);
    rows.push_back(tensor::ExtractOp::create(b, loc(), tensor, indices));
  }
  if (!whole)
    return vector::FromElementsOp::create(
        b, loc(), vectorOf(getElementTypeOrSelf(tensor.getType())), rows);
  transpose(b, loc(), rows);
  transposed[key] = rows;
  return rows[member.at[plan.transposedLoop].offset];
}

Lane VectorBody::loadTensor(Value tensor, AffineMap map, const Member &member) {
  bool lanes = member.lane >= 0 && map.isFunctionOfDim(member.lane);
  if (lanes && plan.transposedLoop >= 0 &&
      !map.getResults().back().isFunctionOfDim(member.lane))
    return {Kind::Vector, readTransposed(tensor, map, member)};
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults())
    indices.push_back(index(expr, member.at));
  if (lanes) {
    int64_t stride = *strideOf(map.getResults().back(), member.lane);
    return {Kind::Vector, readVector(tensor, indices, stride)};
  }
  return {Kind::Scalar, tensor::ExtractOp::create(b, loc(), tensor, indices)};
}

Lane VectorBody::load(const Member &member, OpOperand &operand) {
  linalg::GenericOp op = member.op;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  Value tensor = operand.get();
  if (auto fill = tensor.getDefiningOp<linalg::FillOp>())
    return {Kind::Scalar, fill.getInputs()[0]};
  Attribute constant;
  if (matchPattern(tensor, m_Constant(&constant)))
    if (auto splat = dyn_cast<SplatElementsAttr>(constant))
      return {Kind::Scalar,
              arith::ConstantOp::create(
                  b, loc(), cast<TypedAttr>(splat.getSplatValue<Attribute>()))};
  Operation *producer = tensor.getDefiningOp();
  if (producer && plan.group.contains(producer)) {
    auto generic = cast<linalg::GenericOp>(producer);
    if (generic.getNumReductionLoops() == 0)
      return evaluate(memberAt(generic, map, member), {})[0];
    if (!sums.count({producer, block}))
      emitReduction(generic);
    return sums.at({producer, block})[cast<OpResult>(tensor).getResultNumber()];
  }
  // A tensor that the results overwrite in place is read where they are kept,
  // so that it is one buffer: each element is read before it is written.
  if (op == root)
    for (auto [i, init] : llvm::enumerate(root.getDpsInitsMutable()))
      if (init.get() == tensor && root.getMatchingIndexingMap(&init) == map) {
        tensor = destinations[i];
        break;
      }
  return loadTensor(tensor, map, member);
}

Lane VectorBody::evaluateExtract(tensor::ExtractOp op,
                                 DenseMap<Value, Lane> &values) {
  SmallVector<Value> indices;
  bool steps = false, gather = false;
  unsigned rank = op.getIndices().size();
  for (auto [i, value] : llvm::enumerate(op.getIndices())) {
    Lane lane = values.count(value) ? values[value] : Lane{Kind::Scalar, value};
    gather |= lane.kind == Kind::Vector ||
              (lane.kind == Kind::Steps && i + 1 != rank);
    steps |= lane.kind == Kind::Steps;
    indices.push_back(lane.value);
  }
  if (!gather && steps)
    return {Kind::Vector, readVector(op.getTensor(), indices, 1)};
  if (!gather)
    return {Kind::Scalar,
            tensor::ExtractOp::create(b, loc(), op.getTensor(), indices)};
  // One load per lane.
  SmallVector<Value> elements, vectors, first;
  for (Value value : op.getIndices())
    vectors.push_back(toVector(
        values.count(value) ? values[value] : Lane{Kind::Scalar, value}));
  for (int64_t i = 0; i < plan.lanes; ++i) {
    SmallVector<Value> at;
    for (Value vector : vectors)
      at.push_back(vector::ExtractOp::create(b, loc(), vector, i));
    if (i == 0)
      first = at;
    else if (mask)
      stayInside(at, first, i);
    elements.push_back(tensor::ExtractOp::create(b, loc(), op.getTensor(), at));
  }
  return {Kind::Vector, vector::FromElementsOp::create(
                            b, loc(), vectorOf(op.getType()), elements)};
}

Lane VectorBody::evaluateOp(Operation &op, const Member &member,
                            DenseMap<Value, Lane> &values) {
  if (auto position = dyn_cast<linalg::IndexOp>(op)) {
    int64_t loop = position.getDim();
    Value start = index(b.getAffineDimExpr(loop), member.at);
    return {loop == member.lane ? Kind::Steps : Kind::Scalar, start};
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return evaluateExtract(extract, values);
  SmallVector<Lane> operands;
  bool scalar = true;
  for (Value operand : op.getOperands()) {
    Lane lane =
        values.count(operand) ? values[operand] : Lane{Kind::Scalar, operand};
    scalar &= lane.kind == Kind::Scalar;
    operands.push_back(lane);
  }
  // A check holds if it holds in every lane that is there.
  if (auto check = dyn_cast<kernel::CheckOp>(op); check && !scalar) {
    Value holds = toVector(operands.front());
    if (mask) {
      Value ones = arith::ConstantOp::create(
          b, loc(),
          DenseElementsAttr::get(cast<VectorType>(holds.getType()), true));
      Value absent = arith::XOrIOp::create(b, loc(), mask, ones);
      holds = arith::OrIOp::create(b, loc(), holds, absent);
    }
    Value all = vector::ReductionOp::create(b, loc(),
                                            vector::CombiningKind::AND, holds);
    kernel::CheckOp::create(b, check.getLoc(), all, check.getText());
    return {};
  }
  IRMapping mapping;
  for (auto [operand, lane] : llvm::zip_equal(op.getOperands(), operands))
    mapping.map(operand, scalar ? lane.value : toVector(lane));
  Operation *copy = b.clone(op, mapping);
  if (!scalar)
    for (Value result : copy->getResults())
      result.setType(vectorOf(result.getType()));
  if (auto fast = dyn_cast<arith::ArithFastMathInterface>(copy);
      fast && isa<arith::MulFOp, arith::AddFOp, arith::SubFOp>(copy))
    copy->setAttr(fast.getFastMathAttrName(),
                  arith::FastMathFlagsAttr::get(
                      b.getContext(), fast.getFastMathFlagsAttr().getValue() |
                                          arith::FastMathFlags::contract));
  if (copy->getNumResults() == 0)
    return {};
  return {scalar ? Kind::Scalar : Kind::Vector, copy->getResult(0)};
}

SmallVector<Lane> VectorBody::evaluate(const Member &member,
                                       ArrayRef<Value> sums) {
  linalg::GenericOp op = member.op;
  DenseMap<Value, Lane> values;
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (argument.use_empty())
      continue;
    if (!sums.empty() && op.isDpsInit(&operand)) {
      Value sum = sums[operand.getOperandNumber() - op.getNumDpsInputs()];
      values[argument] = {
          isa<VectorType>(sum.getType()) ? Kind::Vector : Kind::Scalar, sum};
    } else {
      values[argument] = load(member, operand);
    }
  }
  for (Operation &part : op.getBody()->without_terminator()) {
    Lane lane = evaluateOp(part, member, values);
    if (part.getNumResults() == 1)
      values[part.getResult(0)] = lane;
  }
  SmallVector<Lane> results;
  for (Value value : op.getBody()->getTerminator()->getOperands())
    results.push_back(values.count(value) ? values[value]
                                          : Lane{Kind::Scalar, value});
  return results;
}

void VectorBody::write(const Member &member, unsigned result, Lane value) {
  linalg::GenericOp op = member.op;
  OpOperand *init = op.getDpsInitOperand(result);
  AffineMap map = op.getMatchingIndexingMap(init);
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults())
    indices.push_back(index(expr, member.at));
  Value &into = destinations[result];
  if (member.lane < 0 || !map.isFunctionOfDim(member.lane)) {
    into = tensor::InsertOp::create(b, loc(), value.value, into, indices);
    return;
  }
  AffineMap minor =
      AffineMap::getMinorIdentityMap(map.getNumResults(), 1, b.getContext());
  into = vector::TransferWriteOp::create(b, loc(), toVector(value), into,
                                         indices, AffineMapAttr::get(minor),
                                         mask, b.getBoolArrayAttr({true}))
             .getResult();
}

void VectorBody::emitTile(ArrayRef<Coordinates> blocks) {
  tile = blocks;
  sums.clear();
  transposed.clear();
  if (plan.acrossLanes())
    emitAcrossLanes();
  emitAlongLanes(blocks);
}

void VectorBody::emitAlongLanes(ArrayRef<Coordinates> blocks) {
  if (root.getNumReductionLoops() != 0 && !plan.acrossLanes())
    emitReduction(root);
  for (block = 0; block < blocks.size(); ++block) {
    Member member = rootAt(blocks[block]);
    SmallVector<Lane> values = root.getNumReductionLoops() != 0
                                   ? sums.at({root, block})
                                   : evaluate(member, {});
    for (auto [i, value] : llvm::enumerate(values))
      write(member, i, value);
  }
}

} // namespace nacre::codegen
