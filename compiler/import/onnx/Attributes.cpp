// The attribute getters of Node.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Tensor.h"
#include "compiler/import/onnx/Types.h"

using namespace mlir;
using namespace nacre::onnx;
namespace proto = nacre::proto;
using Proto = proto::AttributeProto;

static StringRef kindName(int type) {
  static constexpr StringLiteral names[] = {
      "undefined",      "float",   "int",    "string",
      "tensor",         "graph",   "floats", "ints",
      "strings",        "tensors", "graphs", "sparse tensor",
      "sparse tensors", "type",    "types"};
  return type >= 0 && type < int(std::size(names)) ? names[type] : names[0];
}

/// The type of an attribute; IR 1 models do not state it.
static int kindOf(const Proto &attribute) {
  if (attribute.type() != Proto::UNDEFINED)
    return attribute.type();
  return attribute.has_f()               ? Proto::FLOAT
         : attribute.has_i()             ? Proto::INT
         : attribute.has_s()             ? Proto::STRING
         : attribute.has_t()             ? Proto::TENSOR
         : attribute.has_g()             ? Proto::GRAPH
         : attribute.has_sparse_tensor() ? Proto::SPARSE_TENSOR
         : attribute.floats_size()       ? Proto::FLOATS
         : attribute.strings_size()      ? Proto::STRINGS
                                         : Proto::INTS;
}

const Proto *Node::attribute(StringRef name) {
  attributesRead.push_back(name.str());
  for (const Proto &attribute : proto.attribute()) {
    if (attribute.name() != name)
      continue;
    if (attribute.ref_attr_name().empty())
      return &attribute;
    if (!frame.inFunction)
      error() << "has attribute '" << name
              << "' that refers to one of a function, outside of any";
    return frame.attributes.lookup(attribute.ref_attr_name());
  }
  return nullptr;
}

const Proto *Node::attribute(StringRef name, int type, bool required) {
  const Proto *found = attribute(name);
  if (!found) {
    if (required && !broken)
      error() << "has no attribute '" << name << "' (" << kindName(type) << ")";
    return nullptr;
  }
  if (kindOf(*found) != type) {
    error() << "has attribute '" << name << "' of type "
            << kindName(kindOf(*found)) << ", expected " << kindName(type);
    return nullptr;
  }
  return found;
}

bool Node::hasAttr(StringRef name) { return attribute(name) != nullptr; }

void Node::ignore(ArrayRef<StringRef> names) {
  for (StringRef name : names)
    attributesRead.push_back(name.str());
}

int64_t Node::i(StringRef name, std::optional<int64_t> otherwise) {
  const Proto *found = attribute(name, Proto::INT, !otherwise);
  return found ? found->i() : otherwise.value_or(0);
}

bool Node::flag(StringRef name, bool otherwise) {
  int64_t value = i(name, otherwise);
  return value != 0;
}

double Node::f(StringRef name, std::optional<double> otherwise) {
  const Proto *found = attribute(name, Proto::FLOAT, !otherwise);
  return found ? found->f() : otherwise.value_or(0);
}

StringRef Node::s(StringRef name, std::optional<StringRef> otherwise) {
  const Proto *found = attribute(name, Proto::STRING, !otherwise);
  return found ? StringRef(found->s()) : otherwise.value_or("");
}

Node::Ints Node::ints(StringRef name, Ints otherwise) {
  const Proto *found = attribute(name, Proto::INTS, false);
  return found ? Ints(found->ints().begin(), found->ints().end())
               : std::move(otherwise);
}

SmallVector<double> Node::floats(StringRef name) {
  const Proto *found = attribute(name, Proto::FLOATS, false);
  return found ? SmallVector<double>(found->floats().begin(),
                                     found->floats().end())
               : SmallVector<double>();
}

SmallVector<StringRef> Node::strings(StringRef name) {
  SmallVector<StringRef> values;
  if (const Proto *found = attribute(name, Proto::STRINGS, false))
    for (const std::string &value : found->strings())
      values.push_back(value);
  return values;
}

const proto::GraphProto *Node::subgraph(StringRef name) {
  const Proto *found = attribute(name, Proto::GRAPH, true);
  return found ? &found->g() : nullptr;
}

ElementsAttr Node::tensor(StringRef name) {
  const Proto *found = attribute(name, Proto::TENSOR, false);
  if (!found)
    return {};
  auto value = readTensor(importer.model, found->t(), b.getContext());
  if (value)
    return *value;
  error() << "has a bad tensor in attribute '" << name
          << "': " << toString(value.takeError());
  return {};
}

ElementsAttr Node::sparseTensor(StringRef name) {
  const Proto *found = attribute(name, Proto::SPARSE_TENSOR, false);
  if (!found)
    return {};
  auto value =
      readSparse(importer.model, found->sparse_tensor(), b.getContext());
  if (value)
    return *value;
  error() << "has a bad tensor in attribute '" << name
          << "': " << toString(value.takeError());
  return {};
}

Type Node::typeAttr(StringRef name, std::optional<int64_t> otherwise) {
  int64_t number = i(name, otherwise);
  Type type = elementType(b.getContext(), number);
  if (!type && !broken)
    error() << "has attribute '" << name << "' of " << dataTypeName(number)
            << ", which is not supported";
  return type;
}

unsigned Node::choice(StringRef name, StringRef otherwise,
                      ArrayRef<StringRef> names) {
  StringRef value = s(name, otherwise);
  for (auto [index, candidate] : llvm::enumerate(names))
    if (value == candidate)
      return index;
  if (!broken)
    error() << "has attribute '" << name << "' of " << quoted(value)
            << ", expected one of " << llvm::join(names, ", ");
  return 0;
}

int64_t Node::normalize(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  if (!broken)
    error() << "has axis " << axis << " for rank " << rank
            << "; expected a value in [" << -rank << ", " << rank << ")";
  return 0;
}

Node::Ints Node::normalize(ArrayRef<int64_t> axes, int64_t rank) {
  Ints result;
  for (int64_t axis : axes) {
    int64_t positive = normalize(axis, rank);
    if (!broken && llvm::is_contained(result, positive))
      error() << "names axis " << axis << " twice";
    result.push_back(positive);
  }
  return result;
}

int64_t Node::axis(StringRef name, std::optional<int64_t> otherwise,
                   Value value) {
  int64_t given = i(name, otherwise);
  return broken ? 0 : normalize(given, rank(value));
}

void Node::reportUnread() {
  if (broken)
    return;
  llvm::StringMap<bool> seen;
  for (const Proto &attribute : proto.attribute()) {
    if (!seen.try_emplace(attribute.name(), true).second)
      error() << "has attribute " << quoted(attribute.name()) << " twice";
    else if (llvm::is_contained(attributesRead, attribute.name()))
      continue;
    else if (lenient)
      emitWarning(location)
          << label() << " has attribute " << quoted(attribute.name())
          << ", which the op does not have; it is ignored";
    else
      error() << "has attribute " << quoted(attribute.name())
              << ", which the op does not have";
  }
  if (numOperands() > operandsRead)
    error() << "has " << numOperands() << " inputs, expected at most "
            << operandsRead;
}
