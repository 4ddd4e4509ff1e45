#ifndef NACRE_CODEGEN_COMMON_VECTORPLAN_H
#define NACRE_CODEGEN_COMMON_VECTORPLAN_H

#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/SetVector.h"

namespace nacre::codegen {

/// How a group of ops becomes one nest of loops over vectors.
struct VectorPlan {
  mlir::linalg::GenericOp root;
  /// `root` and the producers that are computed inside its loops.
  llvm::SetVector<mlir::Operation *> group;
  /// Per op of the group and for each of its loops, the loop of `root` that it
  /// follows, or -1.
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<int64_t>> origins;
  /// The loop of `root`, or of `sum`, whose steps are the lanes of a vector.
  unsigned laneLoop = 0;
  int64_t lanes = 0;
  /// Steps of each parallel loop of `root` that one tile computes; for the lane
  /// loop, vectors. A tile's results stay in registers.
  llvm::SmallVector<int64_t> tile;
  /// The parallel loops, outermost first.
  llvm::SmallVector<unsigned> order;
  /// Some input goes through memory along another parallel loop, this one,
  /// instead of the lane loop: `lanes` vectors of it are transposed in
  /// registers; -1 if there is none.
  int64_t transposedLoop = -1;
  /// If set, the lane loop is one of this op, a reduction: lanes are combined
  /// at its end, and the root goes on with scalars.
  mlir::linalg::GenericOp sum;
  /// Vectors of partial sums per result.
  int64_t sumVectors = 1;

  bool acrossLanes() const { return bool(mlir::linalg::GenericOp(sum)); }
  /// Whether vectors go along loop `loop` of the root.
  bool isLane(unsigned loop) const {
    return !acrossLanes() && loop == laneLoop;
  }
};

/// Closed list of reasons why a group is left to scalar loops.
enum class VectorMiss { None, Body, Stride, Rank, Combiner, Scalar };
llvm::StringRef reasonOf(VectorMiss miss);

/// A plan for the group that ends in `root`; `target` may be null.
/// `schedule` gives the register tile if it has one.
llvm::FailureOr<VectorPlan> planVectors(mlir::linalg::GenericOp root,
                                        kernel::TargetAttr target,
                                        kernel::ScheduleAttr schedule,
                                        VectorMiss &miss);

/// The step of subscript `expr` per step of `loop`; nothing if it is not
/// linear.
std::optional<int64_t> strideOf(mlir::AffineExpr expr, unsigned loop);

/// The op that combines the accumulator of the one result of `op` with a new
/// value, if a vector can be reduced with it.
std::optional<mlir::vector::CombiningKind>
combinerOf(mlir::linalg::GenericOp op);

/// Whether a vector can do `op` of a body as it is. Integer division is none:
/// it may trap in a lane that is masked off.
bool hasVectorForm(mlir::Operation *op);

/// Few instructions per element: may be computed more than once.
bool isCheap(mlir::linalg::GenericOp op);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_VECTORPLAN_H
