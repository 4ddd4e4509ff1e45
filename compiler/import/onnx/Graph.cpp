#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/Tensor.h"
#include "compiler/import/onnx/Types.h"
#include "compiler/import/onnx/WireScan.h"

using namespace mlir;
using namespace nacre::onnx;
namespace proto = nacre::proto;
namespace graph = nacre::graph;

//===-- Inputs
//--------------------------------------------------------------===//

/// The name that a dim goes by: the model's, or "input.axis".
static std::string dimName(const proto::TensorShapeProto::Dimension &dim,
                           StringRef input, unsigned axis) {
  StringRef name = dim.dim_param();
  if (dim.has_dim_value() || name.empty() || name == "?" || name == "-1")
    return (input + "." + Twine(axis)).str();
  return name.str();
}

/// The type of a sequence or optional whose tensors have the rank that --shape
/// gives for `name`.
Type Importer::withGivenShape(Type container, StringRef name) {
  auto given = options.shapes.find(name);
  if (given == options.shapes.end())
    return container;
  auto ranked = [&](Type content) -> Type {
    if (!isa<TensorType>(content))
      return withGivenShape(content, name);
    SmallVector<int64_t> dims;
    for (int64_t dim : given->second)
      dims.push_back(dim < 0 ? ShapedType::kDynamic : dim);
    return RankedTensorType::get(dims, getElementTypeOrSelf(content));
  };
  if (auto sequence = dyn_cast<graph::SequenceType>(container))
    return graph::SequenceType::get(&context, ranked(sequence.getContent()));
  if (auto optional = dyn_cast<graph::OptionalType>(container))
    return graph::OptionalType::get(&context, ranked(optional.getContent()));
  return container;
}

/// The tensor type of a graph input, and one entry of `graph.dims` per dim.
/// Null after an error.
RankedTensorType Importer::inputType(const proto::ValueInfoProto &input,
                                     SmallVectorImpl<Attribute> &dims) {
  std::string label = "graph input " + quoted(input.name());
  const proto::TypeProto &type = input.type();
  if (Type container = containerType(&context, type))
    return RankedTensorType::get({}, withGivenShape(container, input.name()));
  Type element = elementType(&context, type.tensor_type().elem_type());
  if (!type.has_tensor_type() || !element) {
    error() << label << " has type " << typeName(type)
            << ", which is not supported; expected a tensor, or a sequence, "
               "optional or map of tensors";
    return {};
  }
  auto given = options.shapes.find(input.name());
  if (given == options.shapes.end() && !type.tensor_type().has_shape()) {
    error() << label << " has no shape; give one with --shape " << input.name()
            << "=...";
    return {};
  }
  const proto::TensorShapeProto &shape = type.tensor_type().shape();
  size_t rank = given != options.shapes.end() ? given->second.size()
                                              : size_t(shape.dim_size());
  if (rank > 64 ||
      (type.tensor_type().has_shape() && rank != size_t(shape.dim_size()))) {
    error() << label << " has rank " << shape.dim_size() << ", expected "
            << (rank > 64 ? "at most 64"
                          : "what --shape says: " + std::to_string(rank));
    return {};
  }
  SmallVector<int64_t> sizes;
  for (unsigned axis = 0; axis < rank; ++axis) {
    static const proto::TensorShapeProto::Dimension open;
    const auto &dim = type.tensor_type().has_shape() ? shape.dim(axis) : open;
    int64_t size = dim.has_dim_value() ? dim.dim_value() : -1;
    std::string name = dimName(dim, input.name(), axis);
    if (size < 0) {
      allDims.push_back(name);
      if (auto set = options.dims.find(name); set != options.dims.end()) {
        size = set->second;
        usedDims[name] = true;
      }
    }
    if (given != options.shapes.end() && given->second[axis] >= 0)
      size = given->second[axis];
    if (size < -1) {
      error() << label << " has a negative dim " << size;
      return {};
    }
    sizes.push_back(size < 0 ? ShapedType::kDynamic : size);
    dims.push_back(size < 0 ? Attribute(b.getStringAttr(name))
                            : Attribute(b.getI64IntegerAttr(size)));
  }
  std::optional<uint64_t> count = countElements(sizes);
  if (!count ||
      storageBytes(element, *count).value_or(UINT64_MAX) > kMaxTensorBytes) {
    error() << label << " is larger than the limit of 2^40 bytes";
    return {};
  }
  return RankedTensorType::get(sizes, element);
}

LogicalResult Importer::importInputs(func::FuncOp main, Scope &scope) {
  llvm::StringMap<bool> initialized;
  for (const auto &tensor : model.proto().graph().initializer())
    initialized[tensor.name()] = true;
  for (const auto &sparse : model.proto().graph().sparse_initializer())
    initialized[sparse.values().name()] = true;

  SmallVector<Type> types;
  for (const auto &input : model.proto().graph().input()) {
    if (initialized.count(input.name()))
      continue;
    if (input.name().empty()) {
      error() << "a graph input has no name";
      continue;
    }
    SmallVector<Attribute> dims;
    RankedTensorType type = inputType(input, dims);
    if (!type)
      continue;
    Location loc = NameLoc::get(b.getStringAttr(input.name()));
    DictionaryAttr attributes = b.getDictionaryAttr(
        {b.getNamedAttr(graph::kNameAttrName, b.getStringAttr(input.name())),
         b.getNamedAttr(graph::kDimsAttrName, b.getArrayAttr(dims))});
    unsigned index = main.getNumArguments();
    if (failed(main.insertArgument(index, type, attributes, loc)))
      return failure();
    if (!scope.define(input.name(),
                      {Binding::Present, main.getArgument(index)}))
      error() << "two graph inputs are named " << quoted(input.name());
  }
  reportUnusedDims();
  reportUnusedShapes();
  return success(errors.empty());
}

void Importer::reportUnusedShapes() {
  std::vector<std::string> names;
  for (const auto &input : model.proto().graph().input())
    names.push_back(input.name());
  for (const auto &entry : options.shapes)
    if (!llvm::is_contained(names, entry.first()))
      error() << "--shape names " << quoted(entry.first())
              << ", which is no graph input; there are: "
              << llvm::join(names, ", ");
}

void Importer::reportUnusedDims() {
  for (const auto &entry : options.dims)
    if (!usedDims.count(entry.first()))
      error() << "--dim names " << quoted(entry.first())
              << ", which is no open dim of a graph input; there are: "
              << llvm::join(allDims, ", ");
}

LogicalResult Importer::importInitializers(const proto::GraphProto &graph,
                                           Scope &scope) {
  unsigned before = numErrors();
  auto define = [&](StringRef name, llvm::Expected<ElementsAttr> value) {
    std::string label = "initializer " + quoted(name);
    Location loc = NameLoc::get(b.getStringAttr(name));
    if (name.empty())
      error() << "an initializer has no name";
    if (!value) {
      error(loc) << label << ": " << toString(value.takeError());
      return;
    }
    if (!scope.define(name, {Binding::Present, b.constant(loc, *value)}))
      error(loc) << label << " is defined twice";
  };
  for (const auto &tensor : graph.initializer())
    define(tensor.name(), readTensor(model, tensor, &context));
  for (const auto &sparse : graph.sparse_initializer())
    define(sparse.values().name(), readSparse(model, sparse, &context));
  return success(numErrors() == before);
}

//===-- Outputs
//-------------------------------------------------------------===//

/// A declared shape is a hint, but one that cannot hold is a broken model: its
/// reader would take buffers of that size.
void Importer::checkDeclared(const proto::ValueInfoProto &output, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  std::string label = "graph output " + quoted(output.name());
  if (!output.has_type() ||
      output.type().value_case() == proto::TypeProto::VALUE_NOT_SET)
    return;
  const auto &declared = output.type().tensor_type();
  if (Type container = containerType(&context, output.type())) {
    if (!graph::joinElementTypes(container, type.getElementType()))
      error(value.getLoc())
          << label << " is declared as " << typeName(output.type())
          << ", found " << type.getElementType();
    return;
  }
  if (!output.type().has_tensor_type() ||
      (declared.elem_type() != Undefined &&
       elementType(&context, declared.elem_type()) != type.getElementType())) {
    error(value.getLoc()) << label << " is declared as "
                          << typeName(output.type()) << ", found a tensor of "
                          << typeName(type.getElementType());
    return;
  }
  // Given shapes change what comes out.
  if (!declared.has_shape() || !options.shapes.empty())
    return;
  bool sameRank = declared.shape().dim_size() == type.getRank();
  // Where nothing comes out, nothing is read in another shape.
  bool fits = sameRank;
  bool related = sameRank && llvm::is_contained(type.getShape(), 0);
  for (int64_t k = 0; sameRank && k < type.getRank(); ++k) {
    const auto &dim = declared.shape().dim(k);
    bool same = !dim.has_dim_value() || dim.dim_value() < 0 ||
                type.isDynamicDim(k) || type.getDimSize(k) == dim.dim_value();
    fits &= same, related |= same;
  }
  if (fits)
    return;
  SmallVector<std::string> dims;
  for (const auto &dim : declared.shape().dim())
    dims.push_back(dim.has_dim_value() ? std::to_string(dim.dim_value()) : "?");
  std::string text =
      label + " is declared with dims [" + llvm::join(dims, ", ") + "], found ";
  // Dims that an edit of the model has left behind are common, and nobody needs
  // them; a shape that is another one altogether is not.
  if (related)
    emitWarning(value.getLoc()) << text << type << ", which holds";
  else
    error(value.getLoc()) << text << type;
}

/// The entry of `graph.dims` for a dim of a result: its size, the name of the
/// argument's dim that it equals, or what the model calls it.
static Attribute resultDim(Importer &importer, func::FuncOp main,
                           const proto::ValueInfoProto &output, unsigned axis,
                           nacre::graph::Expr dim) {
  graph::Builder &b = importer.b;
  if (auto size = graph::ShapeContext::asConstant(dim))
    return b.getI64IntegerAttr(*size);
  const graph::Symbol *symbol = importer.shapes.asSymbol(dim);
  auto argument =
      symbol ? dyn_cast_or_null<BlockArgument>(symbol->value) : nullptr;
  if (symbol && symbol->kind == graph::Symbol::ArgDim && argument &&
      argument.getOwner() == &main.getBody().front())
    return main.getArgAttrOfType<ArrayAttr>(
        argument.getArgNumber(), graph::kDimsAttrName)[symbol->index];
  return b.getStringAttr(output.name() + "." + std::to_string(axis));
}

LogicalResult Importer::importOutputs(func::FuncOp main, const Scope &scope) {
  SmallVector<Value> values;
  SmallVector<Attribute> attributes;
  for (const auto &output : model.proto().graph().output()) {
    const Binding *found = scope.find(output.name());
    if (!found) {
      error() << "graph output " << quoted(output.name())
              << " is produced by no node";
      continue;
    }
    if (found->state != Binding::Present)
      continue;
    checkDeclared(output, found->value);
    SmallVector<Attribute> dims;
    for (auto [axis, dim] : llvm::enumerate(shapes.dims(found->value)))
      dims.push_back(resultDim(*this, main, output, axis, dim));
    values.push_back(found->value);
    attributes.push_back(b.getDictionaryAttr(
        {b.getNamedAttr(graph::kNameAttrName, b.getStringAttr(output.name())),
         b.getNamedAttr(graph::kDimsAttrName, b.getArrayAttr(dims))}));
  }
  if (!errors.empty())
    return failure();
  func::ReturnOp::create(b, main.getLoc(), values);
  main.setFunctionType(b.getFunctionType(
      main.getArgumentTypes(), llvm::to_vector(ValueRange(values).getTypes())));
  main.setResAttrsAttr(b.getArrayAttr(attributes));
  return success();
}

const proto::TypeProto *Importer::declaredType(StringRef name) const {
  const proto::GraphProto &graph = model.proto().graph();
  for (const auto *list : {&graph.value_info(), &graph.output()})
    for (const proto::ValueInfoProto &value : *list)
      if (value.name() == name && value.has_type())
        return &value.type();
  return nullptr;
}

//===-- Nodes
//---------------------------------------------------------------===//

void Importer::importNodes(const Nodes &nodes, const Frame &frame,
                           Scope &scope) {
  for (const proto::NodeProto *node : inOrder(nodes))
    importNode(*node, frame, scope);
}

void Importer::importNode(const proto::NodeProto &proto, const Frame &frame,
                          Scope &scope) {
  Node node(*this, proto, frame, scope);
  current.push_back(&node);
  bool poisoned = false;
  // Functions and subgraphs, which are bounded one by one, nest in each other.
  if (current.size() > 2 * kMaxNesting)
    node.error() << "nests deeper than " << 2 * kMaxNesting;
  for (const std::string &name : proto.input()) {
    const Binding *found = name.empty() ? nullptr : scope.find(name);
    if (!name.empty() && !found)
      node.error() << "reads " << quoted(name)
                   << ", which nothing before it defines";
    poisoned |= found && found->state == Binding::Failed;
  }
  LogicalResult done = failure();
  unsigned before = numErrors();
  if (!poisoned && !node.failed()) {
    StringRef domain = canonicalDomain(proto.domain());
    if (const auto *function =
            findFunction(domain, proto.op_type(), proto.overload()))
      done = callFunction(node, *function);
    else if (const Rule *rule =
                 RuleTable::get().find(domain, proto.op_type(), node.opset()))
      done = (*rule)(node);
    if (succeeded(done))
      node.reportUnread();
    else if (numErrors() == before && errors.empty())
      node.error() << "cannot be imported";
  }
  // Whoever reads the outputs of a failed node is silent about it.
  if (failed(done) || node.failed())
    for (const std::string &name : proto.output())
      if (!name.empty())
        scope.define(name, {Binding::Failed, {}});
  current.pop_back();
}

FailureOr<SmallVector<Value>>
Importer::importBody(const proto::GraphProto &graph, const Frame &frame,
                     const Scope &outer, ValueRange inputs) {
  unsigned before = numErrors();
  Scope scope(&outer);
  for (auto [input, value] : llvm::zip(graph.input(), inputs))
    if (!scope.define(input.name(), {Binding::Present, value}))
      error() << "two inputs of subgraph " << quoted(graph.name())
              << " are named " << quoted(input.name());
  if (failed(importInitializers(graph, scope)))
    return failure();
  importNodes(graph.node(), frame, scope);
  SmallVector<Value> results;
  for (const auto &output : graph.output()) {
    const Binding *found = scope.find(output.name());
    if (!found)
      error() << "output " << quoted(output.name()) << " of subgraph "
              << quoted(graph.name()) << " is produced by no node";
    else if (found->state == Binding::Present)
      results.push_back(found->value);
  }
  if (numErrors() != before || results.size() != size_t(graph.output_size()))
    return failure();
  return results;
}

void Importer::eraseOp(Operation *op) {
  op->walk([&](Operation *inner) {
    for (Value result : inner->getResults())
      shapes.forget(result);
    for (Region &region : inner->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments())
          shapes.forget(argument);
  });
  op->erase();
}
