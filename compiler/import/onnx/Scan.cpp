// Scan: a loop that takes a slice of its inputs in each round.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Loop.h"
#include "compiler/import/onnx/Rules.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
namespace proto = nacre::proto;
using graph::Predicate;
using Values = SmallVector<Value>;

/// One attribute entry per scanned value, checked.
static Node::Ints perValue(Node &node, StringRef name, size_t count) {
  Node::Ints values = node.ints(name, Node::Ints(count, 0));
  if (values.size() != count)
    node.error() << "has " << values.size() << " values in attribute '" << name
                 << "', expected " << count;
  values.resize(count);
  return values;
}

/// Per scanned value whether it is read (or stacked) from the end.
static Node::Ints directions(Node &node, StringRef name, size_t count) {
  Node::Ints values = perValue(node, name, count);
  for (int64_t value : values)
    if (value != 0 && value != 1 && !node.failed())
      node.error() << "has " << value << " in attribute '" << name
                   << "', expected 0 or 1";
  return values;
}

namespace {
/// The parts of a Scan node, whatever its opset.
struct Scan {
  Node &node;
  const proto::GraphProto *body = nullptr;
  Values carried = {}, scanned = {};
  Node::Ints axes = {}, backward = {};
  /// How many rounds count (an i64 scalar); null for all. Later ones change
  /// nothing and give zeros.
  Value length = {};

  LogicalResult read(Values all);
  LogicalResult checkAxes();
  size_t numStacked() const { return body->output_size() - carried.size(); }
  FailureOr<Values> build();

private:
  FailureOr<Values> round(Value trips, Value counter, ValueRange state);
};
} // namespace

/// Splits the inputs: carried values, then scanned ones.
LogicalResult Scan::read(Values all) {
  body = node.subgraph("body");
  int64_t numScanned = node.i("num_scan_inputs");
  if (node.failed())
    return failure();
  if (numScanned < 1 || numScanned > int64_t(all.size()))
    return node.error() << "has num_scan_inputs " << numScanned << " of "
                        << all.size() << " inputs";
  size_t numCarried = all.size() - numScanned;
  if (size_t(body->input_size()) != all.size() ||
      size_t(body->output_size()) < numCarried)
    return node.error() << "has a body with " << body->input_size()
                        << " inputs and " << body->output_size()
                        << " outputs, expected " << all.size()
                        << " and at least " << numCarried;
  carried.assign(all.begin(), all.begin() + numCarried);
  scanned.assign(all.begin() + numCarried, all.end());
  axes.assign(numScanned, 0);
  backward.assign(numScanned, 0);
  return success();
}

LogicalResult Scan::checkAxes() {
  for (auto [k, value] : llvm::enumerate(scanned)) {
    if (!node.checkRank(value, 1))
      return failure();
    axes[k] = node.normalize(axes[k], node.rank(value));
    int64_t here = node.dim(value, axes[k]);
    int64_t first = node.dim(scanned[0], axes[0]);
    if (!node.failed() && !ShapedType::isDynamic(here) &&
        !ShapedType::isDynamic(first) && here != first)
      return node.error() << "scans inputs of lengths " << first << " and "
                          << here;
  }
  return failure(node.failed());
}

FailureOr<Values> Scan::round(Value trips, Value counter, ValueRange state) {
  Values inputs(state.begin(), state.end());
  for (auto [k, value] : llvm::enumerate(scanned)) {
    Value at = backward[k] ? node.sub(node.sub(trips, 1), counter) : counter;
    inputs.push_back(node.gather(value, at, axes[k]));
  }
  if (node.failed())
    return failure();
  auto values = node.importer.importBody(*body, node.frame, node.scope, inputs);
  if (mlir::failed(values))
    return failure();
  if (length) {
    Value counts = node.compare(Predicate::lt, counter, length);
    for (auto [k, value] : llvm::enumerate(*values))
      value =
          node.select(counts, value,
                      k < state.size() ? state[k] : node.scalarLike(value, 0));
  }
  values->insert(values->begin(), node.scalar(node.b.getI1Type(), 1));
  return node.failed() ? FailureOr<Values>(failure()) : values;
}

/// Last carried values, then stacks.
FailureOr<Values> Scan::build() {
  if (failed(checkAxes()))
    return failure();
  Value trips = node.squeeze(node.dimOf(scanned[0], axes[0]), {0});
  auto body = [&](Value counter, ValueRange state) {
    return round(trips, counter, state);
  };
  LoopBuilder loop{node, trips, node.scalar(node.b.getI1Type(), 1), carried,
                   body};
  return loop.build();
}

/// Scan-9 and later: no batch axis.
static LogicalResult importScan(Node &node) {
  Scan scan{node};
  if (failed(scan.read(node.operands())))
    return failure();
  scan.axes = perValue(node, "scan_input_axes", scan.scanned.size());
  scan.backward =
      directions(node, "scan_input_directions", scan.scanned.size());
  Node::Ints outAxes = perValue(node, "scan_output_axes", scan.numStacked());
  Node::Ints outBack =
      directions(node, "scan_output_directions", scan.numStacked());
  FailureOr<Values> results = failure();
  if (!node.failed())
    results = scan.build();
  if (mlir::failed(results))
    return failure();
  for (size_t k = 0; k < scan.numStacked(); ++k) {
    Value &stack = (*results)[scan.carried.size() + k];
    if (outBack[k])
      stack =
          node.slice(stack, node.i64s({-1}), node.i64s({INT64_MIN}), {0}, {-1});
    int64_t rank = node.rank(stack);
    int64_t to = node.normalize(outAxes[k], rank);
    SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(1, rank));
    perm.insert(perm.begin() + (node.failed() ? 0 : to), 0);
    stack = node.transpose(stack, perm);
  }
  return node.results(*results);
}

/// Scan-8: all values have a batch axis first, and sequences their length next.
/// Each element of the batch is a scan of its own.
static LogicalResult importBatchScan(Node &node) {
  Value lengths = node.optional(0);
  Scan scan{node};
  if (failed(scan.read(node.operands(1))))
    return failure();
  scan.backward = directions(node, "directions", scan.scanned.size());
  Values carried = scan.carried, scanned = scan.scanned;
  for (Value value : carried)
    node.checkRank(value, 1);
  for (Value value : scanned)
    node.checkRank(value, 2);
  auto body = [&](Value at, ValueRange) -> FailureOr<Values> {
    auto pick = [&](Value value) { return node.gather(value, at, 0); };
    scan.carried = llvm::map_to_vector(carried, pick);
    scan.scanned = llvm::map_to_vector(scanned, pick);
    scan.length = lengths ? pick(lengths) : Value();
    if (node.failed())
      return failure();
    FailureOr<Values> results = scan.build();
    if (succeeded(results))
      results->insert(results->begin(), node.scalar(node.b.getI1Type(), 1));
    return results;
  };
  if (node.failed())
    return failure();
  Value count = node.squeeze(node.dimOf(scanned[0], 0), {0});
  LoopBuilder loop{node, count, node.scalar(node.b.getI1Type(), 1), {}, body};
  auto results = loop.build();
  return mlir::failed(results) ? failure() : node.results(*results);
}

void nacre::onnx::addScanRules(RuleTable &table) {
  table.add("Scan", 8, importBatchScan);
  table.add("Scan", 9, importScan);
}
