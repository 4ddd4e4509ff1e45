#ifndef NACRE_CODEGEN_HOST_WEIGHTS_H
#define NACRE_CODEGEN_HOST_WEIGHTS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <vector>

namespace nacre::codegen {

/// The constants of a `program` stage module and their places: a view, the
/// module's attributes own the bytes and must outlive it.
class Weights {
public:
  /// Reads `program.weights` of `module`; fails, with a diagnostic, if a
  /// constant has no raw bytes or they are fewer than its type says.
  static mlir::FailureOr<Weights> get(mlir::ModuleOp module);

  uint64_t size() const { return bytes; }

  /// Writes all bytes, gaps as zeros, splats expanded, without holding more
  /// than one page of them.
  void write(llvm::raw_ostream &os) const;

  /// Fills `to`, size() bytes that are zero.
  void gather(char *to) const;

private:
  struct Piece {
    uint64_t offset;
    uint64_t size;
    /// As long as the piece, or one element of it, to be repeated.
    llvm::ArrayRef<char> data;
  };
  std::vector<Piece> pieces;
  /// Constants whose attribute does not hold a byte per element.
  std::vector<std::shared_ptr<std::vector<char>>> unpacked;
  uint64_t bytes = 0;
};

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_WEIGHTS_H
