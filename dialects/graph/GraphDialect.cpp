#include "dialects/graph/Graph.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nacre::graph;

#include "dialects/graph/GraphDialect.cpp.inc"
#include "dialects/graph/GraphEnums.cpp.inc"
#include "dialects/graph/GraphInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/graph/GraphTypes.cpp.inc"

void GraphDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/graph/GraphOps.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/graph/GraphTypes.cpp.inc"
      >();
}

Operation *GraphDialect::materializeConstant(OpBuilder &builder,
                                             Attribute value, Type type,
                                             Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getShapedType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}

//===-- Attributes of functions
//--------------------------------------------===//

/// One entry of `graph.dims` against one dim of the type.
static LogicalResult verifyDim(Operation *op, unsigned index, Attribute entry,
                               int64_t size) {
  if (auto name = dyn_cast<StringAttr>(entry)) {
    if (!name.empty())
      return success();
    return op->emitOpError("graph.dims has an empty name for dim ") << index;
  }
  auto number = dyn_cast<IntegerAttr>(entry);
  if (!number || !number.getType().isSignlessInteger(64))
    return op->emitOpError("graph.dims has ")
           << entry << " for dim " << index
           << "; expected a name or an i64 size";
  if (number.getInt() < 0 ||
      (!ShapedType::isDynamic(size) && number.getInt() != size))
    return op->emitOpError("graph.dims has ")
           << number.getInt() << " for dim " << index << " of size "
           << (ShapedType::isDynamic(size) ? "?" : std::to_string(size));
  return success();
}

/// `graph.dims` and `graph.name` of an argument or a result of `type`.
static LogicalResult verifyBorderAttribute(Operation *op, Type type,
                                           NamedAttribute attribute) {
  if (attribute.getName() == kNameAttrName) {
    if (isa<StringAttr>(attribute.getValue()))
      return success();
    return op->emitOpError("graph.name is ")
           << attribute.getValue() << "; expected a string";
  }
  if (attribute.getName() != kDimsAttrName)
    return success();
  auto entries = dyn_cast<ArrayAttr>(attribute.getValue());
  // Of stage `program` it is a buffer.
  auto tensor = dyn_cast<ShapedType>(type);
  if (!entries || !tensor || !tensor.hasRank() ||
      int64_t(entries.size()) != tensor.getRank())
    return op->emitOpError("graph.dims is ")
           << attribute.getValue() << " for type " << type
           << "; expected an array with one entry per dim";
  for (auto [i, entry, size] : llvm::enumerate(entries, tensor.getShape()))
    if (failed(verifyDim(op, i, entry, size)))
      return failure();
  return success();
}

LogicalResult GraphDialect::verifyOperationAttribute(Operation *op,
                                                     NamedAttribute attribute) {
  if (attribute.getName() == kDimsAttrName ||
      attribute.getName() == kNameAttrName)
    return op->emitOpError("has attribute ")
           << attribute.getName()
           << "; expected it on arguments and results of functions only";
  return success();
}

LogicalResult GraphDialect::verifyRegionArgAttribute(Operation *op,
                                                     unsigned regionIndex,
                                                     unsigned index,
                                                     NamedAttribute attribute) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return success();
  return verifyBorderAttribute(op, function.getArgumentTypes()[index],
                               attribute);
}

LogicalResult
GraphDialect::verifyRegionResultAttribute(Operation *op, unsigned regionIndex,
                                          unsigned index,
                                          NamedAttribute attribute) {
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return success();
  return verifyBorderAttribute(op, function.getResultTypes()[index], attribute);
}
