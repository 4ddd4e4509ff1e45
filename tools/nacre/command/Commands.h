//===- Commands.h - The subcommands of nacre --------------------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_COMMAND_COMMANDS_H
#define NACRE_TOOLS_NACRE_COMMAND_COMMANDS_H

#include "llvm/ADT/ArrayRef.h"

namespace nacre::command {

using Arguments = llvm::ArrayRef<const char *>;

/// Each takes the arguments after its name and returns the exit code: 0, 1 (the
/// model or an input is at fault), 2 (usage), 70 (our bug).
int compile(Arguments arguments);
int run(Arguments arguments);
int verify(Arguments arguments);
int inspect(Arguments arguments);
int targets(Arguments arguments);
int ops(Arguments arguments);
/// Not shown to users: a worker process of `verify`.
int verifyWorker(Arguments arguments);

/// Runs the subcommand that `arguments` name.
int dispatch(Arguments arguments);

} // namespace nacre::command

#endif // NACRE_TOOLS_NACRE_COMMAND_COMMANDS_H
