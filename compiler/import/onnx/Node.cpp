#include "compiler/import/onnx/Node.h"
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Tensor.h"
#include "compiler/import/onnx/Types.h"

using namespace mlir;
using namespace nacre::onnx;
using namespace nacre;
namespace proto = nacre::proto;

/// Names end up in the names of kernels and in messages.
static StringRef shortened(StringRef name) { return name.take_front(256); }

static Location locationOf(MLIRContext *context, const proto::NodeProto &proto,
                           const Frame &frame, int64_t opset) {
  StringRef name = proto.name();
  if (name.empty() && proto.output_size() > 0)
    name = proto.output(0);
  Location kind = NameLoc::get(StringAttr::get(
      context, shortened(proto.op_type()) + "-" + Twine(opset)));
  return NameLoc::get(
      StringAttr::get(context, shortened(frame.prefix) + shortened(name)),
      kind);
}

Node::Node(Importer &importer, const proto::NodeProto &proto,
           const Frame &frame, Scope &scope)
    : importer(importer), proto(proto), frame(frame), scope(scope),
      b(importer.b), version(opsetOf(frame, canonicalDomain(proto.domain()))),
      meaning(version),
      location(locationOf(importer.b.getContext(), proto, frame, version)) {}

StringRef Node::op() const { return proto.op_type(); }

std::string Node::label() const {
  std::string text = "node";
  if (!proto.name().empty())
    text += " " + quoted(frame.prefix + proto.name());
  else if (proto.output_size() > 0)
    text += " of output " + quoted(proto.output(0));
  StringRef domain = canonicalDomain(proto.domain());
  std::string op =
      (domain.empty() ? Twine() : domain + ".").str() + proto.op_type();
  text += " (" + StringRef(quoted(op)).drop_front().drop_back().str() +
          ", opset " + std::to_string(version) + ")";
  return text;
}

InFlightDiagnostic Node::error() {
  broken = true;
  InFlightDiagnostic diagnostic = importer.error(location);
  diagnostic << label() << " ";
  return diagnostic;
}

//===-- Operands
//------------------------------------------------------------===//

unsigned Node::numOperands() const { return proto.input_size(); }

Value Node::valueOf(unsigned index) {
  operandsRead = std::max(operandsRead, index + 1);
  if (index >= numOperands() || proto.input(index).empty())
    return {};
  const Binding *found = scope.find(proto.input(index));
  return found && found->state == Binding::Present ? found->value : Value();
}

bool Node::has(unsigned index) const {
  return index < numOperands() && const_cast<Node *>(this)->valueOf(index);
}

Value Node::operand(unsigned index) {
  Value value = valueOf(index);
  if (!value && !broken)
    error() << "has no input " << index << ", which is required";
  return value;
}

Value Node::optional(unsigned index) { return valueOf(index); }

Node::Values Node::operands(unsigned first) {
  Values values;
  for (unsigned index = first; index < numOperands(); ++index)
    values.push_back(operand(index));
  operandsRead = std::max(operandsRead, first);
  return values;
}

std::optional<Node::Ints> Node::constants(unsigned index) {
  Value value = optional(index);
  if (!value)
    return std::nullopt;
  if (std::optional<Ints> ints = known(value))
    return ints;
  if (!broken)
    error() << "has an input " << index
            << " that is computed at run time; expected integers that are "
               "known when the model is compiled";
  return std::nullopt;
}

/// The elements of a constant of numbers; empty for other types.
static SmallVector<double> numbersOf(ElementsAttr attr) {
  SmallVector<double> values;
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense)
    return values;
  if (isa<FloatType>(dense.getElementType()))
    for (APFloat value : dense.getValues<APFloat>()) {
      bool lost;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lost);
      values.push_back(value.convertToDouble());
    }
  else if (auto type = dyn_cast<IntegerType>(dense.getElementType()))
    for (APInt value : dense.getValues<APInt>())
      values.push_back(
          value.roundToDouble(!type.isUnsigned() && type.getWidth() > 1));
  return values;
}

std::optional<double> Node::constantNumber(unsigned index) {
  Value value = optional(index);
  if (!value)
    return std::nullopt;
  auto values = knownNumbers(value);
  if (values && values->size() == 1)
    return values->front();
  if (!broken)
    error() << "has an input " << index
            << " that is not one number known when the model is compiled";
  return std::nullopt;
}

std::optional<SmallVector<double>> Node::knownNumbers(Value value) {
  ElementsAttr attr =
      value ? graph::Builder::asConstant(value) : ElementsAttr();
  if (!attr)
    return std::nullopt;
  SmallVector<double> values = numbersOf(attr);
  return int64_t(values.size()) == attr.getNumElements() ? std::optional(values)
                                                         : std::nullopt;
}

std::optional<Node::Ints> Node::known(Value value) {
  if (!value)
    return std::nullopt;
  if (ElementsAttr attr = graph::Builder::asConstant(value)) {
    auto type = dyn_cast<IntegerType>(attr.getElementType());
    if (!type)
      return std::nullopt;
    Ints ints;
    if (auto dense = dyn_cast<DenseElementsAttr>(attr)) {
      for (APInt element : dense.getValues<APInt>())
        ints.push_back(type.isUnsigned() || type.getWidth() == 1
                           ? int64_t(element.getZExtValue())
                           : element.getSExtValue());
      return ints;
    }
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr);
        resource && type.getWidth() == 64) {
      ArrayRef<char> bytes = resource.getData();
      ints.resize(bytes.size() / 8);
      std::memcpy(ints.data(), bytes.data(), ints.size() * 8);
      return ints;
    }
    return std::nullopt;
  }
  auto elements = importer.shapes.constantElements(value);
  return elements ? std::optional(Ints(*elements)) : std::nullopt;
}

//===-- Results
//-------------------------------------------------------------===//

unsigned Node::numOutputs() const { return proto.output_size(); }

bool Node::wants(unsigned index) const {
  return index < numOutputs() && !proto.output(index).empty();
}

LogicalResult Node::results(ValueRange values) {
  if (broken)
    return failure();
  if (numOutputs() > values.size())
    return error() << "has " << numOutputs() << " outputs, expected at most "
                   << values.size();
  for (auto [index, name] : llvm::enumerate(proto.output())) {
    if (name.empty())
      continue;
    if (!values[index])
      return error() << "has an output " << index << ", which is not supported";
    if (!scope.define(name, {Binding::Present, values[index]}))
      error() << "defines " << quoted(name) << ", which is defined already";
  }
  return failure(broken);
}

//===-- Values
//--------------------------------------------------------------===//

RankedTensorType Node::type(Value value) {
  return llvm::cast<RankedTensorType>(value.getType());
}

int64_t Node::dim(Value value, int64_t axis) const {
  return value && axis < rank(value) ? type(value).getDimSize(axis)
                                     : ShapedType::kDynamic;
}

bool Node::checkRank(Value value, int64_t least, int64_t most) {
  if (!value || broken)
    return false;
  int64_t found = rank(value);
  if (found >= least && found <= most)
    return true;
  error() << "has an input of rank " << found << ", expected "
          << (least == most ? std::to_string(least)
                            : "at least " + std::to_string(least));
  return false;
}

bool Node::checkFloat(Value value) {
  if (!value || broken)
    return false;
  if (!isFloat(value))
    error() << "has an input of type " << value.getType()
            << ", expected a tensor of floats";
  return !broken;
}

bool Node::checkInteger(Value value) {
  if (!value || broken)
    return false;
  auto type = dyn_cast<IntegerType>(element(value));
  if (!type || type.getWidth() == 1)
    error() << "has an input of type " << value.getType()
            << ", expected a tensor of integers";
  return !broken;
}

bool Node::checkSameType(ValueRange values) {
  Value first;
  for (Value value : values) {
    if (!value || broken)
      continue;
    if (!first)
      first = value;
    if (element(value) != element(first))
      error() << "has inputs of types " << first.getType() << " and "
              << value.getType() << ", expected one element type";
  }
  return !broken;
}

bool Node::checkShape(Value shape) {
  if (!checkRank(shape, 1, 1))
    return false;
  int64_t length = dim(shape, 0);
  if (ShapedType::isDynamic(length) || length > kMaxRank)
    error() << "has a shape of type " << shape.getType()
            << ", expected a known rank of at most " << kMaxRank;
  return !broken;
}

bool Node::usable(ValueRange operands) {
  return !broken &&
         llvm::all_of(operands, [](Value value) { return bool(value); });
}

bool Node::checkSize(ArrayRef<int64_t> dims, Type type) {
  std::optional<uint64_t> count = countElements(dims);
  if (count && int64_t(dims.size()) <= kMaxRank &&
      storageBytes(type, *count).value_or(UINT64_MAX) <= kMaxTensorBytes &&
      llvm::none_of(dims, [](int64_t dim) {
        return dim < 0 && !ShapedType::isDynamic(dim);
      }))
    return true;
  if (!broken)
    error() << "makes a tensor of dims [" << joined(dims.take_front(kMaxRank))
            << "], which is larger than the limit of 2^40 bytes or not a shape";
  return false;
}

Node::Values Node::checked(Values values) {
  if (values.empty())
    broken = true;
  for (Value value : values)
    if (!checkSize(type(value).getShape(), type(value).getElementType()))
      return {};
  return values;
}
