#include "compiler/import/onnx/Support.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/WireScan.h"

using namespace mlir;
using namespace nacre::onnx;
namespace proto = nacre::proto;

LogicalResult Importer::checkSupport() {
  SupportCheck(*this).run(model.proto().graph(), mainFrame);
  return success(errors.empty());
}

void SupportCheck::run(const proto::GraphProto &main, const Frame &frame) {
  uint64_t nodes = graph(main, frame, 0);
  reportMisses();
  if (!stopped && nodes > kMaxExpandedNodes)
    importer.error() << "the model's functions expand to more than "
                     << kMaxExpandedNodes << " nodes";
}

uint64_t SupportCheck::graph(const proto::GraphProto &graph, const Frame &frame,
                             unsigned depth) {
  if (depth > kMaxNesting) {
    if (!stopped)
      importer.error() << "subgraphs or functions nest deeper than "
                       << kMaxNesting;
    stopped = true;
  }
  uint64_t nodes = 0;
  for (const proto::NodeProto &inner : graph.node()) {
    if (stopped)
      break;
    nodes = llvm::SaturatingAdd(nodes, node(inner, frame, depth));
  }
  return nodes;
}

uint64_t SupportCheck::node(const proto::NodeProto &node, const Frame &frame,
                            unsigned depth) {
  StringRef domain = canonicalDomain(node.domain());
  uint64_t nodes = 1;
  for (const proto::AttributeProto &attribute : node.attribute()) {
    if (attribute.has_g())
      nodes =
          llvm::SaturatingAdd(nodes, graph(attribute.g(), frame, depth + 1));
    for (const proto::GraphProto &inner : attribute.graphs())
      nodes = llvm::SaturatingAdd(nodes, graph(inner, frame, depth + 1));
  }
  if (const auto *callee =
          importer.findFunction(domain, node.op_type(), node.overload()))
    return llvm::SaturatingAdd(nodes, function(*callee, depth + 1));
  int64_t opset = opsetOf(frame, domain);
  if (opset == 0) {
    importer.error() << "node " << quoted(node.name()) << " (" << node.op_type()
                     << ") is of domain "
                     << quoted(domain.empty() ? "ai.onnx" : domain)
                     << ", of which the model imports no opset";
    return nodes;
  }
  if (!RuleTable::get().find(domain, node.op_type(), opset))
    miss(node, opset, frame);
  return nodes;
}

uint64_t SupportCheck::function(const proto::FunctionProto &function,
                                unsigned depth) {
  auto [known, added] = sizes.try_emplace(&function, 0);
  if (!added) {
    if (known->second == 0 && !stopped) {
      importer.error() << "function " << quoted(function.name())
                       << " calls itself";
      stopped = true;
    }
    return known->second;
  }
  Frame frame;
  for (const auto &opset : function.opset_import())
    frame.opsets[canonicalDomain(opset.domain())] = opset.version();
  uint64_t nodes = 1;
  if (depth > kMaxNesting) {
    if (!stopped)
      importer.error() << "functions call each other deeper than "
                       << kMaxNesting;
    stopped = true;
  }
  for (const proto::NodeProto &inner : function.node()) {
    if (stopped)
      break;
    nodes = llvm::SaturatingAdd(nodes, node(inner, frame, depth));
  }
  return sizes[&function] = nodes;
}

//===-- Misses
//--------------------------------------------------------------===//

void SupportCheck::miss(const proto::NodeProto &node, int64_t opset,
                        const Frame &frame) {
  StringRef domain = canonicalDomain(node.domain());
  std::string type = domain.empty()
                         ? node.op_type() + "-" + std::to_string(opset)
                         : (domain + "." + node.op_type()).str();
  auto found = misses.find(type);
  if (found == misses.end()) {
    Scope none;
    Node seen(importer, node, frame, none);
    found = misses
                .insert({type, Miss{seen.label(), seen.loc(), type, 0,
                                    domain.empty()}})
                .first;
  }
  ++found->second.nodes;
}

void SupportCheck::reportMisses() {
  if (misses.empty())
    return;
  const Miss &first = misses.front().second;
  InFlightDiagnostic diagnostic = importer.error(first.loc)
                                  << first.first
                                  << " has no import rule and no function body";
  if (misses.size() == 1)
    return;
  std::string others;
  llvm::raw_string_ostream os(others);
  size_t rest = misses.size() - 1;
  os << rest << " other unsupported op type" << (rest > 1 ? "s" : "") << ": ";
  llvm::interleaveComma(llvm::drop_begin(misses), os, [&](auto &entry) {
    int64_t nodes = entry.second.nodes;
    os << StringRef(quoted(entry.second.type)).drop_front().drop_back() << " ("
       << nodes << (nodes > 1 ? " nodes)" : " node)");
  });
  diagnostic.attachNote(first.loc) << others;
}
