#include "codegen/host/AppendWeights.h"

#include "nacre/seal.h"

#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/FileSystem.h"

using namespace nacre::codegen;
using namespace llvm::ELF;

/// The linker collects sections with a suffix (.lrodata.nacre) in this one.
static constexpr llvm::StringLiteral kLinkedSection = ".lrodata";

namespace {

/// The headers of a file that the linker has just made, to be changed in place.
struct Headers {
  explicit Headers(std::string &bytes)
      : bytes(bytes), file(at<Elf64_Ehdr>(0)),
        segments(at<Elf64_Phdr>(file->e_phoff), file->e_phnum),
        sections(at<Elf64_Shdr>(file->e_shoff), file->e_shnum) {}

  template <typename T>
  T *at(uint64_t offset) {
    return reinterpret_cast<T *>(bytes.data() + offset);
  }
  Elf64_Shdr *findSection(llvm::StringRef name) {
    uint64_t names = sections[file->e_shstrndx].sh_offset;
    for (Elf64_Shdr &section : sections)
      if (name == at<char>(names + section.sh_name))
        return &section;
    return nullptr;
  }

  std::string &bytes;
  Elf64_Ehdr *file;
  llvm::MutableArrayRef<Elf64_Phdr> segments;
  llvm::MutableArrayRef<Elf64_Shdr> sections;
};

} // namespace

/// Splits the segment that ends in the empty `section` in two, the second being
/// the section's. The entry of the program headers themselves, which a shared
/// object does not need, makes room. Null if the linker laid it out otherwise.
static Elf64_Phdr *splitSegment(Headers &headers, const Elf64_Shdr &section) {
  auto segments = headers.segments;
  size_t i = 0;
  for (; i < segments.size(); ++i)
    if (segments[i].p_type == PT_LOAD &&
        segments[i].p_vaddr <= section.sh_addr &&
        section.sh_addr + section.sh_size ==
            segments[i].p_vaddr + segments[i].p_memsz)
      break;
  if (i == segments.size() || i == 0 || segments[0].p_type != PT_PHDR ||
      segments[i].p_vaddr + segments[i].p_filesz > section.sh_addr)
    return nullptr;
  std::copy(segments.begin() + 1, segments.begin() + i + 1, segments.begin());
  segments[i - 1].p_memsz = segments[i - 1].p_filesz;
  segments[i].p_vaddr = segments[i].p_paddr = section.sh_addr;
  segments[i].p_filesz = segments[i].p_memsz = section.sh_size;
  return &segments[i];
}

/// Lays the weights' section at the end of the file; returns where.
static llvm::Expected<uint64_t> moveToEnd(std::string &bytes, uint64_t size) {
  Headers headers(bytes);
  Elf64_Shdr *section = headers.findSection(kLinkedSection);
  Elf64_Phdr *segment =
      section && section->sh_type == SHT_NOBITS && section->sh_size == size
          ? splitSegment(headers, *section)
          : nullptr;
  if (!segment)
    return llvm::createStringError(
        "the linker laid the weights out in an unexpected way");
  // Pages are mapped whole: offset and address agree below the page size.
  uint64_t offset = llvm::alignTo(bytes.size(), segment->p_align,
                                  section->sh_addr % segment->p_align);
  segment->p_offset = section->sh_offset = offset;
  section->sh_type = SHT_PROGBITS;
  return offset;
}

llvm::Error nacre::codegen::writeWithWeights(llvm::StringRef linked,
                                             const Weights &weights,
                                             llvm::StringRef path) {
  std::string bytes = linked.str();
  uint64_t size = weights.size(), begin = 0;
  if (size > 0) {
    llvm::Expected<uint64_t> offset = moveToEnd(bytes, size);
    if (!offset)
      return offset.takeError();
    begin = *offset;
    bytes.resize(begin);
  }
  // Behind `bytes` is only what the seal leaves out.
  nacre_seal seal =
      nacre_seal_make(bytes.data(), bytes.size() + size, begin, size);
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (error)
    return llvm::createFileError(path, error);
  os << bytes;
  weights.write(os);
  os.write(reinterpret_cast<const char *>(&seal), sizeof(seal));
  os.close();
  error = os.error();
  os.clear_error();
  return error ? llvm::createFileError(path, error) : llvm::Error::success();
}
