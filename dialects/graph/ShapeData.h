#ifndef NACRE_DIALECTS_GRAPH_SHAPEDATA_H
#define NACRE_DIALECTS_GRAPH_SHAPEDATA_H

#include "dialects/graph/Infer.h"

namespace nacre::graph::detail {

/// What an elementwise op makes of small integer tensors whose elements are
/// known in terms of dims. Elements that cannot be said exactly are null.
Elements elementwiseElements(mlir::Operation *op, ShapeContext &context,
                             const ValueShape &result);

} // namespace nacre::graph::detail

#endif // NACRE_DIALECTS_GRAPH_SHAPEDATA_H
