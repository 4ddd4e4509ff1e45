// Sequences, optionals and maps.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Loop.h"
#include "compiler/import/onnx/Model.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/Types.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
namespace proto = nacre::proto;

static NamedAttribute typeAttr(Node &n, StringRef name, Type type) {
  return n.b.attr(name, TypeAttr::get(type));
}

/// The type of a sequence; reports if `value` is none.
static graph::SequenceType sequenceType(Node &n, Value value) {
  auto type = dyn_cast_or_null<graph::SequenceType>(n.element(value));
  if (!type && value && !n.failed())
    n.error() << "has an input of " << typeName(n.element(value))
              << ", expected a sequence";
  return type;
}

/// A position as an i64 scalar.
static Value position(Node &n, Value value) {
  return value ? n.cast(n.toScalar(value), n.b.getI64Type()) : Value();
}

/// `sequence` with tensors of a rank that is known: by its type, or else by
/// what the model says about `like`.
static Value withRank(Node &n, Value sequence, const proto::TypeProto *like,
                      int64_t extra = 0) {
  graph::SequenceType type = sequenceType(n, sequence);
  if (!type || !isa<UnrankedTensorType>(type.getContent()))
    return type ? sequence : Value();
  Type element = getElementTypeOrSelf(type.getContent());
  int64_t rank = like && like->tensor_type().has_shape()
                     ? like->tensor_type().shape().dim_size() - extra
                     : -1;
  if (rank < 0 || rank > kMaxRank) {
    n.error() << "reads tensors of a sequence whose rank is not known; give "
                 "the shape of a sequence that is an input with --shape, or "
                 "the type of the output in value_info";
    return {};
  }
  SmallVector<int64_t> dims(rank, ShapedType::kDynamic);
  Type to = graph::SequenceType::get(n.b.getContext(),
                                     RankedTensorType::get(dims, element));
  return n.make<graph::RetypeOp>({sequence}, {typeAttr(n, "to", to)});
}

static const proto::TypeProto *outputType(Node &n) {
  return n.wants(0) ? n.importer.declaredType(n.proto.output(0)) : nullptr;
}

//===-- Sequences
//-----------------------------------------------------------===//

static Value makeSequence(Node &n, ValueRange elements, Type content) {
  Type type = graph::SequenceType::get(n.b.getContext(), content);
  return n.make<graph::SequenceMakeOp>(elements, {typeAttr(n, "type", type)});
}

static LogicalResult importSequenceConstruct(Node &n) {
  Node::Values elements = n.operands();
  if (n.failed() || elements.empty())
    return n.failed() ? failure()
                      : n.error() << "has no inputs, expected at least 1";
  Type content;
  for (Value element : elements) {
    Type own = graph::contentOf(n.type(element));
    content = content ? graph::joinContents(content, own) : own;
    if (!content)
      return n.error() << "has inputs of " << typeName(n.element(elements[0]))
                       << " and " << typeName(n.element(element))
                       << ", expected one type";
  }
  return n.result(makeSequence(n, elements, content));
}

static LogicalResult importSequenceEmpty(Node &n) {
  Type element = n.typeAttr("dtype", int64_t(Float));
  return element ? n.result(makeSequence(n, {}, element)) : failure();
}

static LogicalResult importSequenceInsert(Node &n) {
  Value sequence = n.operand(0), element = n.operand(1);
  Value at = position(n, n.optional(2));
  if (!sequenceType(n, sequence))
    return failure();
  if (!at)
    at = n.make<graph::SequenceLengthOp>({sequence});
  return n.result(n.make<graph::SequenceInsertOp>({sequence, at, element}));
}

static LogicalResult importSequenceErase(Node &n) {
  Value sequence = n.operand(0), at = position(n, n.optional(1));
  if (!sequenceType(n, sequence))
    return failure();
  return n.result(
      n.make<graph::SequenceEraseOp>({sequence, at ? at : n.i64(-1)}));
}

static LogicalResult importSequenceAt(Node &n) {
  Value sequence = n.operand(0), at = position(n, n.operand(1));
  sequence = withRank(n, sequence, outputType(n));
  return n.result(n.make<graph::SequenceAtOp>({sequence, at}));
}

static LogicalResult importSequenceLength(Node &n) {
  Value sequence = n.operand(0);
  if (!sequenceType(n, sequence))
    return failure();
  return n.result(n.make<graph::SequenceLengthOp>({sequence}));
}

static LogicalResult importSplitToSequence(Node &n) {
  Value x = n.operand(0), sizes = n.optional(1);
  int64_t axis = n.axis("axis", 0, x);
  bool keeps = n.flag("keepdims", true);
  // With sizes it means nothing.
  if (sizes)
    keeps = true;
  if (!n.checkRank(x, 1))
    return failure();
  sizes = sizes ? n.cast(sizes, n.b.getI64Type()) : n.i64(1);
  return n.result(n.make<graph::SequenceSplitOp>(
      {x, sizes}, {n.b.attr("axis", axis), n.b.flag("keep_dims", keeps)}));
}

static LogicalResult importConcatFromSequence(Node &n) {
  bool newAxis = n.flag("new_axis", false);
  Value sequence = withRank(n, n.operand(0), outputType(n), newAxis ? 1 : 0);
  int64_t given = n.i("axis");
  if (n.failed())
    return failure();
  if (auto made = sequence.getDefiningOp<graph::SequenceMakeOp>();
      made && !made.getElements().empty()) {
    Node::Values elements(made.getElements());
    int64_t axis = n.normalize(given, n.rank(elements[0]) + newAxis);
    for (Value &element : elements)
      element = newAxis ? n.unsqueeze(element, {axis}) : element;
    return n.result(n.concat(elements, axis));
  }
  auto content =
      dyn_cast<RankedTensorType>(sequenceType(n, sequence).getContent());
  if (!content)
    return n.error() << "joins a sequence of no tensors";
  int64_t axis = n.normalize(given, content.getRank() + newAxis);
  if (n.failed())
    return failure();
  return n.result(n.make<graph::SequenceConcatOp>(
      {sequence}, {n.b.attr("axis", axis), n.b.flag("new_axis", newAxis)}));
}

/// A loop over the first sequence; the body's outputs become sequences.
static LogicalResult importSequenceMap(Node &n) {
  Node::Values inputs = n.operands();
  const proto::GraphProto *body = n.subgraph("body");
  if (n.failed() || inputs.empty() || !sequenceType(n, inputs[0]))
    return n.failed() ? failure() : n.error() << "has no inputs";
  if (size_t(body->input_size()) != inputs.size())
    return n.error() << "has a body with " << body->input_size()
                     << " inputs, expected " << inputs.size();
  for (auto [index, input] : llvm::enumerate(inputs))
    if (isa<graph::SequenceType>(n.element(input)))
      input = withRank(n, input, &body->input(index).type());
  Node::Values inits;
  for (const proto::ValueInfoProto &output : body->output()) {
    Type element =
        elementType(n.b.getContext(), output.type().tensor_type().elem_type());
    if (!element)
      return n.error() << "has a body whose output " << quoted(output.name())
                       << " has type " << typeName(output.type())
                       << ", expected a tensor";
    inits.push_back(makeSequence(n, {}, element));
  }
  auto build = [&](Value counter,
                   ValueRange carried) -> FailureOr<Node::Values> {
    Node::Values items;
    for (Value input : inputs)
      items.push_back(isa<graph::SequenceType>(n.element(input))
                          ? n.make<graph::SequenceAtOp>({input, counter})
                          : input);
    if (n.failed())
      return failure();
    auto made = n.importer.importBody(*body, n.frame, n.scope, items);
    if (mlir::failed(made))
      return failure();
    Node::Values results{n.scalar(n.b.getI1Type(), 1)};
    for (auto [sequence, item] : llvm::zip(carried, *made))
      results.push_back(
          n.make<graph::SequenceInsertOp>({sequence, counter, item}));
    return n.failed() ? FailureOr<Node::Values>(failure()) : results;
  };
  if (n.failed())
    return failure();
  LoopBuilder loop{n, n.make<graph::SequenceLengthOp>({inputs[0]}),
                   n.scalar(n.b.getI1Type(), 1), inits, build};
  auto results = loop.build();
  return mlir::failed(results) ? failure() : n.results(*results);
}

//===-- Optionals
//-----------------------------------------------------------===//

/// What attribute `type` says an empty optional would hold.
static Type declaredContent(Node &n) {
  for (const proto::AttributeProto &attribute : n.proto.attribute()) {
    if (attribute.name() != "type")
      continue;
    proto::TypeProto optional;
    *optional.mutable_optional_type()->mutable_elem_type() = attribute.tp();
    auto type = dyn_cast_or_null<graph::OptionalType>(
        containerType(n.b.getContext(), optional));
    if (type)
      return type.getContent();
  }
  n.error() << "has neither an input nor a type of a tensor or sequence";
  return {};
}

static LogicalResult importOptional(Node &n) {
  Value value = n.optional(0);
  n.ignore({"type"});
  Type content = value ? graph::contentOf(n.type(value)) : declaredContent(n);
  if (!content)
    return failure();
  Node::Values values;
  if (value)
    values.push_back(value);
  Type type = graph::OptionalType::get(n.b.getContext(), content);
  return n.result(
      n.make<graph::OptionalMakeOp>(values, {typeAttr(n, "type", type)}));
}

/// Since opset 18 a tensor or sequence is as good as an optional of it.
static LogicalResult importOptionalHasElement(Node &n) {
  Value value = n.optional(0);
  if (value && isa<graph::OptionalType>(n.element(value)))
    return n.result(n.make<graph::OptionalHasOp>({value}));
  return n.result(n.scalar(n.b.getI1Type(), value ? 1 : 0));
}

static LogicalResult importOptionalGetElement(Node &n) {
  Value value = n.operand(0);
  auto type = dyn_cast_or_null<graph::OptionalType>(n.element(value));
  if (!type)
    return n.result(value);
  const proto::TypeProto *like = outputType(n);
  if (isa<UnrankedTensorType>(type.getContent()) && like &&
      like->tensor_type().has_shape()) {
    SmallVector<int64_t> dims(like->tensor_type().shape().dim_size(),
                              ShapedType::kDynamic);
    Type to = graph::OptionalType::get(
        n.b.getContext(),
        RankedTensorType::get(dims, getElementTypeOrSelf(type.getContent())));
    value = n.make<graph::RetypeOp>({value}, {typeAttr(n, "to", to)});
  }
  return n.result(n.make<graph::OptionalGetOp>({value}));
}

//===-- Maps
//----------------------------------------------------------------===//

/// Keys in one of two attributes.
static Value keysOf(Node &n, StringRef strings, StringRef ints) {
  if (n.hasAttr(strings))
    return n.strings1d(n.strings(strings));
  return n.i64s(n.ints(ints));
}

static LogicalResult importZipMap(Node &n) {
  Value x = n.operand(0);
  Value keys = keysOf(n, "classlabels_strings", "classlabels_int64s");
  return n.result(n.make<graph::ZipMapOp>({n.cast(x, n.b.getF32Type()), keys}));
}

static LogicalResult importDictVectorizer(Node &n) {
  Value map = n.operand(0);
  Value keys = keysOf(n, "string_vocabulary", "int64_vocabulary");
  return n.result(n.make<graph::MapVectorOp>({map, keys}));
}

void nacre::onnx::addSequenceRules(RuleTable &table) {
  table.add("ConcatFromSequence", 11, importConcatFromSequence);
  table.add("Optional", 15, importOptional);
  table.add("OptionalGetElement", 15, importOptionalGetElement);
  table.add("OptionalHasElement", 15, importOptionalHasElement);
  table.add("SequenceAt", 11, importSequenceAt);
  table.add("SequenceConstruct", 11, importSequenceConstruct);
  table.add("SequenceEmpty", 11, importSequenceEmpty);
  table.add("SequenceErase", 11, importSequenceErase);
  table.add("SequenceInsert", 11, importSequenceInsert);
  table.add("SequenceLength", 11, importSequenceLength);
  table.add("SequenceMap", 17, importSequenceMap);
  table.add("SplitToSequence", 11, importSplitToSequence);
  table.add(kMl, "DictVectorizer", 1, importDictVectorizer);
  table.add(kMl, "ZipMap", 1, importZipMap);
}
