#include "test/host/HostHarness.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Object/ELFObjectFile.h"

#include "nacre/seal.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>

using namespace nacre;
using namespace nacre::test;

static mlir::Location locationOf(const CompiledModule &code) {
  return mlir::UnknownLoc::get(code.module().getContext());
}

static const char *const kAddConstant = R"(
    func.func @main(%x: tensor<4xf32> {graph.name = "x"}) -> (tensor<4xf32> {graph.name = "y"}) {
      %n = arith.constant 4 : index
      %c = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
      %e = tensor.empty() : tensor<4xf32>
      %1 = kernel.call @add ins(%x, %c : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) dims(%n) -> tensor<4xf32>
      return %1 : tensor<4xf32>
    })";

static std::string pathFor(const char *name) {
  return ::testing::TempDir() + name;
}

static std::string contents(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The artifact loads and runs, and linking again gives the same bytes.
TEST(Link, SharedObject) {
  CompiledModule code(moduleText(kAddConstant));
  ASSERT_TRUE(code.ok());
  mlir::Location loc = locationOf(code);
  std::string path = pathFor("model.so"), again = pathFor("again.so");
  ASSERT_TRUE(mlir::succeeded(
      codegen::linkSharedObject(code.links(), code.weights(), path, loc)));
  ASSERT_TRUE(mlir::succeeded(
      codegen::linkSharedObject(code.links(), code.weights(), again, loc)));
  EXPECT_EQ(contents(path), contents(again));
  // The checksum at the end leaves the weights out.
  nacre_seal seal;
  std::string bytes = contents(path);
  std::memcpy(&seal, bytes.data() + bytes.size() - sizeof(seal), sizeof(seal));
  EXPECT_EQ(seal.magic, NACRE_SEAL_MAGIC);
  EXPECT_EQ(seal.skip_begin % 4096, 0u);
  EXPECT_EQ(seal.skip_bytes, code.weights().size());
  Runner runner(path);
  Array<float> x = {{4}, {10, 20, 30, 40}};
  ASSERT_EQ(runner.run({x.tensor()}, 1), NACRE_OK) << runner.error();
  EXPECT_EQ(runner.output<float>(0).data, (std::vector<float>{11, 22, 33, 44}));
}

// An import outside of libc and libm is refused, with the object's name.
TEST(Link, RefusesImports) {
  CompiledModule code(moduleText(R"(
    func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
      return %x : tensor<4xf32>
    })"));
  ASSERT_TRUE(code.ok());
  std::string messages;
  mlir::ScopedDiagnosticHandler handler(code.module().getContext(),
                                        [&](mlir::Diagnostic &diagnostic) {
                                          messages += diagnostic.str();
                                          return mlir::success();
                                        });
  std::vector<codegen::LinkObject> objects = code.links();
  objects.pop_back();
  EXPECT_EQ(codegen::linkInMemory(objects, code.weights(), locationOf(code)),
            nullptr);
  EXPECT_EQ(messages, "host.o needs 'refuse', which a model may not import");
}

// Two models in one program: their symbols do not meet.
TEST(Link, TwoStaticLibraries) {
  std::string folder = ::testing::TempDir();
  for (std::string name : {"one", "two"}) {
    CompiledModule code(moduleText(kAddConstant), "nacre_model_" + name);
    ASSERT_TRUE(code.ok());
    ASSERT_TRUE(mlir::succeeded(codegen::writeStaticLibrary(
        code.links(), code.weights(), "x86_64", folder + name + ".a",
        "nacre_model_" + name, locationOf(code))));
  }
  std::ofstream(folder + "main.c") << R"(
#include "one.h"
#include "two.h"
static int run(const nacre_descriptor *descriptor) {
  nacre_model *model;
  nacre_context *context;
  int64_t dims[1] = {4};
  float x[4] = {10, 20, 30, 40}, y[4];
  nacre_tensor in = {sizeof in, NACRE_F32, 1, 0, dims, x, sizeof x};
  nacre_tensor out = {sizeof out, 0, 0, 0, 0, y, sizeof y};
  const nacre_tensor *ins[1] = {&in};
  nacre_tensor *outs[1] = {&out};
  if (nacre_model_from_descriptor(descriptor, 0, &model) ||
      nacre_context_create(model, 0, &context) ||
      nacre_context_run(context, ins, 1, outs, 1))
    return 1;
  nacre_context_destroy(context);
  nacre_model_destroy(model);
  return y[0] != 11 || y[3] != 44;
}
int main(void) { return run(nacre_model_one) + 2 * run(nacre_model_two); }
)";
  std::string command = "cc -Wall -Werror -I" NACRE_RUNTIME_INCLUDE " -I" +
                        folder + " -o " + folder + "both " + folder +
                        "main.c " + folder + "one.a " + folder +
                        "two.a " NACRE_RUNTIME_LIBRARY " -lm -lpthread -ldl";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  EXPECT_EQ(std::system((folder + "both").c_str()), 0);
}

// Weights for another processor.
TEST(Link, ForeignProcessor) {
  CompiledModule code(moduleText(kAddConstant));
  ASSERT_TRUE(code.ok());
  std::string path = pathFor("foreign.o");
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  codegen::writeWeightsObject(code.weights(), "aarch64", os);
  os.close();
  auto object = llvm::object::ObjectFile::createObjectFile(path);
  ASSERT_TRUE(bool(object));
  EXPECT_EQ(object->getBinary()->getArch(), llvm::Triple::aarch64);
  uint64_t sections = 0;
  for (const llvm::object::SectionRef &section :
       object->getBinary()->sections())
    if (llvm::cantFail(section.getName()) == ".lrodata.nacre") {
      ++sections;
      llvm::StringRef bytes = llvm::cantFail(section.getContents());
      EXPECT_EQ(bytes.size(), code.weights().size());
      EXPECT_EQ(bytes.substr(4, 4), llvm::StringRef("\0\0\0\x40", 4));
    }
  EXPECT_EQ(sections, 1u);
}

// A model for another processor is linked without that processor's tools; its
// weights have a segment of their own.
TEST(Link, ForeignSharedObject) {
  CompiledModule code(moduleText(R"(
    func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
      %c = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
      return %x, %c : tensor<4xf32>, tensor<4xf32>
    })"));
  ASSERT_TRUE(code.ok());
  codegen::HostModule host;
  host.module = code.module();
  host.triple = "aarch64-unknown-linux-gnu";
  auto object = codegen::compileHost(host);
  ASSERT_TRUE(mlir::succeeded(object));
  std::string path = pathFor("foreign.so");
  ASSERT_TRUE(mlir::succeeded(
      codegen::linkSharedObject({codegen::LinkObject{"host.o", *object}},
                                code.weights(), path, locationOf(code))));
  std::string bytes = contents(path);
  auto file = llvm::object::ELFFile<llvm::object::ELF64LE>::create(bytes);
  ASSERT_TRUE(bool(file));
  EXPECT_EQ(file->getHeader().e_machine, llvm::ELF::EM_AARCH64);
  uint64_t end = 0, weights = 0;
  for (const auto &segment : llvm::cantFail(file->program_headers())) {
    if (segment.p_type != llvm::ELF::PT_LOAD)
      continue;
    EXPECT_GE(segment.p_vaddr / 65536, (end + 65535) / 65536);
    EXPECT_EQ((segment.p_vaddr - segment.p_offset) % segment.p_align, 0u);
    end = segment.p_vaddr + segment.p_memsz;
    weights +=
        bytes.substr(segment.p_offset, segment.p_filesz) ==
        std::string("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40", 16) +
            std::string(48, '\0');
  }
  EXPECT_EQ(weights, 1u);
}

// Constants of every form of storage are written as bytes per element; a 4-bit
// one is the low half of its byte.
TEST(Weights, FormsOfStorage) {
  CompiledModule code(moduleText(R"(
    func.func @main() -> (tensor<5xi1>, tensor<3xi16>, tensor<9xi1>, tensor<3xi8>, tensor<2xi4>, tensor<0xf32>) {
      %0 = arith.constant dense<[true, false, true, true, false]> : tensor<5xi1>
      %1 = arith.constant dense<258> : tensor<3xi16>
      %2 = arith.constant dense<true> : tensor<9xi1>
      %3 = arith.constant dense_resource<blob> : tensor<3xi8>
      %4 = arith.constant dense<[1, -2]> : tensor<2xi4>
      %5 = arith.constant dense<> : tensor<0xf32>
      return %0, %1, %2, %3, %4, %5 : tensor<5xi1>, tensor<3xi16>, tensor<9xi1>, tensor<3xi8>, tensor<2xi4>, tensor<0xf32>
    })") + "{-# dialect_resources: { builtin: { blob: "
           "\"0x01000000010203\" } } #-}");
  ASSERT_TRUE(code.ok());
  std::string written;
  llvm::raw_string_ostream os(written);
  code.weights().write(os);
  std::string gathered(code.weights().size(), '\0');
  code.weights().gather(gathered.data());
  EXPECT_EQ(written, gathered);
  auto piece = [&](size_t at, size_t size) {
    std::vector<int> bytes;
    for (char c : written.substr(64 * at, size))
      bytes.push_back(c);
    return bytes;
  };
  ASSERT_EQ(written.size(), 64u * 5);
  EXPECT_EQ(piece(0, 6), (std::vector<int>{1, 0, 1, 1, 0, 0}));
  EXPECT_EQ(piece(1, 7), (std::vector<int>{2, 1, 2, 1, 2, 1, 0}));
  EXPECT_EQ(piece(2, 10), (std::vector<int>{1, 1, 1, 1, 1, 1, 1, 1, 1, 0}));
  EXPECT_EQ(piece(3, 4), (std::vector<int>{1, 2, 3, 0}));
  EXPECT_EQ(piece(4, 3), (std::vector<int>{1, 14, 0}));
}

// A blob that is shorter than its type says is refused.
TEST(Weights, RefusesShortBlob) {
  CompiledModule code(moduleText(R"(
    func.func @main() -> tensor<4xi8> {
      %0 = arith.constant dense_resource<blob> : tensor<4xi8>
      return %0 : tensor<4xi8>
    })") + "{-# dialect_resources: { builtin: { blob: "
           "\"0x01000000010203\" } } #-}");
  EXPECT_FALSE(code.ok());
}
