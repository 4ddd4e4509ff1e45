//===- Child.h - Work that may crash, in a process of its own ---*- C++ -*-===//
#ifndef NACRE_TEST_FUZZ_CHILD_H
#define NACRE_TEST_FUZZ_CHILD_H

#include "test/fuzz/GraphCheck.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <sys/types.h>

namespace nacre::fuzz {

/// A process that checks a module and tells its parent what came of it. The
/// parent must not have threads.
class Child {
public:
  /// `work` makes the text of the module, which is sent to the parent before it
  /// is checked.
  Child(llvm::function_ref<std::string()> work, const CheckOptions &options);
  ~Child();
  Child(Child &&other) noexcept;
  Child &operator=(Child &&other) noexcept;

  /// What can be read is read; true if the child has ended.
  bool poll();
  /// Waits for the end.
  void finish();
  int fileDescriptor() const { return pipe; }

  /// After the end.
  std::string module;
  Verdict verdict;

private:
  void conclude();

  pid_t process = -1;
  int pipe = -1;
  std::string received;
};

} // namespace nacre::fuzz

#endif // NACRE_TEST_FUZZ_CHILD_H
