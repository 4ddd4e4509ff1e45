#include "compiler/api/Crash.h"

#include "mlir/IR/AsmState.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

#include <unistd.h>

using namespace mlir;
using namespace nacre;

std::string nacre::writeReproducer(ModuleOp module, StringRef pipeline) {
  SmallString<128> path;
  int fd;
  if (llvm::sys::fs::createTemporaryFile("nacre-reproducer", "mlir", fd, path))
    return "";
  llvm::raw_fd_ostream os(fd, /*shouldClose=*/true);
  AsmState state(module, OpPrintingFlags()
                             .elideLargeElementsAttrs(64)
                             .elideLargeResourceString(64));
  state.attachResourcePrinter(
      "mlir_reproducer", [&](Operation *, AsmResourceBuilder &builder) {
        builder.buildString("pipeline", pipeline);
        builder.buildBool("disable_threading", true);
        builder.buildBool("verify_each", true);
      });
  module->print(os, state);
  return path.str().str();
}

/// The innermost step of a program that calls `handleCrashes`; it compiles one
/// model at a time. Others may compile several, and nobody reads their steps.
static CrashScope *current = nullptr;
static bool isHandled = false;

CrashScope::CrashScope(ModuleOp before, StringRef pipeline)
    : before(before), pipeline(pipeline), outer(isHandled ? current : nullptr) {
  if (isHandled)
    current = this;
}

CrashScope::~CrashScope() {
  if (isHandled)
    current = outer;
}

void nacre::reportCrash(void *) {
  CrashScope *scope = current;
  current = nullptr;
  llvm::errs() << "nacre: error: the compiler crashed; this is a fault of the "
                  "compiler\n";
  if (scope) {
    std::string path = writeReproducer(scope->before, scope->pipeline);
    if (!path.empty())
      llvm::errs() << "nacre: note: '" << path
                   << "' reproduces it with nacre-opt --run-reproducer\n";
  }
  ::_exit(70);
}

void nacre::handleCrashes() {
  isHandled = true;
  llvm::sys::AddSignalHandler(reportCrash, nullptr);
}
