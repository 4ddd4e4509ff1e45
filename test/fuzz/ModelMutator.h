//===- ModelMutator.h - Random changes of ONNX models -----------*- C++ -*-===//
#ifndef NACRE_TEST_FUZZ_MODELMUTATOR_H
#define NACRE_TEST_FUZZ_MODELMUTATOR_H

#include "nacre/onnx.pb.h"
#include <random>

namespace nacre::fuzz {

/// Makes one small change that keeps the model a well-formed protobuf: another
/// name at an operand, a dim, a data type, an attribute, a node gone or moved.
/// The same generator state makes the same change.
class ModelMutator {
public:
  explicit ModelMutator(uint32_t seed) : random(seed) {}
  void mutate(proto::ModelProto &model);

private:
  void mutate(proto::GraphProto &graph);
  void mutate(proto::NodeProto &node, const proto::GraphProto &graph);
  void mutate(proto::AttributeProto &attribute);
  void mutate(proto::TensorProto &tensor);
  void mutate(proto::ValueInfoProto &value);

  /// An index below `size`, which is not 0.
  int below(int size) { return int(random() % uint32_t(size)); }
  bool oneIn(int n) { return below(n) == 0; }
  /// Numbers at which code tends to break.
  int64_t number();
  /// The name of a value of `graph`, or none.
  std::string value(const proto::GraphProto &graph);

  std::mt19937 random;
};

} // namespace nacre::fuzz

#endif // NACRE_TEST_FUZZ_MODELMUTATOR_H
