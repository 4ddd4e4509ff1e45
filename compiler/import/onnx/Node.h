//===- Node.h - What an import rule sees of a node --------------*- C++ -*-===//
//
// A rule reads operands and attributes through getters and emits `graph` ops
// through builders. A getter that does not find what it was asked for reports
// that (node, op, opset, what was expected) and marks the node as failed; from
// then on builders give null, and null operands give null results. So a rule
// can be written straight down, and only `results` at its end tells success.
//
// Attributes and operands that no getter has asked for when the rule is done
// are errors: the op does not have them.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_NODE_H
#define NACRE_COMPILER_IMPORT_ONNX_NODE_H

#include "dialects/graph/Builder.h"
#include "dialects/graph/Graph.h"

namespace nacre::proto {
class AttributeProto;
class GraphProto;
class NodeProto;
class SparseTensorProto;
class TensorProto;
} // namespace nacre::proto

namespace nacre::onnx {

/// Tensors of a higher rank are refused.
inline constexpr int64_t kMaxRank = 64;

class Importer;
struct Frame;
class Scope;

class Node {
public:
  using Values = llvm::SmallVector<mlir::Value>;
  using Ints = llvm::SmallVector<int64_t>;

  Node(Importer &importer, const proto::NodeProto &proto, const Frame &frame,
       Scope &scope);

  Importer &importer;
  const proto::NodeProto &proto;
  const Frame &frame;
  Scope &scope;
  graph::Builder &b;

  //===-- Facts
  //-------------------------------------------------------------===//
  llvm::StringRef op() const;
  int64_t opset() const { return meaning; }
  /// Makes a rule read this node as one of another opset (see
  /// `RuleTable::alias`).
  void readAs(int64_t opset) { meaning = opset; }
  mlir::Location loc() const { return location; }
  /// "node 'conv1' (Conv, opset 13)".
  std::string label() const;
  /// Starts an error about this node, and marks it as failed.
  mlir::InFlightDiagnostic error();
  bool failed() const { return broken; }
  void fail() { broken = true; }

  //===-- Operands
  //----------------------------------------------------------===//
  /// Number of operands that the model gives, absent ones included.
  unsigned numOperands() const;
  bool has(unsigned index) const;
  mlir::Value operand(unsigned index);
  /// Null if absent.
  mlir::Value optional(unsigned index);
  /// All from `first` on; each must be present.
  Values operands(unsigned first = 0);
  /// The elements of an integer operand that must be known now. Nothing (and no
  /// error) if it is absent.
  std::optional<Ints> constants(unsigned index);
  /// Whether operand `index` is there but computed at run time.
  bool isComputed(unsigned index) {
    mlir::Value value = optional(index);
    return value && !known(value);
  }
  /// The only element of a constant operand, as a number.
  std::optional<double> constantNumber(unsigned index);

  //===-- Attributes
  //--------------------------------------------------------===//
  bool hasAttr(llvm::StringRef name);
  int64_t i(llvm::StringRef name, std::optional<int64_t> otherwise = {});
  double f(llvm::StringRef name, std::optional<double> otherwise = {});
  bool flag(llvm::StringRef name, bool otherwise);
  llvm::StringRef s(llvm::StringRef name,
                    std::optional<llvm::StringRef> otherwise = {});
  Ints ints(llvm::StringRef name, Ints otherwise = {});
  llvm::SmallVector<double> floats(llvm::StringRef name);
  llvm::SmallVector<llvm::StringRef> strings(llvm::StringRef name);
  /// Null if there is none.
  const proto::GraphProto *subgraph(llvm::StringRef name);
  mlir::ElementsAttr tensor(llvm::StringRef name);
  mlir::ElementsAttr sparseTensor(llvm::StringRef name);
  /// The element type that an attribute names by its ONNX number.
  mlir::Type typeAttr(llvm::StringRef name,
                      std::optional<int64_t> otherwise = {});
  /// Makes attributes that no getter asked for a warning.
  void allowUnknownAttributes() { lenient = true; }
  /// Attributes that mean nothing here (hints, relics of old opsets).
  void ignore(llvm::ArrayRef<llvm::StringRef> names);
  /// The value of a string attribute that has to be one of `names`, as index.
  unsigned choice(llvm::StringRef name, llvm::StringRef otherwise,
                  llvm::ArrayRef<llvm::StringRef> names);

  /// `axis` made positive; reports if it is outside `[-rank, rank)`.
  int64_t normalize(int64_t axis, int64_t rank);
  Ints normalize(llvm::ArrayRef<int64_t> axes, int64_t rank);
  /// The attribute as axis of `value`.
  int64_t axis(llvm::StringRef name, std::optional<int64_t> otherwise,
               mlir::Value value);

  //===-- Results
  //-----------------------------------------------------------===//
  unsigned numOutputs() const;
  /// Whether the model reads output `index`.
  bool wants(unsigned index) const;
  /// Binds the outputs. More outputs than `values` is an error of the model.
  llvm::LogicalResult results(mlir::ValueRange values);
  llvm::LogicalResult result(mlir::Value value) { return results({value}); }

  //===-- Facts about values
  //------------------------------------------------===//
  static mlir::RankedTensorType type(mlir::Value value);
  int64_t rank(mlir::Value value) const {
    return value ? type(value).getRank() : 0;
  }
  mlir::Type element(mlir::Value value) const {
    return value ? type(value).getElementType() : mlir::Type();
  }
  bool isFloat(mlir::Value value) const {
    return value && mlir::isa<mlir::FloatType>(element(value));
  }
  /// The dim if it is known now, else kDynamic.
  int64_t dim(mlir::Value value, int64_t axis) const;
  /// The type if its size is sane; reports and is null if not.
  mlir::RankedTensorType sized(llvm::ArrayRef<int64_t> dims, mlir::Type type) {
    return checkSize(dims, type) ? mlir::RankedTensorType::get(dims, type)
                                 : mlir::RankedTensorType();
  }
  /// Reports unless `shape` is a vector that can be the shape of a tensor.
  bool checkShape(mlir::Value shape);
  /// Report unless it is a tensor of floats, or of integers.
  bool checkFloat(mlir::Value value);
  bool checkInteger(mlir::Value value);
  /// Reports unless all (absent ones aside) have one element type.
  bool checkSameType(mlir::ValueRange values);
  /// Reports unless the rank is between `least` and `most`.
  bool checkRank(mlir::Value value, int64_t least, int64_t most = INT64_MAX);
  /// The elements if all are known now, whatever the size.
  std::optional<Ints> known(mlir::Value value);
  /// The same as numbers, for floats and integers; constants only.
  std::optional<llvm::SmallVector<double>> knownNumbers(mlir::Value value);

  //===-- Builders
  //----------------------------------------------------------===//
  template <typename OpT>
  mlir::Value make(mlir::ValueRange operands,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    Values all = makeAll<OpT>(operands, attributes);
    return all.empty() ? mlir::Value() : all.front();
  }
  template <typename OpT>
  Values makeAll(mlir::ValueRange operands,
                 llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    if (!usable(operands))
      return {};
    return checked(b.createAll<OpT>(location, operands, attributes));
  }

  using V = mlir::Value;
  V add(V x, V y) { return make<graph::AddOp>({x, y}); }
  V sub(V x, V y) { return make<graph::SubOp>({x, y}); }
  V mul(V x, V y) { return make<graph::MulOp>({x, y}); }
  V div(V x, V y) { return make<graph::DivOp>({x, y}); }
  V max(V x, V y) { return make<graph::MaxOp>({x, y}); }
  V min(V x, V y) { return make<graph::MinOp>({x, y}); }
  V neg(V x) { return make<graph::NegOp>({x}); }
  V exp(V x) { return make<graph::ExpOp>({x}); }
  V log(V x) { return make<graph::LogOp>({x}); }
  V sqrt(V x) { return make<graph::SqrtOp>({x}); }
  V select(V c, V x, V y) { return make<graph::SelectOp>({c, x, y}); }
  /// With a number in place of an operand, of the other's element type.
  V add(V x, double y) { return add(x, scalarLike(x, y)); }
  V sub(V x, double y) { return sub(x, scalarLike(x, y)); }
  V sub(double x, V y) { return sub(scalarLike(y, x), y); }
  V mul(V x, double y) { return mul(x, scalarLike(x, y)); }
  V div(V x, double y) { return div(x, scalarLike(x, y)); }
  V div(double x, V y) { return div(scalarLike(y, x), y); }
  V max(V x, double y) { return max(x, scalarLike(x, y)); }
  V min(V x, double y) { return min(x, scalarLike(x, y)); }
  V compare(graph::Predicate predicate, V x, V y);
  V compare(graph::Predicate predicate, V x, double y) {
    return compare(predicate, x, scalarLike(x, y));
  }
  /// `x` itself if it is of that type.
  V cast(V x, mlir::Type to);

  V constant(mlir::ElementsAttr value);
  V scalar(mlir::Type type, double value);
  V scalarLike(V like, double value) { return scalar(element(like), value); }
  V i64s(llvm::ArrayRef<int64_t> values);
  V i64(int64_t value);
  V f32s(llvm::ArrayRef<float> values);
  V strings1d(llvm::ArrayRef<llvm::StringRef> values);
  /// A 1-D constant of numbers converted to `type`.
  V numbers(mlir::Type type, llvm::ArrayRef<double> values);
  /// A constant of one value everywhere.
  V filled(mlir::Type type, llvm::ArrayRef<int64_t> dims, double value);

  V shapeOf(V x);
  /// Dim `axis` as an i64 tensor of one element.
  V dimOf(V x, int64_t axis);
  /// Dims `[from, to)` as an i64 tensor.
  V dimsOf(V x, int64_t from, int64_t to);
  /// The number of elements, an i64 scalar.
  V sizeOf(V x);
  /// 0 in `shape` is a dim of 0.
  V reshape(V x, V shape);
  V reshape(V x, llvm::ArrayRef<int64_t> shape) {
    return reshape(x, i64s(shape));
  }
  V squeeze(V x, llvm::ArrayRef<int64_t> axes);
  V unsqueeze(V x, llvm::ArrayRef<int64_t> axes);
  /// With dims of 1 appended or inserted so that axis 0 of `x` (a vector) meets
  /// axis `axis` of a tensor of rank `rank`.
  V alongAxis(V x, int64_t axis, int64_t rank);
  V collapse(V x, llvm::ArrayRef<int64_t> starts);
  /// Merged to `[d0 * ... , d(axis) * ...]`, as Flatten does.
  V flatten(V x, int64_t axis);
  V transpose(V x, llvm::ArrayRef<int64_t> perm);
  /// Swaps two axes.
  V swap(V x, int64_t a, int64_t c);
  V broadcast(V x, V shape);
  V concat(mlir::ValueRange values, int64_t axis);
  V slice(V x, V starts, V ends, llvm::ArrayRef<int64_t> axes,
          llvm::ArrayRef<int64_t> steps);
  /// One axis, constant bounds, step 1.
  V slice(V x, int64_t axis, int64_t from, int64_t to);
  V gather(V x, V indices, int64_t axis);
  V gatherNd(V x, V indices, int64_t batchDims);
  V pad(V x, V pads, V value, graph::PadMode mode = graph::PadMode::constant);
  V reduce(graph::ReduceKind kind, V x, llvm::ArrayRef<int64_t> axes,
           bool keepDims);
  V mean(V x, llvm::ArrayRef<int64_t> axes, bool keepDims);
  /// The number of elements along `axes`, in the element type `type`.
  V count(V x, llvm::ArrayRef<int64_t> axes, mlir::Type type);
  V matmul(V x, V y) { return make<graph::MatmulOp>({x, y}); }
  V softmax(V x, int64_t axis, bool log = false);
  /// 0, 1, ... `n` - 1 for an i64 scalar `n`.
  V iota(V n);
  /// A scalar of a tensor of one element.
  V toScalar(V x);

private:
  const proto::AttributeProto *attribute(llvm::StringRef name);
  const proto::AttributeProto *attribute(llvm::StringRef name, int type,
                                         bool required);
  bool usable(mlir::ValueRange operands);
  bool checkSize(llvm::ArrayRef<int64_t> dims, mlir::Type type);
  Values checked(Values values);
  mlir::Value valueOf(unsigned index);
  /// Reports attributes and operands that no getter asked for.
  void reportUnread();
  friend class Importer;

  int64_t version; ///< as the model imports it
  int64_t meaning; ///< as the rule reads it
  mlir::Location location;
  bool broken = false, lenient = false;
  unsigned operandsRead = 0;
  llvm::SmallVector<std::string> attributesRead;
};

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_NODE_H
