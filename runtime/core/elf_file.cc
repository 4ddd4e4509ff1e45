#include "runtime/core/elf_file.h"

#include "runtime/core/error.h"

#include <cstring>
#include <elf.h>
#include <initializer_list>

using namespace nacre::runtime;

#if defined(__x86_64__)
static constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
static constexpr uint16_t kMachine = EM_AARCH64;
#elif defined(__riscv)
static constexpr uint16_t kMachine = EM_RISCV;
#else
static constexpr uint16_t kMachine = 258; // EM_LOONGARCH
#endif

const Image::Segment *Image::find(uint64_t address, uint64_t bytes) const {
  address -= base;
  for (uint32_t i = 0; i < count; ++i)
    if (address >= segments[i].begin && address <= segments[i].end &&
        bytes <= segments[i].end - address)
      return &segments[i];
  return nullptr;
}

bool Image::holds(const void *data, uint64_t bytes) const {
  return find(reinterpret_cast<uintptr_t>(data), bytes) != nullptr;
}

bool Image::holds_code(const void *function) const {
  const Segment *s = find(reinterpret_cast<uintptr_t>(function), 1);
  return s && s->code;
}

bool Image::holds_string(const char *text) const {
  auto address = reinterpret_cast<uintptr_t>(text);
  const Segment *s = find(address, 1);
  return s && std::memchr(text, 0, s->end - (address - base));
}

namespace {

class Checker {
public:
  Checker(const char *path, const void *file, uint64_t size, Image &image)
      : path(path), file(static_cast<const char *>(file)), size(size),
        image(image) {}

  nacre_status check();

private:
  nacre_status bad(const char *what) {
    return fail(NACRE_BAD_ARTIFACT, "%s: corrupt artifact: %s", path, what);
  }
  bool in_file(uint64_t offset, uint64_t bytes) const {
    return offset <= size && bytes <= size - offset;
  }
  template <typename T>
  const T *at(uint64_t offset) const {
    return reinterpret_cast<const T *>(file + offset);
  }
  bool allocated(const Elf64_Shdr &s) const {
    return s.sh_type != SHT_NULL && (s.sh_flags & SHF_ALLOC);
  }
  const Elf64_Shdr *section_at(uint64_t address) const;
  const Elf64_Phdr *load_of(uint64_t address, uint64_t bytes) const;
  bool is_consistent(const Elf64_Phdr &p) const;

  nacre_status check_header();
  nacre_status check_segments();
  nacre_status add_load(const Elf64_Phdr &p);
  nacre_status check_other(const Elf64_Phdr &p);
  nacre_status check_sections();
  nacre_status check_section(const Elf64_Shdr &s);
  nacre_status check_symbols(const Elf64_Shdr &s);
  nacre_status check_dynamic(const Elf64_Shdr &s);
  nacre_status check_dynamic_entry(const Elf64_Dyn &entry);
  nacre_status check_relocations(const Elf64_Shdr &s);

  const char *path;
  const char *file;
  uint64_t size;
  Image &image;
  const Elf64_Ehdr *header = nullptr;
  const Elf64_Phdr *segments = nullptr;
  const Elf64_Shdr *sections = nullptr;
  const Elf64_Phdr *dynamic = nullptr;
  uint64_t num_symbols = 0;
  bool has_dynamic = false;
  bool has_model = false;
};

nacre_status Checker::check_header() {
  if (size < sizeof(Elf64_Ehdr) || std::memcmp(file, ELFMAG, SELFMAG) != 0)
    return fail(NACRE_BAD_ARTIFACT, "%s: not an artifact: no ELF header", path);
  header = at<Elf64_Ehdr>(0);
  if (header->e_ident[EI_CLASS] != ELFCLASS64 ||
      header->e_ident[EI_DATA] != ELFDATA2LSB || header->e_machine != kMachine)
    return fail(NACRE_INCOMPATIBLE,
                "%s: built for another processor (ELF machine %u, expected %u)",
                path, header->e_machine, kMachine);
  if (header->e_ident[EI_VERSION] != EV_CURRENT ||
      header->e_version != EV_CURRENT || header->e_type != ET_DYN ||
      header->e_ehsize != sizeof(Elf64_Ehdr))
    return bad("its ELF header is not that of a shared library");
  if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff % 8 != 0 ||
      !in_file(header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr)))
    return bad("program headers lie outside of the file");
  if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shoff % 8 != 0 ||
      header->e_shnum == 0 ||
      !in_file(header->e_shoff, header->e_shnum * sizeof(Elf64_Shdr)))
    return bad("section headers lie outside of the file (is it truncated?)");
  segments = at<Elf64_Phdr>(header->e_phoff);
  sections = at<Elf64_Shdr>(header->e_shoff);
  return NACRE_OK;
}

const Elf64_Phdr *Checker::load_of(uint64_t address, uint64_t bytes) const {
  for (uint32_t i = 0; i < header->e_phnum; ++i) {
    const Elf64_Phdr &p = segments[i];
    if (p.p_type == PT_LOAD && address >= p.p_vaddr &&
        address - p.p_vaddr <= p.p_memsz &&
        bytes <= p.p_memsz - (address - p.p_vaddr))
      return &p;
  }
  return nullptr;
}

nacre_status Checker::add_load(const Elf64_Phdr &p) {
  constexpr uint64_t kPage = 4096;
  // A model keeps its data in the arena, and its segments lie close together:
  // more than this is damage, which would reserve memory by the terabyte.
  constexpr uint64_t kMaxZeros = 16 << 20, kMaxGaps = uint64_t(4) << 30;
  uint64_t last = image.count ? image.segments[image.count - 1].end : 0;
  if (!in_file(p.p_offset, p.p_filesz) || p.p_filesz > p.p_memsz ||
      p.p_memsz - p.p_filesz > kMaxZeros || p.p_vaddr < last ||
      p.p_vaddr > size + kMaxGaps)
    return bad("a segment lies outside of the file or overlaps another");
  if (p.p_align < kPage || (p.p_align & (p.p_align - 1)) != 0 ||
      p.p_align > (uint64_t(1) << 30) ||
      (p.p_vaddr - p.p_offset) % p.p_align != 0 || !(p.p_flags & PF_R))
    return bad("a segment's alignment or protection is wrong");
  if (image.count == Image::kMaxSegments)
    return bad("too many segments");
  image.segments[image.count++] = {p.p_vaddr, p.p_vaddr + p.p_memsz,
                                   (p.p_flags & PF_X) != 0,
                                   (p.p_flags & PF_W) != 0};
  return NACRE_OK;
}

/// Whether a segment that is a part of a load is where that load says.
bool Checker::is_consistent(const Elf64_Phdr &p) const {
  const Elf64_Phdr *load = load_of(p.p_vaddr, p.p_memsz);
  if (!load || !in_file(p.p_offset, p.p_filesz) ||
      p.p_offset - load->p_offset != p.p_vaddr - load->p_vaddr)
    return false;
  // The loader makes RELRO read-only: it must not hit code. Unwinders trust
  // what PT_PHDR says.
  if (p.p_type == PT_GNU_RELRO)
    return load->p_flags & PF_W;
  return p.p_type != PT_PHDR ||
         (p.p_offset == header->e_phoff &&
          p.p_filesz == header->e_phnum * sizeof(Elf64_Phdr));
}

/// Segments other than loads: they must lie in a load, and only those that a
/// model can have are let through.
nacre_status Checker::check_other(const Elf64_Phdr &p) {
  switch (p.p_type) {
  case PT_NULL:
    return NACRE_OK;
  case PT_GNU_STACK:
    return p.p_flags & PF_X ? bad("it asks for an executable stack") : NACRE_OK;
  case PT_DYNAMIC:
    dynamic = &p;
    [[fallthrough]];
  case PT_PHDR:
  case PT_NOTE:
  case PT_GNU_EH_FRAME:
  case PT_GNU_RELRO:
  case PT_GNU_PROPERTY:
    return is_consistent(p)
               ? NACRE_OK
               : bad("a program header points outside of its segments");
  default:
    return bad("it has an unexpected kind of segment");
  }
}

nacre_status Checker::check_segments() {
  for (uint32_t i = 0; i < header->e_phnum; ++i)
    if (segments[i].p_type == PT_LOAD)
      if (nacre_status status = add_load(segments[i]))
        return status;
  for (uint32_t i = 0; i < header->e_phnum; ++i)
    if (segments[i].p_type != PT_LOAD)
      if (nacre_status status = check_other(segments[i]))
        return status;
  return dynamic ? NACRE_OK : bad("it has no dynamic table");
}

/// Sections say again what segments say: a difference is damage in one of them.
nacre_status Checker::check_section(const Elf64_Shdr &s) {
  bool in_memory_only = s.sh_type == SHT_NOBITS;
  if (!in_memory_only && !in_file(s.sh_offset, s.sh_size))
    return bad("a section lies outside of the file");
  if (!allocated(s) || s.sh_size == 0)
    return NACRE_OK;
  if (s.sh_flags & SHF_TLS)
    return bad("it has thread-local data");
  const Elf64_Phdr *load = load_of(s.sh_addr, s.sh_size);
  bool fits =
      load && (in_memory_only ||
               (s.sh_offset - load->p_offset == s.sh_addr - load->p_vaddr &&
                s.sh_addr + s.sh_size <= load->p_vaddr + load->p_filesz));
  if (fits && (!(s.sh_flags & SHF_WRITE) || (load->p_flags & PF_W)) &&
      (!(s.sh_flags & SHF_EXECINSTR) || (load->p_flags & PF_X)))
    return NACRE_OK;
  return bad("sections and segments disagree");
}

const Elf64_Shdr *Checker::section_at(uint64_t address) const {
  for (uint32_t i = 0; i < header->e_shnum; ++i)
    if (allocated(sections[i]) && sections[i].sh_addr == address)
      return &sections[i];
  return nullptr;
}

nacre_status Checker::check_symbols(const Elf64_Shdr &s) {
  if (s.sh_link >= header->e_shnum || s.sh_offset % 8 != 0 ||
      s.sh_entsize != sizeof(Elf64_Sym))
    return bad("its symbol table is damaged");
  const Elf64_Shdr &names = sections[s.sh_link];
  if (!allocated(names) || names.sh_type != SHT_STRTAB || names.sh_size == 0 ||
      !in_file(names.sh_offset, names.sh_size) ||
      file[names.sh_offset + names.sh_size - 1] != 0)
    return bad("its symbol names are damaged");
  num_symbols = s.sh_size / sizeof(Elf64_Sym);
  const auto *symbols = at<Elf64_Sym>(s.sh_offset);
  for (uint64_t i = 0; i < num_symbols; ++i) {
    const Elf64_Sym &symbol = symbols[i];
    if (symbol.st_name >= names.sh_size)
      return bad("its symbol names are damaged");
    const char *name = file + names.sh_offset + symbol.st_name;
    if (symbol.st_shndx == SHN_UNDEF || std::strcmp(name, "nacre_model") != 0)
      continue;
    if (symbol.st_value % 8 != 0 ||
        !image.find(symbol.st_value, sizeof(void *)))
      return bad("its symbol nacre_model is damaged");
    has_model = true;
  }
  return NACRE_OK;
}

nacre_status Checker::check_dynamic_entry(const Elf64_Dyn &entry) {
  switch (entry.d_tag) {
  case DT_HASH:
  case DT_GNU_HASH:
  case DT_STRTAB:
  case DT_SYMTAB:
  case DT_RELA:
  case DT_JMPREL:
  case DT_PLTGOT:
  case DT_INIT_ARRAY:
  case DT_FINI_ARRAY:
  case DT_VERSYM:
  case DT_VERNEED:
  case DT_VERDEF:
    return section_at(entry.d_un.d_ptr)
               ? NACRE_OK
               : bad("its dynamic table points outside of its sections");
  case DT_INIT:
  case DT_FINI: {
    const Image::Segment *s = image.find(entry.d_un.d_ptr, 1);
    return s && s->code ? NACRE_OK : bad("an initializer is not code");
  }
  case DT_RELAENT:
    return entry.d_un.d_val == sizeof(Elf64_Rela)
               ? NACRE_OK
               : bad("its relocations are damaged");
  default:
    return NACRE_OK;
  }
}

nacre_status Checker::check_dynamic(const Elf64_Shdr &s) {
  if (s.sh_addr != dynamic->p_vaddr || s.sh_offset != dynamic->p_offset ||
      s.sh_size != dynamic->p_memsz || s.sh_size != dynamic->p_filesz ||
      s.sh_offset % 8 != 0)
    return bad("its dynamic table is not where its program header says");
  const auto *entries = at<Elf64_Dyn>(s.sh_offset);
  for (uint64_t i = 0; i < s.sh_size / sizeof(Elf64_Dyn); ++i) {
    if (entries[i].d_tag == DT_NULL) {
      has_dynamic = true;
      return NACRE_OK;
    }
    if (nacre_status status = check_dynamic_entry(entries[i]))
      return status;
  }
  return bad("its dynamic table has no end");
}

nacre_status Checker::check_relocations(const Elf64_Shdr &s) {
  if (s.sh_entsize != sizeof(Elf64_Rela) || s.sh_offset % 8 != 0)
    return bad("its relocations are damaged");
  const auto *relocations = at<Elf64_Rela>(s.sh_offset);
  for (uint64_t i = 0; i < s.sh_size / sizeof(Elf64_Rela); ++i) {
    const Image::Segment *target =
        image.find(relocations[i].r_offset, sizeof(uint64_t));
    if (!target || !target->writable ||
        ELF64_R_SYM(relocations[i].r_info) >= num_symbols)
      return bad("its relocations are damaged");
  }
  return NACRE_OK;
}

nacre_status Checker::check_sections() {
  for (uint32_t i = 0; i < header->e_shnum; ++i)
    if (sections[i].sh_type != SHT_NULL)
      if (nacre_status status = check_section(sections[i]))
        return status;
  // Symbols first: relocations refer to them.
  for (uint32_t type : {SHT_DYNSYM, SHT_DYNAMIC, SHT_RELA}) {
    for (uint32_t i = 0; i < header->e_shnum; ++i) {
      const Elf64_Shdr &s = sections[i];
      if (s.sh_type != type || !allocated(s))
        continue;
      nacre_status status = type == SHT_DYNSYM    ? check_symbols(s)
                            : type == SHT_DYNAMIC ? check_dynamic(s)
                                                  : check_relocations(s);
      if (status)
        return status;
    }
  }
  return has_dynamic ? NACRE_OK : bad("it has no dynamic table");
}

nacre_status Checker::check() {
  image = {};
  nacre_status status = check_header();
  if (!status)
    status = check_segments();
  if (!status)
    status = check_sections();
  if (!status && !has_model)
    status = fail(NACRE_BAD_ARTIFACT,
                  "%s: not an artifact: it has no symbol nacre_model", path);
  return status;
}

} // namespace

nacre_status nacre::runtime::check_elf(const char *path, const void *file,
                                       uint64_t size, Image *image) {
  return Checker(path, file, size, *image).check();
}
