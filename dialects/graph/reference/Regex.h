//===- Regex.h - Regular expressions by their meaning -----------*- C++ -*-===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_REGEX_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_REGEX_H

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/StringRef.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nacre::graph::reference {

/// A regular expression in RE2's syntax, as a tree. What a node matches is the
/// set of places where a match from one of some places may end: no way through
/// the tree is tried twice from one place.
class Regex {
public:
  struct Node;

  /// Nothing, with what is wrong in `problem`, if the pattern is malformed.
  static std::optional<Regex> parse(llvm::StringRef pattern,
                                    std::string &problem);
  /// Whether it matches all of `text`.
  bool matches(llvm::StringRef text) const;

private:
  std::shared_ptr<const Node> root;
};

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_REGEX_H
