// The order of nodes. ONNX wants them sorted; models that are not are in use.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/WireScan.h"

using namespace mlir;
using namespace nacre::onnx;
namespace proto = nacre::proto;

namespace {

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
  /// Indices of the nodes whose values `node` or its subgraphs read.
  SmallVector<size_t> read(const proto::NodeProto &node, unsigned depth) const {
    SmallVector<size_t> found;
    for (const std::string &name : node.input())
      if (auto maker = makers.find(name); maker != makers.end())
        found.push_back(maker->second);
    for (const proto::AttributeProto &attribute : node.attribute())
      if (attribute.has_g() && depth < kMaxNesting)
        for (const proto::NodeProto &inner : attribute.g().node())
          found.append(read(inner, depth + 1));
    return found;
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
      SmallVector<size_t> left = read(nodes[node], 0);
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
