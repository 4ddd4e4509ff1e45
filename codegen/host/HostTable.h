#ifndef NACRE_CODEGEN_HOST_HOSTTABLE_H
#define NACRE_CODEGEN_HOST_HOSTTABLE_H

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringMap.h"

#include <array>

namespace nacre::codegen {

/// Builds the code around one program op in an entry that is being lowered:
/// calls through the runtime's table, early returns, buffers.
class EntryBuilder : public mlir::OpBuilder {
public:
  EntryBuilder(mlir::LLVM::LLVMFuncOp function,
               const mlir::LLVMTypeConverter &types, mlir::ModuleOp module);

  using Values = llvm::ArrayRef<mlir::Value>;

  void at(mlir::Operation *op);
  mlir::Value integer(int64_t value);
  mlir::Value byteOffset(mlir::Value pointer, mlir::Value bytes);
  mlir::Value load(mlir::Value pointer, mlir::Type type, int64_t index = 0);
  void store(mlir::Value value, mlir::Value pointer, int64_t index = 0);
  /// `index` values of a signed 64-bit type, as llvm sees them, and back.
  mlir::Value toWord(mlir::Value index);
  mlir::Value toPointer(mlir::Value word);

  /// The address of constant 64-bit integers.
  mlir::Value table(llvm::ArrayRef<int64_t> values);
  /// The name of the ONNX node that `node` stems from, or a null pointer.
  mlir::Value nodeText(mlir::Location node);
  mlir::Value string(llvm::StringRef text);
  /// Ends the entry with `status` unless the runtime's table is so new that it
  /// has the function at `offset`.
  void requireFunction(size_t offset, int32_t status);

  /// Calls the function at `offset` of the table with the context and
  /// `arguments`; null if it returns nothing.
  mlir::Value call(size_t offset, mlir::Type result, Values arguments);
  /// As call, for a function that returns a status: not 0 ends the entry.
  void callChecked(size_t offset, Values arguments);
  /// Ends the entry with `status` unless `condition`.
  void require(mlir::Value condition, int32_t status);
  /// Ends the entry with what nacre_host.fail returns unless `condition`.
  void requireOrFail(mlir::Value condition, mlir::Location node,
                     llvm::StringRef text);

  /// The data of a buffer.
  mlir::Value dataOf(mlir::Value buffer);
  /// Bytes of a dense buffer.
  mlir::Value bytesOf(mlir::Value buffer);
  /// Sizes of a buffer of `type` whose dynamic ones are `dims`.
  llvm::SmallVector<mlir::Value> sizesOf(mlir::MemRefType type,
                                         mlir::ValueRange dims);
  /// Sizes of a buffer.
  llvm::SmallVector<mlir::Value> shapeOf(mlir::Value buffer);
  /// A dense buffer of `type` at `data`.
  mlir::Value makeBuffer(mlir::MemRefType type, mlir::Value data, Values sizes);

  /// Room for `words` 64-bit words that lives as long as the call; the same
  /// room every time.
  mlir::Value words(int64_t words);
  mlir::Value weights();

  mlir::Type pointerType() {
    return mlir::LLVM::LLVMPointerType::get(getContext());
  }

private:
  mlir::Block *exitBlock();
  mlir::Block *splitHere();
  void branch(mlir::Value condition, mlir::Block *yes,
              mlir::ValueRange yesArguments, mlir::Block *no,
              mlir::ValueRange noArguments, std::array<int32_t, 2> weights);

  mlir::LLVM::LLVMFuncOp function;
  const mlir::LLVMTypeConverter &types;
  mlir::ModuleOp module;
  mlir::Location loc;
  mlir::Block *exit = nullptr;
  mlir::LLVM::AllocaOp room;
  mlir::Value weightsPointer;
  llvm::StringMap<mlir::LLVM::GlobalOp> strings;
  unsigned numTables = 0;
};

/// Where a model's user looks for an op: the ONNX node's name; empty if it has
/// none.
std::string nodeOf(mlir::Location loc);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_HOSTTABLE_H
