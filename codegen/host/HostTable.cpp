#include "codegen/host/HostTable.h"

#include "dialects/program/Program.h"

#include "nacre/abi.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/IR/Location.h"
#include <cstddef>

using namespace mlir;
using namespace nacre::codegen;

EntryBuilder::EntryBuilder(LLVM::LLVMFuncOp function,
                           const LLVMTypeConverter &types, ModuleOp module)
    : OpBuilder(function.getContext()), function(function), types(types),
      module(module), loc(function.getLoc()) {}

void EntryBuilder::at(Operation *op) {
  setInsertionPoint(op);
  loc = op->getLoc();
}

Value EntryBuilder::integer(int64_t value) {
  return LLVM::ConstantOp::create(*this, loc, getI64Type(), value);
}

Value EntryBuilder::byteOffset(Value pointer, Value bytes) {
  return LLVM::GEPOp::create(*this, loc, pointerType(), getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{bytes});
}

Value EntryBuilder::load(Value pointer, Type type, int64_t index) {
  Value from =
      LLVM::GEPOp::create(*this, loc, pointerType(), type, pointer,
                          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
  return LLVM::LoadOp::create(*this, loc, type, from);
}

void EntryBuilder::store(Value value, Value pointer, int64_t index) {
  Value to =
      LLVM::GEPOp::create(*this, loc, pointerType(), value.getType(), pointer,
                          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
  LLVM::StoreOp::create(*this, loc, value, to);
}

Value EntryBuilder::toWord(Value index) {
  if (!isa<IndexType>(index.getType()))
    return index;
  return UnrealizedConversionCastOp::create(*this, loc, getI64Type(), index)
      .getResult(0);
}

//===-- calls and exits ---------------------------------------------------===//

Value EntryBuilder::call(size_t offset, Type result, Values arguments) {
  Value host = function.getArgument(0), context = function.getArgument(1);
  Value address =
      LLVM::GEPOp::create(*this, loc, pointerType(), getI8Type(), host,
                          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  // The table is constant: one load serves all calls of one kind.
  Value callee = LLVM::LoadOp::create(*this, loc, pointerType(), address,
                                      /*alignment=*/8, /*isVolatile=*/false,
                                      /*isNonTemporal=*/false,
                                      /*isInvariant=*/true);
  SmallVector<Value> operands = {callee, context};
  llvm::append_range(operands, arguments);
  SmallVector<Type> inputs = {pointerType()};
  for (Value argument : arguments)
    inputs.push_back(argument.getType());
  Type returned = result ? result : Type(LLVM::LLVMVoidType::get(getContext()));
  auto type = LLVM::LLVMFunctionType::get(returned, inputs);
  auto callOp = LLVM::CallOp::create(*this, loc, type, operands);
  return result ? callOp.getResult() : Value();
}

Block *EntryBuilder::exitBlock() {
  if (exit)
    return exit;
  OpBuilder::InsertionGuard guard(*this);
  exit = createBlock(&function.getBody(), function.getBody().end(),
                     {getI32Type()}, {loc});
  LLVM::ReturnOp::create(*this, loc, exit->getArgument(0));
  return exit;
}

/// Ends the current block before the insertion point; what follows is in the
/// returned block, at whose start the builder then stands. The caller adds the
/// terminator to the first.
Block *EntryBuilder::splitHere() {
  Block *current = getInsertionBlock();
  Block *rest = current->splitBlock(getInsertionPoint());
  setInsertionPointToEnd(current);
  return rest;
}

/// A branch of `cf`, not of LLVM: what it passes on may still be a buffer when
/// blocks are merged.
void EntryBuilder::branch(Value condition, Block *yes, ValueRange yesArguments,
                          Block *no, ValueRange noArguments,
                          std::array<int32_t, 2> weights) {
  auto op = cf::CondBranchOp::create(*this, loc, condition, yes, yesArguments,
                                     no, noArguments);
  op.setBranchWeights(weights);
}

void EntryBuilder::callChecked(size_t offset, Values arguments) {
  Value status = call(offset, getI32Type(), arguments);
  Value zero = LLVM::ConstantOp::create(*this, loc, getI32Type(), 0);
  Value failed =
      LLVM::ICmpOp::create(*this, loc, LLVM::ICmpPredicate::ne, status, zero);
  Block *out = exitBlock(), *rest = splitHere();
  branch(failed, out, {status}, rest, {}, {1, 1 << 20});
  setInsertionPointToStart(rest);
}

void EntryBuilder::require(Value condition, int32_t status) {
  Value code = LLVM::ConstantOp::create(*this, loc, getI32Type(), status);
  Block *out = exitBlock(), *rest = splitHere();
  branch(condition, rest, {}, out, {code}, {1 << 20, 1});
  setInsertionPointToStart(rest);
}

void EntryBuilder::requireOrFail(Value condition, Location node,
                                 StringRef text) {
  Block *out = exitBlock(), *rest = splitHere();
  Block *current = getInsertionBlock();
  Block *failing = createBlock(out);
  Value status = call(offsetof(nacre_host, fail), getI32Type(),
                      {nodeText(node), string(text)});
  cf::BranchOp::create(*this, loc, out, ValueRange{status});
  setInsertionPointToEnd(current);
  branch(condition, rest, {}, failing, {}, {1 << 20, 1});
  setInsertionPointToStart(rest);
}

Value EntryBuilder::nodeText(Location node) {
  std::string name = nodeOf(node);
  return name.empty()
             ? LLVM::ZeroOp::create(*this, loc, pointerType()).getResult()
             : string(name);
}

void EntryBuilder::requireFunction(size_t offset, int32_t status) {
  Value size = load(function.getArgument(0), getI32Type());
  Value needed = LLVM::ConstantOp::create(*this, loc, getI32Type(),
                                          offset + sizeof(void *));
  require(LLVM::ICmpOp::create(*this, loc, LLVM::ICmpPredicate::uge, size,
                               needed),
          status);
}

Value EntryBuilder::table(ArrayRef<int64_t> values) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto type = RankedTensorType::get({int64_t(values.size())}, getI64Type());
  auto global = LLVM::GlobalOp::create(
      builder, loc, LLVM::LLVMArrayType::get(getI64Type(), values.size()),
      /*isConstant=*/true, LLVM::Linkage::Private,
      (function.getName() + ".table." + Twine(numTables++)).str(),
      DenseElementsAttr::get(type, values));
  return LLVM::AddressOfOp::create(*this, loc, global);
}

Value EntryBuilder::string(StringRef text) {
  LLVM::GlobalOp &global = strings[text];
  if (!global) {
    std::string bytes = text.str();
    bytes.push_back('\0');
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    global = LLVM::GlobalOp::create(
        builder, loc, LLVM::LLVMArrayType::get(getI8Type(), bytes.size()),
        /*isConstant=*/true, LLVM::Linkage::Private,
        (function.getName() + ".text." + Twine(strings.size())).str(),
        getStringAttr(bytes));
  }
  return LLVM::AddressOfOp::create(*this, loc, global);
}

//===-- buffers -----------------------------------------------------------===//

static MemRefDescriptor describe(OpBuilder &builder, Location loc,
                                 const LLVMTypeConverter &types, Value buffer) {
  Value descriptor =
      UnrealizedConversionCastOp::create(
          builder, loc, types.convertType(buffer.getType()), buffer)
          .getResult(0);
  return MemRefDescriptor(descriptor);
}

Value EntryBuilder::dataOf(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  MemRefDescriptor descriptor = describe(*this, loc, types, buffer);
  Value data = descriptor.alignedPtr(*this, loc);
  if (type.getLayout().isIdentity())
    return data;
  Value bytes = integer(program::elementBytes(type.getElementType()));
  return byteOffset(
      data,
      LLVM::MulOp::create(*this, loc, descriptor.offset(*this, loc), bytes));
}

Value EntryBuilder::bytesOf(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  int64_t known = program::elementBytes(type.getElementType());
  for (int64_t dim : type.getShape())
    known *= ShapedType::isDynamic(dim) ? 1 : dim;
  Value bytes = integer(known);
  if (type.hasStaticShape())
    return bytes;
  MemRefDescriptor descriptor = describe(*this, loc, types, buffer);
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      bytes = LLVM::MulOp::create(*this, loc, bytes,
                                  descriptor.size(*this, loc, dim));
  return bytes;
}

SmallVector<Value> EntryBuilder::sizesOf(MemRefType type, ValueRange dims) {
  SmallVector<Value> sizes;
  for (int64_t dim : type.getShape()) {
    if (!ShapedType::isDynamic(dim)) {
      sizes.push_back(integer(dim));
      continue;
    }
    sizes.push_back(toWord(dims.front()));
    dims = dims.drop_front();
  }
  return sizes;
}

SmallVector<Value> EntryBuilder::shapeOf(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<Value> sizes;
  for (auto [i, dim] : llvm::enumerate(type.getShape()))
    sizes.push_back(
        ShapedType::isDynamic(dim)
            ? describe(*this, loc, types, buffer).size(*this, loc, i)
            : integer(dim));
  return sizes;
}

Value EntryBuilder::makeBuffer(MemRefType type, Value data, Values sizes) {
  auto descriptor =
      MemRefDescriptor::poison(*this, loc, types.convertType(type));
  descriptor.setAllocatedPtr(*this, loc, data);
  descriptor.setAlignedPtr(*this, loc, data);
  descriptor.setConstantOffset(*this, loc, 0);
  Value stride = integer(1);
  for (int64_t dim = type.getRank(); dim-- > 0;) {
    descriptor.setSize(*this, loc, dim, sizes[dim]);
    descriptor.setStride(*this, loc, dim, stride);
    if (dim > 0)
      stride = LLVM::MulOp::create(*this, loc, stride, sizes[dim]);
  }
  return UnrealizedConversionCastOp::create(*this, loc, type, Value(descriptor))
      .getResult(0);
}

Value EntryBuilder::words(int64_t words) {
  if (!room) {
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPointToStart(&function.getBody().front());
    room = LLVM::AllocaOp::create(*this, loc, pointerType(), getI64Type(),
                                  integer(words), /*alignment=*/8);
  }
  auto size = room.getArraySize().getDefiningOp<LLVM::ConstantOp>();
  if (cast<IntegerAttr>(size.getValue()).getInt() < words)
    size.setValueAttr(getI64IntegerAttr(words));
  return room;
}

Value EntryBuilder::weights() {
  if (!weightsPointer) {
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPointToStart(&function.getBody().front());
    weightsPointer = call(offsetof(nacre_host, weights), pointerType(), {});
  }
  return weightsPointer;
}

std::string nacre::codegen::nodeOf(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().str();
  if (auto site = dyn_cast<CallSiteLoc>(loc))
    return nodeOf(site.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (std::string name = nodeOf(part); !name.empty())
        return name;
  return "";
}
