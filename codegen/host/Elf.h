#ifndef NACRE_CODEGEN_HOST_ELF_H
#define NACRE_CODEGEN_HOST_ELF_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <optional>
#include <string>

namespace nacre::codegen {

/// A relocatable object of one section whose start has names.
struct ElfObject {
  /// As in LLVM triples: x86_64, aarch64, riscv64, loongarch64.
  llvm::StringRef arch;
  llvm::StringRef section;
  bool isCode = false;
  /// Global symbols at the start of the section.
  llvm::ArrayRef<std::string> symbols;
  bool isHidden = false;
  uint64_t size = 0;
};

/// Whether writeElf knows `arch`.
bool isElfArch(llvm::StringRef arch);

/// Writes the object; `contents` writes the section's bytes, `size` of them.
/// The section is never in memory: compilers and assemblers take seconds and
/// gigabytes where this copies. Without contents the object says how large the
/// section is, and has none of it (SHT_NOBITS).
void writeElf(const ElfObject &object, llvm::raw_ostream &os,
              llvm::function_ref<void(llvm::raw_ostream &)> contents = nullptr);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_ELF_H
