// Strings, sequences, optionals and maps: one call of a host function per op.

#include "passes/linalg/Lowering.h"

#include "dialects/program/Program.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

/// Calls `function`; `types` are the element types of inputs and results with
/// all that `graph` knows.
static ValueRange callHost(Lowering &lowering, Location loc, StringRef function,
                           ArrayRef<int64_t> integers, ArrayRef<Type> types,
                           ValueRange inputs, ArrayRef<Type> results) {
  OpBuilder &b = lowering.b;
  return program::HostOp::create(b, loc, results, b.getStringAttr(function),
                                 b.getDenseI64ArrayAttr(integers),
                                 b.getTypeArrayAttr(types), inputs)
      .getResults();
}

LogicalResult lower::lowerHostComputed(Lowering &lowering, Operation *op) {
  SmallVector<int64_t> integers;
  for (StringAttr name : op->getName().getAttributeNames())
    if (auto value = dyn_cast_or_null<IntegerAttr>(op->getAttr(name)))
      integers.push_back(value.getType().isInteger(1)
                             ? value.getValue().getZExtValue()
                             : value.getInt());
  SmallVector<Type> types, results;
  SmallVector<Value> inputs;
  for (Value operand : op->getOperands()) {
    types.push_back(getElementTypeOrSelf(operand));
    inputs.push_back(lowering.get(operand).value);
  }
  for (Value result : op->getResults()) {
    types.push_back(getElementTypeOrSelf(result));
    results.push_back(lowering.typeOf(result));
  }
  ValueRange values =
      callHost(lowering, op->getLoc(), op->getName().stripDialect(), integers,
               types, inputs, results);
  for (auto [result, value] : llvm::zip(op->getResults(), values))
    lowering.set(result, value);
  return success();
}

/// The text of all strings behind the numbers of bytes up to the end of each.
static DenseElementsAttr packStrings(DenseStringElementsAttr strings) {
  std::string ends, text;
  ArrayRef<StringRef> values = strings.getRawStringData();
  for (int64_t i = 0; i < strings.getNumElements(); ++i) {
    text += strings.isSplat() ? values.front() : values[i];
    uint64_t end = text.size();
    ends.append(reinterpret_cast<const char *>(&end), sizeof(end));
  }
  std::string bytes = ends + text;
  bytes.resize(std::max<size_t>(bytes.size(), 1));
  auto type = RankedTensorType::get({int64_t(bytes.size())},
                                    IntegerType::get(strings.getContext(), 8));
  return DenseElementsAttr::getFromRawBuffer(
      type, ArrayRef(bytes.data(), bytes.size()));
}

Value lower::lowerStrings(Lowering &lowering, Location loc,
                          DenseStringElementsAttr strings) {
  Value packed = lowering.constantTensor(loc, packStrings(strings));
  auto type = cast<RankedTensorType>(strings.getType());
  Type byte = lowering.b.getIntegerType(8, /*isSigned=*/false);
  Type handles = type.clone(lowering.b.getI64Type());
  return callHost(lowering, loc, "constant", {}, {byte, type.getElementType()},
                  packed, handles)
      .front();
}
