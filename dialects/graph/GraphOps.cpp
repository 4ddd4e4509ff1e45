#include "dialects/graph/Graph.h"

using namespace mlir;
using namespace nacre::graph;

#define GET_OP_CLASSES
#include "dialects/graph/GraphOps.cpp.inc"
