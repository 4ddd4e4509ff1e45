#ifndef NACRE_CODEGEN_COMMON_VECTORBODY_H
#define NACRE_CODEGEN_COMMON_VECTORBODY_H

#include "codegen/common/VectorPlan.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <map>

namespace nacre::codegen {

/// A loop's value at one element: `base + offset`; no base is 0.
struct Coordinate {
  mlir::Value base;
  int64_t offset = 0;
};
using Coordinates = llvm::SmallVector<Coordinate>;

/// A value of a body: one scalar for all lanes, consecutive indices that start
/// at a scalar, or a vector.
struct Lane {
  enum class Kind { Scalar, Steps, Vector } kind = Kind::Scalar;
  mlir::Value value;
};

/// Writes what one tile of a plan computes, element block by element block. A
/// block is one vector along the lane loop (of `lanes` lanes, or less under a
/// mask) at one step of all other loops.
class VectorBody {
public:
  VectorBody(const VectorPlan &plan, mlir::RewriterBase &b)
      : plan(plan), root(plan.root), b(b) {}

  /// Per init of the root the tensor that holds results so far.
  llvm::SmallVector<mlir::Value> destinations;
  /// Lanes to compute; null for all.
  mlir::Value mask;
  /// One element at a time instead of lanes.
  bool scalar = false;

  /// Computes and writes the results of the root at `blocks`, which are
  /// coordinates of its loops.
  void emitTile(llvm::ArrayRef<Coordinates> blocks);

private:
  struct Member {
    mlir::linalg::GenericOp op;
    /// Coordinates of all loops, and the loop that goes along the lanes, or -1.
    Coordinates at;
    int64_t lane;
  };

  void emitAlongLanes(llvm::ArrayRef<Coordinates> blocks);
  /// Computes `plan.sum` for all blocks; leaves scalars in `sums`.
  void emitAcrossLanes();
  /// Sums over the loops of `op` that are reductions, for all blocks at once:
  /// the sums are carried by the loops in registers.
  void emitReduction(mlir::linalg::GenericOp op);
  using Blocks = llvm::SmallVector<Member>;
  /// Loops over the reduction loops `loops` of `members`; returns the sums.
  llvm::SmallVector<mlir::Value> emitLoops(Blocks members,
                                           llvm::ArrayRef<unsigned> loops,
                                           llvm::SmallVector<mlir::Value> sums);
  llvm::SmallVector<mlir::Value>
  emitLaneLoop(Blocks members, unsigned loop,
               llvm::SmallVector<mlir::Value> sums);
  llvm::SmallVector<mlir::Value> accumulate(const Blocks &members,
                                            llvm::ArrayRef<mlir::Value> sums);

  /// Values of the body's results at `member`; `sums` stand for the results so
  /// far, if it reduces.
  llvm::SmallVector<Lane> evaluate(const Member &member,
                                   llvm::ArrayRef<mlir::Value> sums);
  Lane evaluateOp(mlir::Operation &op, const Member &member,
                  llvm::DenseMap<mlir::Value, Lane> &values);
  Lane evaluateExtract(mlir::tensor::ExtractOp op,
                       llvm::DenseMap<mlir::Value, Lane> &values);
  Lane load(const Member &member, mlir::OpOperand &operand);
  Lane loadTensor(mlir::Value tensor, mlir::AffineMap map,
                  const Member &member);
  mlir::Value readVector(mlir::Value tensor, mlir::ValueRange indices,
                         int64_t stride);
  mlir::Value readTransposed(mlir::Value tensor, mlir::AffineMap map,
                             const Member &member);
  void stayInside(llvm::SmallVectorImpl<mlir::Value> &indices,
                  mlir::ValueRange first, int64_t lane);
  Member memberAt(mlir::linalg::GenericOp producer, mlir::AffineMap read,
                  const Member &reader);
  Member rootAt(const Coordinates &at);
  /// Where `op` is when the root is at `at`.
  Member follow(mlir::linalg::GenericOp op, const Coordinates &at);
  void write(const Member &member, unsigned result, Lane value);

  mlir::Value index(mlir::AffineExpr expr, const Coordinates &at);
  mlir::Value toVector(Lane lane);
  mlir::VectorType vectorOf(mlir::Type element) {
    return mlir::VectorType::get({plan.lanes}, element);
  }
  mlir::Location loc() { return root.getLoc(); }

  const VectorPlan &plan;
  mlir::linalg::GenericOp root;
  mlir::RewriterBase &b;
  llvm::ArrayRef<Coordinates> tile;
  /// Results of reductions, by op and number of the block in `tile`.
  std::map<std::pair<mlir::Operation *, size_t>, llvm::SmallVector<Lane>> sums;
  size_t block = 0;
  /// Vectors along the lane loop, made by transposing, by tensor and
  /// subscripts.
  std::map<std::pair<void *, const void *>, llvm::SmallVector<mlir::Value>>
      transposed;
};

/// The number of steps of a loop of `op`, read off a tensor that exists anyway:
/// an operand that the plan computes in registers has no dims to ask for.
mlir::Value loopSize(mlir::OpBuilder &b, const VectorPlan &plan,
                     mlir::linalg::GenericOp op, unsigned loop);

/// Replaces the root of `plan` by loops of vectors and erases what is then
/// dead.
void emitPlan(const VectorPlan &plan, mlir::RewriterBase &b);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_VECTORBODY_H
