#include "dialects/kernel/Kernel.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace nacre::kernel;

#define GET_OP_CLASSES
#include "dialects/kernel/KernelOps.cpp.inc"

static int64_t countDynamicDims(TypeRange types) {
  int64_t count = 0;
  for (Type type : types)
    if (auto tensor = dyn_cast<ShapedType>(type))
      count += tensor.getNumDynamicDims();
  return count;
}

//===-- group -------------------------------------------------------------===//

LogicalResult GroupOp::verify() {
  // E1
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  if (yield.getOperandTypes() != getResultTypes())
    return emitOpError("yields ")
           << yield.getOperandTypes() << "; expected " << getResultTypes();
  // E2
  int64_t expected = countDynamicDims(getResultTypes());
  if (expected != static_cast<int64_t>(getDims().size()))
    return emitOpError("has ") << getDims().size() << " dims; its results have "
                               << expected << " dynamic dims";
  return success();
}

//===-- check -------------------------------------------------------------===//

//===-- func --------------------------------------------------------------===//

void FuncOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                   TypeRange arguments, int64_t numOutputs,
                   ArrayRef<int64_t> argDims) {
  SmallVector<Type> tensors;
  for (Type type : arguments)
    if (isa<RankedTensorType>(type))
      tensors.push_back(type);
  FunctionType type = builder.getFunctionType(
      arguments, ArrayRef<Type>(tensors).take_back(numOutputs));
  state.addAttribute(getSymNameAttrName(state.name),
                     builder.getStringAttr(name));
  state.addAttribute(getFunctionTypeAttrName(state.name), TypeAttr::get(type));
  state.addAttribute(getNumOutputsAttrName(state.name),
                     builder.getI64IntegerAttr(numOutputs));
  state.addAttribute(getArgDimsAttrName(state.name),
                     builder.getDenseI64ArrayAttr(argDims));
  Region *region = state.addRegion();
  OpBuilder::InsertionGuard guard(builder);
  Block *entry = builder.createBlock(region);
  for (Type argument : arguments)
    entry->addArgument(argument, state.location);
}

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  auto functionType = [](Builder &builder, ArrayRef<Type> arguments,
                         ArrayRef<Type> results,
                         function_interface_impl::VariadicFlag,
                         std::string &) -> Type {
    return builder.getFunctionType(arguments, results);
  };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false,
      getFunctionTypeAttrName(result.name), functionType,
      getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void FuncOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(
      printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
      getArgAttrsAttrName(), getResAttrsAttrName());
}

LogicalResult FuncOp::verify() {
  // E1: inputs, outputs, index scalars, in this order.
  bool seenIndex = false;
  for (auto [i, type] : llvm::enumerate(getArgumentTypes())) {
    bool isIndex = isa<IndexType>(type);
    if (!isIndex && (!isa<RankedTensorType>(type) || seenIndex))
      return emitOpError("argument ") << i << " is " << type
                                      << "; expected ranked tensors, then "
                                         "index scalars";
    seenIndex |= isIndex;
  }
  if (getNumOutputs() > getNumTensorArguments())
    return emitOpError("num_outputs is ")
           << getNumOutputs() << "; it has " << getNumTensorArguments()
           << " tensor arguments";
  // E2
  int64_t dynamic = countDynamicDims(getArgumentTypes());
  if (static_cast<int64_t>(getArgDims().size()) != dynamic)
    return emitOpError("arg_dims has ")
           << getArgDims().size() << " entries; its tensor arguments have "
           << dynamic << " dynamic dims";
  for (int64_t index : getArgDims())
    if (index < 0 || index >= getNumIndexArguments())
      return emitOpError("arg_dims names index argument ")
             << index << "; there are " << getNumIndexArguments();
  // E3
  auto outputs = getArgumentTypes()
                     .take_front(getNumTensorArguments())
                     .take_back(getNumOutputs());
  if (outputs != getResultTypes())
    return emitOpError("results differ from its output arguments");
  auto returned = dyn_cast<ReturnOp>(getBody().front().getTerminator());
  if (!returned || returned.getOperandTypes() != getResultTypes())
    return emitOpError("does not return its output types");
  return success();
}

unsigned FuncOp::getNumIndexArguments() {
  return llvm::count_if(getArgumentTypes(), llvm::IsaPred<IndexType>);
}

ArrayRef<BlockArgument> FuncOp::getOutputArguments() {
  return getArguments()
      .take_front(getNumTensorArguments())
      .take_back(getNumOutputs());
}

int64_t FuncOp::getDimArgument(unsigned argument, unsigned dim) {
  unsigned position = 0;
  for (unsigned i = 0; i < argument; ++i)
    position += cast<ShapedType>(getArgumentTypes()[i]).getNumDynamicDims();
  auto type = cast<ShapedType>(getArgumentTypes()[argument]);
  for (unsigned d = 0; d < dim; ++d)
    position += type.isDynamicDim(d);
  return type.isDynamicDim(dim) ? getArgDims()[position] : -1;
}

//===-- call --------------------------------------------------------------===//

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // E1
  auto callee = symbols.lookupNearestSymbolFrom<FuncOp>(*this, getCalleeAttr());
  if (!callee)
    return emitOpError("callee ") << getCalleeAttr() << " is not a kernel.func";
  // E2
  if (callee.getNumInputs() != getInputs().size() ||
      callee.getNumOutputs() != getOuts().size() ||
      callee.getNumIndexArguments() != getDims().size())
    return emitOpError("passes ")
           << getInputs().size() << " inputs, " << getOuts().size()
           << " outputs and " << getDims().size() << " dims; " << getCalleeAttr()
           << " takes " << callee.getNumInputs() << ", "
           << callee.getNumOutputs() << " and "
           << callee.getNumIndexArguments();
  return success();
}

void CallOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  // On tensors the call is pure; on buffers it reads and writes them.
  for (OpOperand &input : getInputsMutable())
    if (isa<MemRefType>(input.get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), &input);
  for (OpOperand &out : getOutsMutable())
    if (isa<MemRefType>(out.get().getType()))
      effects.emplace_back(MemoryEffects::Write::get(), &out);
}
