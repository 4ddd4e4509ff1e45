//===- Window.h - Sliding windows of convolutions and pools -----*- C++ -*-===//
#ifndef NACRE_PASSES_LINALG_WINDOW_H
#define NACRE_PASSES_LINALG_WINDOW_H

#include "passes/linalg/Lowering.h"

namespace nacre::lower {

/// A window over the spatial dims of a tensor [N, C, spatial...]. The arrays
/// belong to the caller.
class Window {
public:
  Window(Lowering &lowering, ArrayRef<Expr> sizes, ArrayRef<int64_t> strides,
         ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads);

  /// From the first to the last element of dim `d`, both included.
  Expr extent(unsigned d) const;
  /// `input` with `value` around it, so that every window of `outDims` (the
  /// spatial dims of the result) lies inside. With `ceilMode` a window may hang
  /// over by less than a stride.
  Tensor padInput(Location loc, Tensor input, mlir::TypedAttr value,
                  ArrayRef<Expr> outDims, bool ceilMode = false) const;
  /// Appends the positions in the padded input that are read by loops over the
  /// result's spatial dims and over `loops()`, and those in the window.
  void read(unsigned firstOut, unsigned firstWindow,
            llvm::SmallVectorImpl<mlir::AffineExpr> &input,
            llvm::SmallVectorImpl<mlir::AffineExpr> *window) const;
  /// The sizes that need a loop: those that are not 1.
  SmallVector<Expr> loops() const;
  bool isUnit(unsigned d) const;

  Lowering &lowering;
  ArrayRef<Expr> sizes;
  ArrayRef<int64_t> strides, dilations, pads;
};

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_WINDOW_H
