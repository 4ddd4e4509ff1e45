//===- Options.h - The command line of a subcommand -------------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_COMMAND_OPTIONS_H
#define NACRE_TOOLS_NACRE_COMMAND_OPTIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nacre::command {

/// The options of one subcommand: what is parsed and what `--help` says are one
/// list. Both `--name value` and `--name=value` are read, and `-n value`,
/// `-nvalue` for names of one letter.
class Options {
public:
  /// `usage` is what follows the name in the first line of the help.
  Options(llvm::StringRef name, llvm::StringRef summary, llvm::StringRef usage)
      : name(name), summary(summary), usage(usage) {}

  void flag(llvm::StringRef option, llvm::StringRef help, bool &value);
  void text(llvm::StringRef option, llvm::StringRef meta, llvm::StringRef help,
            std::string &value);
  void number(llvm::StringRef option, llvm::StringRef meta,
              llvm::StringRef help, unsigned &value);
  void real(llvm::StringRef option, llvm::StringRef meta, llvm::StringRef help,
            std::optional<double> &value);
  /// `set` returns what is wrong with the value, "" if nothing. May occur often.
  void each(llvm::StringRef option, llvm::StringRef meta, llvm::StringRef help,
            std::function<std::string(llvm::StringRef)> set);
  /// The arguments that are no options.
  void positional(std::string &value) { positionals.push_back(&value); }
  /// Text after the list of options.
  void notes(llvm::StringRef text) { trailer = text; }

  /// Returns nothing if the command is to go on, else the exit code: help was
  /// printed, or what is wrong with the arguments.
  std::optional<int> parse(llvm::ArrayRef<const char *> arguments);

  /// Says what is wrong with the command line; returns the exit code.
  int misuse(const llvm::Twine &text) const;

private:
  struct Option {
    std::string name, meta, help;
    std::function<std::string(llvm::StringRef)> set;
  };
  void help() const;
  const Option *find(llvm::StringRef option) const;
  bool takeOption(llvm::ArrayRef<const char *> &rest, std::string &error) const;

  std::string name, summary, usage, trailer;
  std::vector<Option> options;
  std::vector<std::string *> positionals;
};

/// "NAME=VALUE" cut at the first '='; false if there is none.
bool splitPair(llvm::StringRef text, llvm::StringRef &name,
               llvm::StringRef &value);

} // namespace nacre::command

#endif // NACRE_TOOLS_NACRE_COMMAND_OPTIONS_H
