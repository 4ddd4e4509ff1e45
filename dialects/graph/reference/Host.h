//===- Host.h - Strings, sequences, optionals, maps as elements -*- C++ -*-===//
//
// Such an element is a pointer to an attribute: a string's to a StringAttr, a
// sequence's, optional's or map's (of keys and values) to an ArrayAttr of what it
// holds, tensors as ElementsAttr. The context owns and shares them. A null
// pointer is the empty one of each.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_HOST_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_HOST_H

#include "dialects/graph/reference/Tensor.h"

namespace nacre::graph::reference {

llvm::StringRef stringAt(const Tensor &tensor, int64_t i);
void setString(Tensor &tensor, int64_t i, llvm::StringRef text);

/// What is in the container that is element `i`.
llvm::ArrayRef<mlir::Attribute> itemsAt(const Tensor &tensor, int64_t i = 0);
/// A scalar of the container `type`.
Tensor makeContainer(mlir::Type type, llvm::ArrayRef<mlir::Attribute> items);

/// A tensor as an item, and back; `content` says what a container holds.
mlir::Attribute toItem(const Tensor &tensor);
Tensor fromItem(mlir::Attribute item, mlir::Type content);

Tensor fromStrings(mlir::DenseStringElementsAttr attr);
mlir::ElementsAttr stringsToAttr(const Tensor &tensor);

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_HOST_H
