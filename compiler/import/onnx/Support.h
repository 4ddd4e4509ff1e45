//===- Support.h - What a model needs of the rule table ---------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_SUPPORT_H
#define NACRE_COMPILER_IMPORT_ONNX_SUPPORT_H

#include "compiler/import/onnx/Importer.h"

namespace nacre::onnx {

/// Calls with nested functions written out may be this many nodes.
inline constexpr uint64_t kMaxExpandedNodes = 1'000'000;

/// Walks all nodes that an import would see, subgraphs and functions included,
/// before anything is built: so all misses of a model are told at once, and no
/// expansion can run away.
class SupportCheck {
public:
  explicit SupportCheck(Importer &importer) : importer(importer) {}

  void run(const proto::GraphProto &graph, const Frame &frame);

private:
  struct Miss {
    std::string first; ///< label of the first node
    mlir::Location loc;
    std::string type; ///< "com.acme.Rotor", "NonMaxSuppression-11"
    int64_t nodes = 0;
    bool standard = false;
  };
  /// All give the number of nodes after expansion, saturated.
  uint64_t graph(const proto::GraphProto &graph, const Frame &frame,
                 unsigned depth);
  uint64_t node(const proto::NodeProto &node, const Frame &frame,
                unsigned depth);
  uint64_t function(const proto::FunctionProto &function, unsigned depth);
  void miss(const proto::NodeProto &node, int64_t opset, const Frame &frame);
  void reportMisses();

  Importer &importer;
  llvm::MapVector<std::string, Miss, std::map<std::string, unsigned>> misses;
  /// Sizes of functions; 0 while one is being walked.
  llvm::DenseMap<const proto::FunctionProto *, uint64_t> sizes;
  bool stopped = false;
};

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_SUPPORT_H
