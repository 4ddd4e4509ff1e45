//===- Suite.h - The tests below a path -------------------------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_VERIFY_SUITE_H
#define NACRE_TOOLS_NACRE_VERIFY_SUITE_H

#include "tools/nacre/verify/Compare.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <optional>
#include <string>
#include <vector>

namespace nacre::verify {

/// Files of one `test_data_set_N`.
struct DataSet {
  std::vector<std::string> inputs, outputs;
};

/// What a test asks for. An index names them "accept", "compile_only", "reject",
/// "reject_at_compile_or_run" and "either".
enum class Expect {
  Agree,   ///< compile, run, and agree with the outputs
  Compile, ///< compile
  Reject,  ///< a clean error instead of code
  Refuse,  ///< a clean error from the compiler or from the run
  Either,  ///< anything but a crash
  Survive  ///< the same of the compiler; what it makes is not run: it may not end
};

struct Case {
  /// The path below the root.
  std::string name;
  std::string model;
  std::vector<DataSet> sets;
  /// The inputs that input files feed, by name; empty: all, in order.
  std::vector<std::string> feeds;
  Tolerance tolerance;
  /// Only types and shapes of outputs are known.
  bool nondeterministic = false;
  Expect expect = Expect::Agree;
};

struct Selection {
  /// A regular expression that names must match.
  std::string filter;
  /// Take the place of what an index says.
  std::optional<double> relative, absolute;
  /// An index for trees that have none: holds for `path` and what is below it.
  std::string index;
};

/// Finds the tests at `path`: a model, a folder in ONNX's layout, or a tree of
/// them. An `index.json` in the tree, or up to two folders above it, says how to
/// compare. Sorted by name.
llvm::Expected<std::vector<Case>> findCases(llvm::StringRef path,
                                            const Selection &selection);

llvm::json::Value toJSON(const Case &test);
bool fromJSON(const llvm::json::Value &value, Case &test,
              llvm::json::Path path);

} // namespace nacre::verify

#endif // NACRE_TOOLS_NACRE_VERIFY_SUITE_H
