//===- Host.cpp - Strings, sequences, optionals, maps as elements ---------===//
#include "dialects/graph/reference/Host.h"

#include "dialects/graph/Graph.h"

using namespace mlir;

namespace nacre::graph::reference {

static const void *pointerAt(const Tensor &tensor, int64_t i) {
  return reinterpret_cast<const void *>(uintptr_t(tensor.bits(i)));
}

static void setAttribute(Tensor &tensor, int64_t i, Attribute attribute) {
  (void)tensor.rawMutable();
  tensor.setBits(i, reinterpret_cast<uintptr_t>(attribute.getAsOpaquePointer()));
}

llvm::StringRef stringAt(const Tensor &tensor, int64_t i) {
  const void *pointer = pointerAt(tensor, i);
  return pointer ? cast<StringAttr>(Attribute::getFromOpaquePointer(pointer))
                       .getValue()
                 : llvm::StringRef();
}

void setString(Tensor &tensor, int64_t i, llvm::StringRef text) {
  setAttribute(tensor, i,
               StringAttr::get(tensor.elementType().getContext(), text));
}

llvm::ArrayRef<Attribute> itemsAt(const Tensor &tensor, int64_t i) {
  const void *pointer = pointerAt(tensor, i);
  return pointer ? cast<ArrayAttr>(Attribute::getFromOpaquePointer(pointer))
                       .getValue()
                 : llvm::ArrayRef<Attribute>();
}

Tensor makeContainer(Type type, llvm::ArrayRef<Attribute> items) {
  Tensor tensor = Tensor::zeros(type, {});
  if (tensor)
    setAttribute(tensor, 0, ArrayAttr::get(type.getContext(), items));
  return tensor;
}

Attribute toItem(const Tensor &tensor) {
  Type type = tensor.elementType();
  if (!isHostType(type) || isa<StringType>(type))
    return tensor.toAttr();
  return ArrayAttr::get(type.getContext(), itemsAt(tensor));
}

Tensor fromItem(Attribute item, Type content) {
  if (auto list = dyn_cast<ArrayAttr>(item))
    return makeContainer(elementOfContent(content), list.getValue());
  return Tensor::fromAttr(cast<ElementsAttr>(item));
}

Tensor fromStrings(DenseStringElementsAttr attr) {
  auto type = cast<ShapedType>(attr.getType());
  Tensor tensor = Tensor::zeros(type.getElementType(), type.getShape());
  llvm::ArrayRef<llvm::StringRef> strings = attr.getRawStringData();
  for (int64_t i = 0; tensor && i < tensor.size(); ++i)
    setString(tensor, i, strings[attr.isSplat() ? 0 : i]);
  return tensor;
}

ElementsAttr stringsToAttr(const Tensor &tensor) {
  llvm::SmallVector<llvm::StringRef> strings;
  for (int64_t i = 0; i < tensor.size(); ++i)
    strings.push_back(stringAt(tensor, i));
  return DenseStringElementsAttr::get(
      RankedTensorType::get(tensor.dims(), tensor.elementType()), strings);
}

} // namespace nacre::graph::reference
