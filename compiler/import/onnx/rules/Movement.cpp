#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;

static LogicalResult importTranspose(Node &n) {
  Value x = n.operand(0);
  Node::Ints perm = llvm::to_vector(
      llvm::reverse(llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)))));
  perm = n.ints("perm", perm);
  return n.result(n.transpose(x, perm));
}

static LogicalResult importConcat(Node &n) {
  Node::Values values = n.operands();
  if (values.empty())
    return n.error() << "has no inputs, expected at least 1";
  std::optional<int64_t> otherwise;
  if (n.opset() < 4)
    otherwise = 1;
  int64_t axis = n.axis("axis", otherwise, values[0]);
  return n.failed() ? failure()
                    : n.result(n.make<graph::ConcatOp>(
                          values, {n.b.attr("axis", axis)}));
}

//===-- Split
//---------------------------------------------------------------===//

/// Lengths of equal parts, as an i64 tensor of one element each.
static Node::Values equalParts(Node &n, Value x, int64_t axis, int64_t parts) {
  Value length = n.dimOf(x, axis);
  int64_t known = n.dim(x, axis);
  if (!ShapedType::isDynamic(known) && n.opset() < 18 && known % parts != 0)
    n.error() << "splits a dim of " << known << " into " << parts
              << " equal parts";
  // The last part may be shorter.
  Value chunk = n.div(n.add(length, double(parts - 1)), double(parts));
  Node::Values lengths(parts - 1, chunk);
  lengths.push_back(n.sub(length, n.mul(chunk, double(parts - 1))));
  return lengths;
}

static Node::Values givenParts(Node &n, Value x, int64_t axis,
                               ArrayRef<int64_t> parts) {
  int64_t sum = 0;
  Node::Values lengths;
  for (int64_t part : parts) {
    if (part < 0 && !n.failed())
      n.error() << "has a part of negative length " << part;
    sum += part;
    lengths.push_back(n.i64s({part}));
  }
  int64_t known = n.dim(x, axis);
  if (!n.failed() && !ShapedType::isDynamic(known) && sum != known)
    n.error() << "splits a dim of " << known << " into parts of " << sum
              << " in all";
  return lengths;
}

static LogicalResult importSplit(Node &n) {
  Value x = n.operand(0);
  int64_t axis = n.axis("axis", 0, x);
  // The outputs are what counts, whatever number is stated beside them.
  int64_t parts = n.numOutputs();
  if (n.opset() >= 18)
    n.ignore({"num_outputs"});
  Node::Values lengths;
  Value given = n.opset() < 13 && n.opset() >= 2 ? Value() : n.optional(1);
  std::optional<Node::Ints> known;
  if (given)
    known = n.known(given);
  else if (n.opset() < 13 && n.hasAttr("split"))
    known = n.ints("split");
  if (n.failed())
    return failure();
  if (given && !n.checkRank(given, 1, 1))
    return failure();
  if (known)
    parts = known->size();
  else if (given)
    parts = n.dim(given, 0);
  if (parts < 1 || parts != n.numOutputs())
    return n.error() << "has " << n.numOutputs() << " outputs for " << parts
                     << " parts";
  if (known)
    lengths = givenParts(n, x, axis, *known);
  else if (given)
    for (int64_t k = 0; k < parts; ++k)
      lengths.push_back(n.slice(given, 0, k, k + 1));
  else
    lengths = equalParts(n, x, axis, parts);
  Node::Values results;
  Value from = n.i64s({0});
  for (Value length : lengths) {
    Value to = n.add(from, length);
    results.push_back(n.slice(x, from, to, {axis}, {1}));
    from = to;
  }
  return n.results(results);
}

//===-- Slice
//---------------------------------------------------------------===//

/// A vector over all axes: `values` at those that `axes` name, else
/// `otherwise`.
static Value overAxes(Node &n, Value values, Value axes, Value otherwise) {
  return n.make<graph::ScatterElementsOp>(
      {otherwise, axes, values},
      {n.b.attr("axis", int64_t(0)),
       n.b.attr("kind", graph::ScatterKindAttr::get(n.b.getContext(),
                                                    graph::ScatterKind::set))});
}

/// Axes or steps that are known at run time only: each axis is gathered along a
/// range of its own.
static LogicalResult importComputedSlice(Node &n, Value x, Value starts,
                                         Value ends) {
  Type i64 = n.b.getI64Type();
  int64_t rank = n.rank(x);
  Value count = n.shapeOf(starts), axes = n.optional(3), steps = n.optional(4);
  axes = axes ? n.cast(axes, i64) : n.iota(n.toScalar(count));
  steps = steps ? n.cast(steps, i64) : n.broadcast(n.i64(1), count);
  Value dims = n.shapeOf(x), all = n.i64s({rank});
  Value from = overAxes(n, starts, axes, n.broadcast(n.i64(0), all));
  Value to = overAxes(n, ends, axes, dims);
  Value by = overAxes(n, steps, axes, n.broadcast(n.i64(1), all));
  // Bounds as numpy clamps them, by the direction.
  Value back = n.compare(Predicate::lt, by, 0.0), zero = n.i64(0);
  Value minusOne = n.i64(-1), last = n.sub(dims, 1);
  auto wrap = [&](Value v) {
    return n.select(n.compare(Predicate::lt, v, zero), n.add(v, dims), v);
  };
  auto clamp = [&](Value v, Value low, Value high) {
    return n.min(n.max(v, low), high);
  };
  from = n.select(back, clamp(wrap(from), zero, last),
                  clamp(wrap(from), zero, dims));
  to = n.select(back, clamp(wrap(to), minusOne, last),
                clamp(wrap(to), zero, dims));
  for (int64_t k = 0; k < rank && !n.failed(); ++k) {
    auto at = [&](Value v) { return n.toScalar(n.slice(v, 0, k, k + 1)); };
    x = n.gather(x, n.make<graph::RangeOp>({at(from), at(to), at(by)}), k);
  }
  return n.result(x);
}

static LogicalResult importSlice(Node &n) {
  Type i64 = n.b.getI64Type();
  Value x = n.operand(0), starts = n.operand(1), ends = n.operand(2);
  for (unsigned k = 1; k < std::min(n.numOperands(), 5u); ++k)
    if (n.has(k) && !n.checkInteger(n.operand(k)))
      return failure();
  starts = n.cast(starts, i64), ends = n.cast(ends, i64);
  if (n.isComputed(3) || n.isComputed(4))
    return n.checkRank(starts, 1, 1) ? importComputedSlice(n, x, starts, ends)
                                     : failure();
  std::optional<Node::Ints> axes = n.constants(3), steps = n.constants(4);
  if (n.failed() || !n.checkRank(starts, 1, 1))
    return failure();
  // Any of the operands tells how many axes there are.
  int64_t count = axes    ? int64_t(axes->size())
                  : steps ? int64_t(steps->size())
                          : n.dim(starts, 0);
  if (ShapedType::isDynamic(count))
    count = n.dim(ends, 0);
  if (ShapedType::isDynamic(count))
    return n.error() << "has a number of starts that is known at run time only";
  for (Value *bounds : {&starts, &ends})
    if (n.checkRank(*bounds, 1, 1) && ShapedType::isDynamic(n.dim(*bounds, 0)))
      *bounds = n.reshape(*bounds, {count});
  if (count > n.rank(x))
    return n.error() << "has " << count << " starts for rank " << n.rank(x);
  if (!axes)
    axes = llvm::to_vector(llvm::seq<int64_t>(0, count));
  if (!steps)
    steps = Node::Ints(count, 1);
  Node::Ints positive = n.normalize(*axes, n.rank(x));
  return n.result(n.slice(x, starts, ends, positive, *steps));
}

static LogicalResult importOldSlice(Node &n) {
  Value x = n.operand(0);
  Node::Ints starts = n.ints("starts"), ends = n.ints("ends");
  Node::Ints axes =
      n.ints("axes", llvm::to_vector(llvm::seq<int64_t>(0, starts.size())));
  axes = n.normalize(axes, n.rank(x));
  return n.result(n.slice(x, n.i64s(starts), n.i64s(ends), axes,
                          Node::Ints(starts.size(), 1)));
}

//===-- Pad
//-----------------------------------------------------------------===//

static graph::PadMode padMode(Node &n) {
  return graph::PadMode(
      n.choice("mode", "constant", {"constant", "edge", "reflect", "wrap"}));
}

/// Pads of some axes as pads of all.
static Value spread(Node &n, Value pads, ArrayRef<int64_t> axes, int64_t rank) {
  int64_t count = axes.size();
  if (n.dim(pads, 0) != 2 * count && !n.failed())
    n.error() << "has " << n.dim(pads, 0) << " pads for " << count << " axes";
  Node::Values all(2 * rank, n.i64s({0}));
  for (int64_t k = 0; !n.failed() && k < count; ++k) {
    all[axes[k]] = n.slice(pads, 0, k, k + 1);
    all[rank + axes[k]] = n.slice(pads, 0, count + k, count + k + 1);
  }
  return n.concat(all, 0);
}

static LogicalResult importPad(Node &n) {
  Value x = n.operand(0), pads = n.cast(n.operand(1), n.b.getI64Type());
  Value value = n.optional(2);
  graph::PadMode mode = padMode(n);
  std::optional<Node::Ints> axes;
  if (n.opset() >= 18 && n.isComputed(3)) {
    Value list = n.cast(n.operand(3), n.b.getI64Type());
    Value rank = n.i64(n.rank(x));
    Value positive =
        n.select(n.compare(Predicate::lt, list, 0.0), n.add(list, rank), list);
    Value zeros = n.broadcast(n.i64(0), n.i64s({2 * n.rank(x)}));
    pads = overAxes(n, pads, n.concat({positive, n.add(positive, rank)}, 0),
                    zeros);
  } else if (n.opset() >= 18) {
    axes = n.constants(3);
  }
  if (n.failed())
    return failure();
  if (n.rank(pads) == 2 && n.dim(pads, 0) == 1)
    pads = n.squeeze(pads, {0});
  if (axes)
    pads = spread(n, pads, n.normalize(*axes, n.rank(x)), n.rank(x));
  value = value ? n.toScalar(value) : n.scalarLike(x, 0);
  return n.result(n.pad(x, pads, value, mode));
}

static LogicalResult importOldPad(Node &n) {
  Value x = n.operand(0);
  Node::Ints pads = n.ints(n.opset() < 2 ? "paddings" : "pads");
  Value value = n.scalarLike(x, n.f("value", 0));
  return n.result(n.pad(x, n.i64s(pads), value, padMode(n)));
}

//===-- Tile
//----------------------------------------------------------------===//

static LogicalResult importTile(Node &n) {
  return n.result(n.make<graph::TileOp>({n.operand(0), n.operand(1)}));
}

/// Tile-1 repeats one axis; which and how often are numbers of the type of x.
static LogicalResult importOldTile(Node &n) {
  Value x = n.operand(0), tiles = n.operand(1), axis = n.operand(2);
  Type i64 = n.b.getI64Type();
  tiles = n.toScalar(n.cast(tiles, i64));
  axis = n.toScalar(n.cast(axis, i64));
  Value repeats = n.select(
      n.compare(graph::Predicate::eq, n.iota(n.i64(n.rank(x))), axis), tiles,
      n.i64(1));
  return n.result(n.make<graph::TileOp>({x, repeats}));
}

//===-- Blocks
//--------------------------------------------------------------===//

/// Dim `axis` as one element, divided (or multiplied) by `by`.
static Value scaledDim(Node &n, Value x, int64_t axis, int64_t by, bool times) {
  Value dim = n.dimOf(x, axis);
  return times ? n.mul(dim, double(by)) : n.div(dim, double(by));
}

static LogicalResult importDepthToSpace(Node &n) {
  Value x = n.operand(0);
  int64_t block = n.i("blocksize");
  bool columnRowDepth = n.choice("mode", "DCR", {"DCR", "CRD"}) == 1;
  if (!n.checkRank(x, 4, 4))
    return failure();
  int64_t channels = n.dim(x, 1);
  if (block < 1 || block > (1 << 15) ||
      (!ShapedType::isDynamic(channels) && channels % (block * block) != 0))
    return n.error() << "has blocksize " << block << " for " << channels
                     << " channels";
  Value depth = scaledDim(n, x, 1, block * block, false);
  Value blocks = n.i64s({block, block}), batch = n.dimOf(x, 0);
  Value spatial = n.dimsOf(x, 2, 4);
  Value split = columnRowDepth ? n.concat({batch, depth, blocks, spatial}, 0)
                               : n.concat({batch, blocks, depth, spatial}, 0);
  Value moved =
      n.transpose(n.reshape(x, split),
                  columnRowDepth ? ArrayRef<int64_t>({0, 1, 4, 2, 5, 3})
                                 : ArrayRef<int64_t>({0, 3, 4, 1, 5, 2}));
  return n.result(n.collapse(moved, {0, 1, 2, 4}));
}

static LogicalResult importSpaceToDepth(Node &n) {
  Value x = n.operand(0);
  int64_t block = n.i("blocksize");
  if (!n.checkRank(x, 4, 4))
    return failure();
  if (block < 1 || block > (1 << 15))
    return n.error() << "has blocksize " << block;
  Value shape = n.concat({n.dimsOf(x, 0, 2), scaledDim(n, x, 2, block, false),
                          n.i64s({block}), scaledDim(n, x, 3, block, false),
                          n.i64s({block})},
                         0);
  Value moved = n.transpose(n.reshape(x, shape), {0, 3, 5, 1, 2, 4});
  return n.result(n.collapse(moved, {0, 1, 4, 5}));
}

//===-- Others
//--------------------------------------------------------------===//

/// Keeps what is above (or below) diagonal `k`.
static LogicalResult importTrilu(Node &n) {
  Value x = n.operand(0), k = n.optional(1);
  bool upper = n.flag("upper", true);
  int64_t rank = n.rank(x);
  if (!n.checkRank(x, 2))
    return failure();
  Value row = n.unsqueeze(n.iota(n.squeeze(n.dimOf(x, rank - 2), {0})), {1});
  Value column = n.unsqueeze(n.iota(n.squeeze(n.dimOf(x, rank - 1), {0})), {0});
  Value keep = n.compare(upper ? Predicate::ge : Predicate::le,
                         n.sub(column, row), k ? n.toScalar(k) : n.i64(0));
  return n.result(n.select(keep, x, n.scalarLike(x, 0)));
}

static LogicalResult importReverseSequence(Node &n) {
  Value x = n.operand(0), lengths = n.operand(1);
  int64_t batch = n.i("batch_axis", 1), time = n.i("time_axis", 0);
  if (n.failed() || !n.checkRank(x, 2))
    return failure();
  if (batch + time != 1 || (batch != 0 && batch != 1))
    return n.error() << "has batch_axis " << batch << " and time_axis " << time
                     << ", expected 0 and 1 or 1 and 0";
  Value data = n.swap(x, 0, batch); // [batch, time, ...]
  Value step = n.iota(n.squeeze(n.dimOf(data, 1), {0}));
  Value length = n.unsqueeze(lengths, {1});
  Value back = n.sub(n.sub(length, 1), step);
  Value from = n.select(n.compare(Predicate::lt, step, length), back, step);
  Value taken = n.gatherNd(data, n.unsqueeze(from, {2}), 1);
  return n.result(n.swap(taken, 0, batch));
}

static LogicalResult importCenterCropPad(Node &n) {
  Value x = n.operand(0), target = n.cast(n.operand(1), n.b.getI64Type());
  Node::Ints all = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
  Node::Ints axes = n.normalize(n.ints("axes", all), n.rank(x));
  if (n.failed())
    return failure();
  int64_t rank = n.rank(x);
  Node::Values pads(2 * rank, n.i64s({0}));
  for (auto [k, axis] : llvm::enumerate(axes)) {
    Value more = n.sub(n.slice(target, 0, k, k + 1), n.dimOf(x, axis));
    // Division truncates: half of what is missing, or of what is too much.
    pads[axis] = n.div(more, 2);
    pads[rank + axis] = n.sub(more, pads[axis]);
  }
  return n.result(n.pad(x, n.concat(pads, 0), n.scalarLike(x, 0)));
}

void nacre::onnx::addMovementRules(RuleTable &table) {
  table.add("CenterCropPad", 18, importCenterCropPad);
  table.add("Concat", 1, importConcat);
  table.add("DepthToSpace", 1, importDepthToSpace);
  table.add("DynamicSlice", 1, importSlice);
  table.add("Pad", 1, importOldPad);
  table.add("Pad", 11, importPad);
  table.add("ReverseSequence", 10, importReverseSequence);
  table.add("Slice", 1, importOldSlice);
  table.add("Slice", 10, importSlice);
  table.add("SpaceToDepth", 1, importSpaceToDepth);
  table.add("Split", 1, importSplit);
  table.add("Tile", 1, importOldTile);
  table.add("Tile", 6, importTile);
  table.add("Transpose", 1, importTranspose);
  table.add("Trilu", 14, importTrilu);
}
