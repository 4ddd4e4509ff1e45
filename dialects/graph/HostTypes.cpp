//===- HostTypes.cpp - Strings, sequences, optionals, maps as types -------===//
//
// What a sequence or optional holds is a lattice: an element type (nothing is
// held yet) is below tensors of it, dims below `?`, ranks below `*`.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/Graph.h"

using namespace mlir;
using namespace nacre;

/// Values that hold others.
static bool isContainer(Type type) {
  return isa<graph::SequenceType, graph::OptionalType, graph::MapType>(type);
}

bool graph::isHostType(Type type) {
  return type && (isa<StringType>(type) || isContainer(type));
}

Type graph::elementOfContent(Type content) {
  return isContainer(content) ? content : getElementTypeOrSelf(content);
}

Type graph::contentOf(RankedTensorType value) {
  return isContainer(value.getElementType()) ? value.getElementType()
                                             : Type(value);
}

static TensorType joinShapes(TensorType a, TensorType b) {
  if (!a.hasRank() || !b.hasRank() || a.getRank() != b.getRank())
    return UnrankedTensorType::get(a.getElementType());
  SmallVector<int64_t> dims(a.getShape());
  for (auto [dim, other] : llvm::zip(dims, b.getShape()))
    if (dim != other)
      dim = ShapedType::kDynamic;
  return RankedTensorType::get(dims, a.getElementType());
}

Type graph::joinContents(Type a, Type b) {
  if (a == b)
    return a;
  if (isContainer(a) || isContainer(b))
    return joinElementTypes(a, b);
  if (elementOfContent(a) != elementOfContent(b))
    return {};
  auto x = dyn_cast<TensorType>(a), y = dyn_cast<TensorType>(b);
  return !x ? b : !y ? a : Type(joinShapes(x, y));
}

template <typename ContainerT>
static Type joinAs(Type a, Type b) {
  auto x = dyn_cast<ContainerT>(a), y = dyn_cast<ContainerT>(b);
  Type content = x && y ? graph::joinContents(x.getContent(), y.getContent())
                        : Type();
  return content ? ContainerT::get(a.getContext(), content) : Type();
}

Type graph::joinElementTypes(Type a, Type b) {
  if (a == b)
    return a;
  if (Type joined = joinAs<SequenceType>(a, b))
    return joined;
  return joinAs<OptionalType>(a, b);
}
