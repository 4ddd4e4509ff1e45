#include "compiler/import/onnx/Importer.h"

using namespace mlir;
using namespace nacre::onnx;
namespace proto = nacre::proto;

/// Binds the attributes that the function declares to those of the call.
static void bindAttributes(Node &node, const proto::FunctionProto &function,
                           Frame &frame, const Frame &caller) {
  llvm::StringMap<const proto::AttributeProto *> given;
  for (const proto::AttributeProto &attribute : node.proto.attribute()) {
    const proto::AttributeProto *value =
        attribute.ref_attr_name().empty()
            ? &attribute
            : caller.attributes.lookup(attribute.ref_attr_name());
    if (value)
      given[attribute.name()] = value;
  }
  auto declare = [&](StringRef name, const proto::AttributeProto *otherwise) {
    node.ignore({name});
    auto found = given.find(name);
    if (found != given.end())
      frame.attributes[name] = found->second;
    else if (otherwise)
      frame.attributes[name] = otherwise;
  };
  for (const std::string &name : function.attribute())
    declare(name, nullptr);
  for (const proto::AttributeProto &attribute : function.attribute_proto())
    declare(attribute.name(), &attribute);
}

LogicalResult Importer::callFunction(Node &node,
                                     const proto::FunctionProto &function) {
  Frame frame;
  frame.depth = node.frame.depth + 1;
  frame.inFunction = true;
  frame.prefix = node.frame.prefix + node.proto.name() + "/";
  for (const auto &opset : function.opset_import())
    frame.opsets[canonicalDomain(opset.domain())] = opset.version();
  bindAttributes(node, function, frame, node.frame);

  unsigned before = numErrors();
  Scope scope;
  for (auto [index, name] : llvm::enumerate(function.input())) {
    Value value = node.optional(index);
    Binding binding{value ? Binding::Present : Binding::Absent, value};
    if (!scope.define(name, binding))
      node.error() << "calls a function with two inputs named " << quoted(name);
  }
  importNodes(function.node(), frame, scope);
  SmallVector<Value> results;
  for (const std::string &name : function.output()) {
    const Binding *found = scope.find(name);
    if (!found)
      node.error() << "calls a function whose output " << quoted(name)
                   << " is produced by no node";
    results.push_back(found ? found->value : Value());
  }
  if (numErrors() != before)
    return failure();
  return node.results(results);
}
