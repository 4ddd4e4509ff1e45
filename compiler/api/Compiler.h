//===- Compiler.h - A model in, native code out -----------------*- C++ -*-===//
//
// The compiler as a library; `nacre` is its first client. Nothing here prints:
// messages go to the caller.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_COMPILER_API_COMPILER_H
#define NACRE_COMPILER_API_COMPILER_H

#include "codegen/host/Link.h"
#include "compiler/artifact/Artifact.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace nacre {

/// How a step ended; the values are the exit codes of `nacre`.
enum class Outcome : int {
  Ok = 0,
  BadModel = 1, ///< the model, an input or a file is at fault, or unsupported
  Usage = 2,
  Bug = 70 ///< a fault of the compiler
};

enum class Severity { Error, Warning, Note, Remark };

/// `text` is the whole line: "model.onnx: error: node 'x' (Relu, opset 13):
/// ...".
using MessageHandler =
    std::function<void(Severity severity, llvm::StringRef text)>;

/// Whether an error says that a valid model needs what Nacre does not have yet.
bool isUnsupported(llvm::StringRef message);

struct CompileOptions {
  std::string target = "cpu";
  /// LLVM's name of the processor; empty: this machine's.
  std::string processor;
  /// Values of symbolic dims, by name.
  llvm::StringMap<int64_t> dims;
  /// Shapes of inputs, by name; -1 leaves a dim open.
  llvm::StringMap<llvm::SmallVector<int64_t>> shapes;
  /// Whether passes run that only make code faster (`-O0`: they do not).
  bool optimize = true;
  /// Whether generated code checks each access of memory
  /// (`--sanitize=bounds`).
  bool checkBounds = false;
  /// Threads that the compiler itself uses; 0: one per CPU.
  unsigned threads = 0;
  /// Where to keep IR, objects and text of every step; empty: nowhere.
  std::string saveTemps;
  /// Print how long each pass took (to standard error).
  bool passTiming = false;
};

/// What `print` can show.
enum class Text { Graph, Tensor, Kernel, Program, LLVM, Assembly };

/// One compilation of one model. The steps are called in order; after one that
/// failed only messages remain. One thread at a time; several at once are fine.
class Compilation {
public:
  Compilation(const CompileOptions &options, MessageHandler handler);
  ~Compilation();

  /// Reads and imports the model. External data is looked for beside it.
  Outcome import(llvm::StringRef path);
  /// The same from bytes, which stay the caller's and must outlive this.
  /// `folder` is where external data may lie; empty: there is none.
  Outcome import(llvm::StringRef bytes, llvm::StringRef name,
                 llvm::StringRef folder);
  /// A module of stage `graph` as text, for tests.
  Outcome importText(llvm::StringRef text, llvm::StringRef name);

  /// The model as it is now: stage `graph` after `import`.
  mlir::ModuleOp module() const { return *current; }
  mlir::MLIRContext &context() { return *mlirContext; }

  /// Lowers a copy as far as asked and prints it; large constants are elided.
  Outcome print(Text text, llvm::raw_ostream &os);

  /// Lowers the model to objects. `exportName` is the symbol of the descriptor.
  Outcome compile(llvm::StringRef exportName = "nacre_model");
  /// Compiles and writes what the name asks for: `.so`, `.a` (with a header),
  /// or an executable. The file gets its name when it is complete.
  Outcome writeArtifact(llvm::StringRef path);
  /// Compiles and links into this process.
  Outcome link(std::unique_ptr<codegen::JitModel> &model);

private:
  Outcome
  importWith(llvm::function_ref<mlir::OwningOpRef<mlir::ModuleOp>()> importer);
  Outcome describeTarget();
  Outcome lower(mlir::ModuleOp module, int stage);
  Outcome failed(mlir::ModuleOp before, llvm::StringRef pipeline);
  void report(mlir::Diagnostic &diagnostic);
  void say(Severity severity, const llvm::Twine &text);

  CompileOptions options;
  MessageHandler handler;
  std::unique_ptr<llvm::DefaultThreadPool> pool;
  std::unique_ptr<mlir::MLIRContext> mlirContext;
  mlir::OwningOpRef<mlir::ModuleOp> current;
  std::optional<artifact::Objects> objects;
  std::string modelPath;
  uint64_t modelHash = 0;
  unsigned errors = 0, unsupported = 0;
};

/// A shape as `--shape` has it: "2x3", "2x?" with an open dim (-1), "scalar".
std::string shapeText(llvm::ArrayRef<int64_t> shape);
/// False if the text is none.
bool parseShape(llvm::StringRef text, llvm::SmallVectorImpl<int64_t> &shape);

/// The version of this compiler.
llvm::StringRef compilerVersion();

} // namespace nacre

#endif // NACRE_COMPILER_API_COMPILER_H
