/// Loading artifacts: good, damaged, foreign, and with weights beside them.

#include "nacre/seal.h"
#include "runtime/test/test_util.h"

#include <elf.h>
#include <functional>
#include <sys/stat.h>

using namespace nacre::test;

namespace {

nacre_status load(const std::string &path) {
  nacre_model *model;
  nacre_status status = nacre_model_load(path.c_str(), nullptr, &model);
  EXPECT_EQ(model == nullptr, status != NACRE_OK);
  std::string error = status ? nacre_last_error() : "";
  EXPECT_EQ(error.empty(), status == NACRE_OK);
  nacre_model_destroy(model);
  return status;
}

/// Loads and runs; NACRE_OK means that the result was right.
nacre_status load_and_run(const std::string &path) {
  nacre_model *model;
  nacre_context *context;
  nacre_context_options options = with_threads(1);
  options.entry = TOY_WEIGHTS;
  nacre_status status = nacre_model_load(path.c_str(), nullptr, &model);
  if (status)
    return status;
  status = nacre_context_create(model, &options, &context);
  nacre_model_destroy(model);
  if (status)
    return status;
  Holder unused(NACRE_I4, {4}, std::vector<int8_t>(4)), y;
  const nacre_tensor *in[] = {&unused.tensor};
  nacre_tensor *out[] = {&y.tensor};
  status = nacre_context_run(context, in, 1, out, 1);
  if (!status && values<float>(y.tensor) != std::vector<float>{1, 2, 3, 4})
    status = NACRE_INTERNAL;
  nacre_context_destroy(context);
  return status;
}

struct ModelTest : ::testing::Test {
  void refuses(const std::string &bytes, nacre_status expected,
               const std::string &text) {
    write_file(file.path, bytes);
    EXPECT_EQ(load(file.path), expected);
    EXPECT_EQ(nacre_last_error(), file.path + ": " + text);
  }
  void refuses_corrupt(const std::string &bytes, const std::string &text) {
    refuses(bytes, NACRE_BAD_ARTIFACT, "corrupt artifact: " + text);
  }
  Elf64_Ehdr &header() { return *reinterpret_cast<Elf64_Ehdr *>(&good[0]); }
  Elf64_Phdr &segment(uint32_t type) {
    auto *p = reinterpret_cast<Elf64_Phdr *>(&good[header().e_phoff]);
    while (p->p_type != type)
      ++p;
    return *p;
  }
  Elf64_Shdr &section(uint32_t type) {
    auto *s = reinterpret_cast<Elf64_Shdr *>(&good[header().e_shoff]);
    while (s->sh_type != type || !(s->sh_flags & SHF_ALLOC))
      ++s;
    return *s;
  }

  TemporaryFile file{"model.so"};
  std::string good = read_file(NACRE_TEST_ARTIFACT);
};

/// Flips each `stride`th bit of [begin, end) in turn. Whatever is accepted must
/// also run right: a flip may hit a byte that nobody reads.
void flip_bits(const std::string &path, std::string bytes, size_t begin,
               size_t end, size_t stride) {
  for (size_t bit = begin * 8; bit < end * 8; bit += stride) {
    bytes[bit / 8] ^= char(1 << bit % 8);
    write_file(path, bytes);
    nacre_status status = load_and_run(path);
    ASSERT_TRUE(status == NACRE_OK || status == NACRE_BAD_ARTIFACT ||
                status == NACRE_INCOMPATIBLE)
        << "bit " << bit << ": " << nacre_status_string(status);
    bytes[bit / 8] ^= char(1 << bit % 8);
  }
}

} // namespace

TEST_F(ModelTest, LoadsAnArtifact) {
  EXPECT_EQ(load_and_run(NACRE_TEST_ARTIFACT), NACRE_OK);
}

TEST_F(ModelTest, LoadsFromTheCurrentFolder) {
  std::string path = NACRE_TEST_ARTIFACT;
  size_t slash = path.rfind('/');
  char *before = getcwd(nullptr, 0);
  ASSERT_EQ(chdir(path.substr(0, slash).c_str()), 0);
  EXPECT_EQ(load_and_run(path.substr(slash + 1)), NACRE_OK);
  ASSERT_EQ(chdir(before), 0);
  free(before);
}

TEST_F(ModelTest, RefusesWhatIsNoFile) {
  nacre_model *model;
  EXPECT_EQ(nacre_model_load("a", nullptr, nullptr), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(load(""), NACRE_IO_ERROR);
  EXPECT_EQ(load("/no/such/model.so"), NACRE_IO_ERROR);
  EXPECT_STREQ(nacre_last_error(),
               "/no/such/model.so: No such file or directory");
  EXPECT_EQ(load("/"), NACRE_IO_ERROR);
  EXPECT_EQ(load("/dev/zero"), NACRE_IO_ERROR);
  EXPECT_EQ(nacre_model_load("/dev/zero", nullptr, &model), NACRE_IO_ERROR);
  EXPECT_STREQ(nacre_last_error(), "/dev/zero: is empty or not a regular file");
  // A pipe without a writer must not make it wait.
  TemporaryFile pipe("pipe");
  ASSERT_EQ(mkfifo(pipe.path.c_str(), 0600), 0);
  EXPECT_EQ(load(pipe.path), NACRE_IO_ERROR);
}

TEST_F(ModelTest, RefusesOtherFiles) {
  refuses("", NACRE_IO_ERROR, "is empty or not a regular file");
  refuses("\x7f"
          "ELF",
          NACRE_BAD_ARTIFACT, "not an artifact: no ELF header");
  refuses(std::string(100000, 'x'), NACRE_BAD_ARTIFACT,
          "not an artifact: no ELF header");
  header().e_machine = 999;
  EXPECT_EQ(load(file.path), NACRE_BAD_ARTIFACT);
  write_file(file.path, good);
  EXPECT_EQ(load(file.path), NACRE_INCOMPATIBLE);
  EXPECT_NE(std::string(nacre_last_error())
                .find("built for another processor (ELF machine 999"),
            std::string::npos);
}

TEST_F(ModelTest, RefusesAnotherLibrary) {
  size_t at = 0;
  while ((at = good.find("nacre_model", at)) != std::string::npos)
    good[at] = 'N';
  refuses(good, NACRE_BAD_ARTIFACT,
          "not an artifact: it has no symbol nacre_model");
}

TEST_F(ModelTest, RefusesDamagedHeaders) {
  const std::string disagree = "sections and segments disagree";
  const std::string outside =
      "a segment lies outside of the file or overlaps another";
  struct {
    std::function<void()> damage;
    std::string text;
  } cases[] = {
      {[&] { header().e_type = ET_EXEC; },
       "its ELF header is not that of a shared library"},
      {[&] { header().e_phoff = 1 << 30; },
       "program headers lie outside of the file"},
      {[&] { header().e_shoff = good.size(); },
       "section headers lie outside of the file (is it truncated?)"},
      {[&] { segment(PT_LOAD).p_filesz = good.size() + 1; }, outside},
      {[&] { segment(PT_LOAD).p_memsz = 1; }, outside},
      {[&] { segment(PT_LOAD).p_memsz = uint64_t(1) << 40; }, outside},
      {[&] { segment(PT_LOAD).p_vaddr = uint64_t(1) << 40; }, outside},
      {[&] { segment(PT_LOAD).p_align = 3; },
       "a segment's alignment or protection is wrong"},
      {[&] { segment(PT_LOAD).p_flags = 0; },
       "a segment's alignment or protection is wrong"},
      {[&] { segment(PT_DYNAMIC).p_vaddr = 1 << 30; },
       "a program header points outside of its segments"},
      {[&] { segment(PT_GNU_RELRO).p_vaddr = header().e_phoff; },
       "a program header points outside of its segments"},
      {[&] { segment(PT_DYNAMIC).p_type = PT_NULL; },
       "it has no dynamic table"},
      {[&] { segment(PT_DYNAMIC).p_type = PT_TLS; },
       "it has an unexpected kind of segment"},
      {[&] { segment(PT_GNU_STACK).p_flags |= PF_X; },
       "it asks for an executable stack"},
      {[&] { segment(PT_LOAD).p_filesz -= 1; }, disagree},
      {[&] { section(SHT_DYNSYM).sh_addr += 8; }, disagree},
      {[&] { section(SHT_DYNSYM).sh_size = good.size(); },
       "a section lies outside of the file"},
      {[&] { section(SHT_DYNSYM).sh_link = 5000; },
       "its symbol table is damaged"},
      {[&] { section(SHT_DYNSYM).sh_link = 0; },
       "its symbol names are damaged"},
      {[&] { section(SHT_RELA).sh_entsize = 1; },
       "its relocations are damaged"},
      {[&] { segment(PT_DYNAMIC).p_memsz -= 16; },
       "its dynamic table is not where its program header says"},
      {[&] { section(SHT_DYNAMIC).sh_type = SHT_PROGBITS; },
       "it has no dynamic table"},
  };
  const std::string saved = good;
  for (auto &c : cases) {
    c.damage();
    refuses_corrupt(good, c.text);
    good = saved;
  }
}

TEST_F(ModelTest, RefusesDamagedTables) {
  const std::string saved = good;
  auto *entry =
      reinterpret_cast<Elf64_Dyn *>(&good[section(SHT_DYNAMIC).sh_offset]);
  while (entry->d_tag != DT_SYMTAB)
    ++entry;
  entry->d_un.d_ptr += 8;
  refuses_corrupt(good, "its dynamic table points outside of its sections");
  good = saved;

  auto &relocation =
      *reinterpret_cast<Elf64_Rela *>(&good[section(SHT_RELA).sh_offset]);
  relocation.r_offset = 0; // not writable
  refuses_corrupt(good, "its relocations are damaged");
  good = saved;

  auto *symbols = &good[section(SHT_DYNSYM).sh_offset];
  reinterpret_cast<Elf64_Sym *>(symbols)[1].st_name = 0xffffff;
  refuses_corrupt(good, "its symbol names are damaged");
}

TEST_F(ModelTest, RefusesEveryTruncation) {
  for (size_t length = 0; length < good.size();
       length += length < 1024 ? 1 : 61) {
    write_file(file.path, good.substr(0, length));
    ASSERT_NE(load(file.path), NACRE_OK) << length;
  }
  write_file(file.path, good.substr(0, good.size() - 1));
  EXPECT_NE(load(file.path), NACRE_OK);
}

TEST_F(ModelTest, SurvivesBitFlipsInHeaders) {
  size_t end = header().e_phoff + header().e_phnum * sizeof(Elf64_Phdr);
  flip_bits(file.path, good, 0, end, 1);
  flip_bits(file.path, good, header().e_shoff, good.size(), 7);
}

TEST_F(ModelTest, SurvivesBitFlipsInTheDescriptor) {
  // Found by its magic number, in the data that is relocated.
  const uint64_t magic = NACRE_MAGIC;
  size_t at = good.find(std::string(reinterpret_cast<const char *>(&magic), 8));
  ASSERT_NE(at, std::string::npos);
  flip_bits(file.path, good, at - 8, at - 8 + sizeof(nacre_descriptor), 1);
}

TEST_F(ModelTest, RefusesAFutureVersion) {
  const uint64_t magic = NACRE_MAGIC;
  size_t at = good.find(std::string(reinterpret_cast<const char *>(&magic), 8));
  ASSERT_NE(at, std::string::npos);
  good[at - 4] = 2;
  refuses(good, NACRE_INCOMPATIBLE,
          "made for ABI version 2, this runtime knows up to 1; update the "
          "runtime or compile the model again");
}

TEST_F(ModelTest, SealFindsAnyFlippedBit) {
  const size_t skip = good.size() / 2;
  nacre_seal seal = nacre_seal_make(good.data(), good.size(), skip, 8);
  good += std::string(reinterpret_cast<const char *>(&seal), sizeof(seal));
  write_file(file.path, good);
  EXPECT_EQ(load_and_run(file.path), NACRE_OK);
  for (size_t bit = 0; bit < (good.size() - sizeof(seal.magic)) * 8;
       bit += 13) {
    if (bit / 8 >= skip && bit / 8 < skip + 8)
      continue;
    good[bit / 8] ^= char(1 << bit % 8);
    write_file(file.path, good);
    ASSERT_NE(load(file.path), NACRE_OK) << "bit " << bit;
    good[bit / 8] ^= char(1 << bit % 8);
  }
  good[skip + 20] ^= 1;
  refuses_corrupt(good, "its checksum is wrong");
}

//===----------------------------------------------------------------------===//
// Weights in a side file
//===----------------------------------------------------------------------===//

namespace {

/// A copy of the artifact whose weights are in `toy.safetensors` beside it.
struct SideFileTest : ::testing::Test {
  void SetUp() override {
    folder = ::testing::TempDir() + "nacre-" + std::to_string(getpid());
    ASSERT_EQ(mkdir(folder.c_str(), 0700), 0);
    write_file(folder + "/model.so", read_file(NACRE_TEST_SIDE_ARTIFACT));
  }
  void TearDown() override {
    unlink((folder + "/model.so").c_str());
    unlink((folder + "/toy.safetensors").c_str());
    rmdir(folder.c_str());
  }
  static std::string safetensors(uint64_t header_bytes, size_t floats) {
    std::string bytes(reinterpret_cast<const char *>(&header_bytes), 8);
    bytes += std::string(header_bytes, ' ');
    for (size_t i = 0; i < floats; ++i) {
      float v = float(i + 1);
      bytes += std::string(reinterpret_cast<const char *>(&v), 4);
    }
    return bytes;
  }
  nacre_status with(const std::string &bytes) {
    write_file(folder + "/toy.safetensors", bytes);
    return load_and_run(folder + "/model.so");
  }
  void refuses(const std::string &bytes) {
    EXPECT_EQ(with(bytes), NACRE_BAD_ARTIFACT);
    EXPECT_NE(std::string(nacre_last_error())
                  .find("is not the weights of " + folder +
                        "/model.so: expected 16 bytes of data"),
              std::string::npos);
  }
  std::string folder;
};

} // namespace

TEST_F(SideFileTest, IsMapped) {
  EXPECT_EQ(with(safetensors(56, 4)), NACRE_OK);
}

TEST_F(SideFileTest, MustBeThere) {
  EXPECT_EQ(load_and_run(folder + "/model.so"), NACRE_IO_ERROR);
  EXPECT_EQ(nacre_last_error(),
            folder + "/toy.safetensors: No such file or directory");
}

TEST_F(SideFileTest, MustFit) {
  refuses("short");
  refuses(safetensors(56, 3));
  refuses(safetensors(56, 5));
  refuses(safetensors(57, 4));
  refuses(std::string(200, '\xff'));
}

TEST_F(SideFileTest, StaysInTheFolder) {
  nacre_descriptor d = *nacre_model_toy;
  d.weights = nullptr;
  for (const char *name : {"../weights", "/etc/passwd", "..", ".", ""}) {
    nacre_model *model;
    d.weights_file = name;
    EXPECT_EQ(nacre_model_from_descriptor(&d, nullptr, &model),
              NACRE_BAD_ARTIFACT);
    EXPECT_EQ(std::string(nacre_last_error()),
              "toy: weights file '" + std::string(name) +
                  "' is not a name in the artifact's folder");
  }
}

TEST_F(SideFileTest, MayBelongToALinkedModel) {
  write_file(folder + "/toy.safetensors", safetensors(56, 4));
  nacre_descriptor d = *nacre_model_toy;
  d.weights = nullptr;
  d.weights_file = "toy.safetensors";
  nacre_model *model;
  nacre_model_options options = {sizeof(options), 0, folder.c_str()};
  EXPECT_EQ(nacre_model_from_descriptor(&d, &options, &model), NACRE_OK);
  nacre_model_destroy(model);
}
