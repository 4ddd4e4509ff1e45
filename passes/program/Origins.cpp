#include "passes/program/Origins.h"

#include "dialects/program/Program.h"

using namespace mlir;

SmallVector<Value>
nacre::program::originsOf(const BufferViewFlowAnalysis &views, Value buffer) {
  SmallVector<Value> result;
  for (Value origin : views.resolveReverse(buffer))
    if (!origin.getDefiningOp<ArenaOp>())
      result.push_back(origin);
  return result;
}
