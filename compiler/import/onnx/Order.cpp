// The order of nodes. ONNX wants them sorted; models that are not are in use.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/WireScan.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace nacre::onnx;
namespace proto = nacre::proto;

namespace {

using Scopes = SmallVector<llvm::StringSet<>>;

class Sorter {
public:
  explicit Sorter(const Nodes &nodes) : nodes(nodes), state(nodes.size()) {
    for (auto [index, node] : llvm::enumerate(nodes))
      for (const std::string &name : node.output())
        if (!name.empty())
          makers.try_emplace(name, index);
  }

  SmallVector<const proto::NodeProto *> sorted() {
    for (size_t index = 0; index < size_t(nodes.size()); ++index)
      visit(index);
    return std::move(order);
  }

private:
  static llvm::StringSet<> namesOf(const proto::GraphProto &graph) {
    llvm::StringSet<> names;
    for (const proto::ValueInfoProto &input : graph.input())
      names.insert(input.name());
    for (const proto::TensorProto &tensor : graph.initializer())
      names.insert(tensor.name());
    for (const proto::NodeProto &node : graph.node())
      for (const std::string &name : node.output())
        names.insert(name);
    return names;
  }

  /// Adds the nodes whose values `node` or its subgraphs read, but for names
  /// that a subgraph has given to values of its own.
  void read(const proto::NodeProto &node, Scopes &inner,
            SmallVectorImpl<size_t> &found) const {
    for (const std::string &name : node.input())
      if (auto maker = makers.find(name);
          maker != makers.end() &&
          llvm::none_of(inner, [&](auto &names) { return names.count(name); }))
        found.push_back(maker->second);
    for (const proto::AttributeProto &attribute : node.attribute()) {
      if (!attribute.has_g() || inner.size() >= kMaxNesting)
        continue;
      inner.push_back(namesOf(attribute.g()));
      for (const proto::NodeProto &each : attribute.g().node())
        read(each, inner, found);
      inner.pop_back();
    }
  }

  /// Depth first, with a stack of its own: chains may be long.
  void visit(size_t start) {
    struct Entry {
      size_t node;
      SmallVector<size_t> left;
    };
    SmallVector<Entry, 0> stack;
    auto open = [&](size_t node) {
      if (state[node] != New)
        return;
      state[node] = Open;
      SmallVector<size_t> left;
      Scopes inner;
      read(nodes[node], inner, left);
      std::reverse(left.begin(), left.end());
      stack.push_back({node, std::move(left)});
    };
    open(start);
    while (!stack.empty()) {
      if (!stack.back().left.empty()) {
        open(stack.back().left.pop_back_val());
        continue;
      }
      state[stack.back().node] = Done;
      order.push_back(&nodes[stack.back().node]);
      stack.pop_back();
    }
  }

  enum State { New, Open, Done };
  const Nodes &nodes;
  std::vector<State> state;
  llvm::StringMap<size_t> makers;
  SmallVector<const proto::NodeProto *> order;
};

} // namespace

SmallVector<const proto::NodeProto *> nacre::onnx::inOrder(const Nodes &nodes) {
  return Sorter(nodes).sorted();
}
