#include "codegen/host/Elf.h"

#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SwapByteOrder.h"

using namespace nacre::codegen;
using namespace llvm::ELF;

static_assert(llvm::sys::IsLittleEndianHost, "structs are written as they are");

namespace {

struct Machine {
  llvm::StringLiteral arch;
  uint16_t number;
  /// What linkers want to be equal in all objects: the floating-point ABI.
  uint32_t flags;
  /// The largest page: what is mapped from elsewhere may not share one.
  uint64_t page;
};

constexpr Machine kMachines[] = {
    {"x86_64", EM_X86_64, 0, 4096},
    {"aarch64", EM_AARCH64, 0, 65536},
    {"riscv64", EM_RISCV, EF_RISCV_RVC | EF_RISCV_FLOAT_ABI_DOUBLE, 4096},
    {"loongarch64", EM_LOONGARCH,
     EF_LOONGARCH_ABI_DOUBLE_FLOAT | EF_LOONGARCH_OBJABI_V1, 65536},
};

/// A string table under construction.
struct StringTable {
  std::string bytes = std::string(1, '\0');

  uint32_t add(llvm::StringRef text) {
    uint32_t offset = bytes.size();
    bytes.append(text.data(), text.size());
    bytes.push_back('\0');
    return offset;
  }
};

const Machine *findMachine(llvm::StringRef arch) {
  for (const Machine &machine : kMachines)
    if (machine.arch == arch)
      return &machine;
  return nullptr;
}

} // namespace

bool nacre::codegen::isElfArch(llvm::StringRef arch) {
  return findMachine(arch) != nullptr;
}

template <typename T>
static void writeStruct(llvm::raw_ostream &os, const T &value) {
  os.write(reinterpret_cast<const char *>(&value), sizeof(value));
}

static Elf64_Ehdr makeHeader(const Machine &machine, uint64_t sections) {
  Elf64_Ehdr header = {};
  memcpy(header.e_ident, ElfMagic, 4);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_REL;
  header.e_machine = machine.number;
  header.e_flags = machine.flags;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shoff = sections;
  header.e_shnum = 6;
  header.e_shstrndx = 4;
  return header;
}

static Elf64_Shdr makeSection(uint32_t name, uint32_t type, uint64_t offset,
                              uint64_t size, uint64_t alignment) {
  Elf64_Shdr section = {};
  section.sh_name = name;
  section.sh_type = type;
  section.sh_offset = offset;
  section.sh_size = size;
  section.sh_addralign = alignment;
  return section;
}

void nacre::codegen::writeElf(
    const ElfObject &object, llvm::raw_ostream &os,
    llvm::function_ref<void(llvm::raw_ostream &)> contents) {
  constexpr uint64_t kPage = 4096;
  const Machine &machine = *findMachine(object.arch);
  StringTable sectionNames, symbolNames;
  std::vector<Elf64_Sym> symbols(1, Elf64_Sym());
  for (const std::string &name : object.symbols) {
    Elf64_Sym symbol = {};
    symbol.st_name = symbolNames.add(name);
    symbol.setBindingAndType(STB_GLOBAL, object.isCode ? STT_FUNC : STT_OBJECT);
    symbol.st_other = object.isHidden ? STV_HIDDEN : STV_DEFAULT;
    symbol.st_shndx = 1;
    symbol.st_size = object.size;
    symbols.push_back(symbol);
  }
  uint64_t symbolBytes = symbols.size() * sizeof(Elf64_Sym);
  uint64_t stored = contents ? object.size : 0;
  uint64_t symbolsAt = llvm::alignTo(kPage + stored, 8);

  Elf64_Shdr data = makeSection(sectionNames.add(object.section),
                                contents ? SHT_PROGBITS : SHT_NOBITS, kPage,
                                object.size, machine.page);
  data.sh_flags = SHF_ALLOC | (object.isCode ? SHF_EXECINSTR : 0);
  // Of no effect on other machines, where it means something else.
  if (machine.number == EM_X86_64 && !object.isCode)
    data.sh_flags |= SHF_X86_64_LARGE;
  Elf64_Shdr table = makeSection(sectionNames.add(".symtab"), SHT_SYMTAB,
                                 symbolsAt, symbolBytes, 8);
  table.sh_link = 3;
  table.sh_info = 1;
  table.sh_entsize = sizeof(Elf64_Sym);
  uint64_t at = symbolsAt + symbolBytes;
  Elf64_Shdr names = makeSection(sectionNames.add(".strtab"), SHT_STRTAB, at,
                                 symbolNames.bytes.size(), 1);
  at += symbolNames.bytes.size();
  uint32_t shstrtab = sectionNames.add(".shstrtab");
  uint32_t note = sectionNames.add(".note.GNU-stack");
  Elf64_Shdr headings =
      makeSection(shstrtab, SHT_STRTAB, at, sectionNames.bytes.size(), 1);
  at += sectionNames.bytes.size();
  Elf64_Shdr stack = makeSection(note, SHT_PROGBITS, kPage, 0, 1);
  uint64_t sectionsAt = llvm::alignTo(at, 8);

  writeStruct(os, makeHeader(machine, sectionsAt));
  os.write_zeros(kPage - sizeof(Elf64_Ehdr));
  if (contents)
    contents(os);
  os.write_zeros(symbolsAt - kPage - stored);
  for (const Elf64_Sym &symbol : symbols)
    writeStruct(os, symbol);
  os << symbolNames.bytes << sectionNames.bytes;
  os.write_zeros(sectionsAt - at);
  writeStruct(os, Elf64_Shdr());
  for (const Elf64_Shdr &section : {data, table, names, headings, stack})
    writeStruct(os, section);
}
