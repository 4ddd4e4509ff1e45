//===- Common.h - What several subcommands share ----------------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_COMMAND_COMMON_H
#define NACRE_TOOLS_NACRE_COMMAND_COMMON_H

#include "compiler/api/Compiler.h"
#include "tools/nacre/command/Options.h"

namespace nacre::command {

/// Writes messages of the compiler to standard error.
void printMessage(Severity severity, llvm::StringRef text);

/// "path: error: text" on standard error; returns the exit code.
int reportError(llvm::StringRef path, const llvm::Twine &text);

/// `--cpu`, `--dim`, `--shape` and what else decides about the code of a model.
void declareCompileOptions(Options &options, CompileOptions &compile);
/// The arguments that say what `compile` has of these.
std::vector<std::string> compileArguments(const CompileOptions &compile);

/// "1.5 MB".
std::string bytesText(uint64_t bytes);

} // namespace nacre::command

#endif // NACRE_TOOLS_NACRE_COMMAND_COMMON_H
