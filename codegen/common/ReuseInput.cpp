#include "codegen/common/ReuseInput.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

/// Whether `op` writes memory that nothing else looks at: an empty tensor, or a
/// temporary that it was given by the rewrite below.
static bool ownsMemory(linalg::LinalgOp op) {
  Value init = op.getDpsInits()[0];
  if (init.getDefiningOp<tensor::EmptyOp>())
    return true;
  auto previous = init.getDefiningOp<linalg::LinalgOp>();
  return previous && !op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) &&
         ownsMemory(previous);
}

void nacre::codegen::reuseInput(linalg::GenericOp op) {
  if (op.getNumDpsInits() != 1 || op.getNumReductionLoops() != 0)
    return;
  OpOperand &init = op.getDpsInitsMutable()[0];
  if (op.payloadUsesValueFromOperand(&init))
    return;
  for (OpOperand *input : op.getDpsInputOperands()) {
    auto producer = input->get().getDefiningOp<linalg::LinalgOp>();
    bool diesHere = producer && producer->getBlock() == op->getBlock() &&
                    ownsMemory(producer) &&
                    llvm::all_of(input->get().getUsers(), [&](Operation *user) {
                      return user == op || user->isBeforeInBlock(op);
                    });
    if (!diesHere || input->get().getType() != init.get().getType() ||
        op.getMatchingIndexingMap(input) != op.getMatchingIndexingMap(&init))
      continue;
    bool readElsewhere =
        llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *o) {
          return o->get() == input->get() &&
                 op.getMatchingIndexingMap(o) !=
                     op.getMatchingIndexingMap(input);
        });
    if (readElsewhere)
      continue;
    init.set(input->get());
    return;
  }
}
