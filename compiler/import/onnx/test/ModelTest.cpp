// Files: what is opened, what is mapped, what is refused.
#include "compiler/import/onnx/Model.h"
#include "Harness.h"
#include "compiler/import/onnx/WireScan.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <sys/stat.h>
#include <unistd.h>

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

namespace {

class ModelTest : public ImportTest {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("nacre-import", folder));
    input("x", {"2", "3"});
    only("Add", {"x", "w"});
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string path(const llvm::Twine &name) {
    return (folder + "/" + name).str();
  }
  void write(const llvm::Twine &name, llvm::StringRef content) {
    std::error_code error;
    llvm::raw_fd_ostream(path(name), error) << content;
    ASSERT_FALSE(error);
  }
  /// `w` as external data.
  proto::TensorProto &
  external(std::vector<std::pair<std::string, std::string>> entries) {
    graph.clear_initializer();
    proto::TensorProto &tensor = floats("w", {2, 3}, {});
    tensor.set_data_location(proto::TensorProto::EXTERNAL);
    for (auto &[key, value] : entries) {
      auto *entry = tensor.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
    return tensor;
  }
  bool importFile() {
    write("m.onnx", model.SerializeAsString());
    messages.clear();
    mlir::ScopedDiagnosticHandler handler(&context,
                                          [&](mlir::Diagnostic &diagnostic) {
                                            messages += diagnostic.str() + "\n";
                                            return mlir::success();
                                          });
    module = importModel(path("m.onnx"), options, context);
    return bool(module);
  }
  void expectRefused(const std::string &reason) {
    EXPECT_FALSE(importFile());
    EXPECT_EQ(messages, "initializer 'w': " + reason + "\n");
  }
  std::string sixFloats() {
    float values[] = {1, 2, 3, 4, 5, 6};
    return std::string(reinterpret_cast<char *>(values), sizeof(values));
  }

  llvm::SmallString<128> folder;
};

} // namespace

TEST_F(ModelTest, NotAModel) {
  for (llvm::StringRef text : {"{\"json\": 1}",
                               "\x7f"
                               "ELF",
                               "\x08"}) {
    EXPECT_FALSE(importBytes(text));
    EXPECT_EQ(messages.rfind("not an ONNX model: ", 0), 0u) << messages;
  }
  auto model = Model::open(path("nothing.onnx"));
  ASSERT_FALSE(bool(model));
  EXPECT_EQ(toString(model.takeError()), "cannot open " + path("nothing.onnx") +
                                             ": No such file or directory");
}

TEST_F(ModelTest, OnlyRegularFiles) {
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  for (std::string name : {path("fifo"), folder.str().str()}) {
    auto model = Model::open(name);
    ASSERT_FALSE(bool(model));
    EXPECT_EQ(toString(model.takeError()), name + " is not a regular file");
  }
}

TEST_F(ModelTest, ExternalDataIsMapped) {
  write("weights.bin", "abc" + sixFloats());
  external({{"location", "weights.bin"}, {"offset", "3"}, {"length", "24"}});
  ASSERT_TRUE(importFile()) << messages;
  EXPECT_NE(ir().find("[1.000000e+00, 2.000000e+00, 3.000000e+00]"),
            std::string::npos);
  // Without a length it is what the dims say.
  write("long.bin", sixFloats() + "more");
  external({{"location", "long.bin"}});
  EXPECT_TRUE(importFile()) << messages;
}

TEST_F(ModelTest, ExternalDataStaysInTheFolder) {
  write("weights.bin", sixFloats());
  ASSERT_EQ(symlink("weights.bin", path("link").c_str()), 0);
  ASSERT_EQ(symlink("/etc", path("dir").c_str()), 0);
  ASSERT_EQ(symlink("loop", path("loop").c_str()), 0);
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  auto refused = [&](const std::string &location, const std::string &reason) {
    external({{"location", location}});
    expectRefused("external data '" + location + "' " + reason);
  };
  std::string outside = "is not a path inside the model's folder";
  refused("/etc/passwd", outside);
  refused("../weights.bin", outside);
  refused("a/../../weights.bin", outside);
  std::string link =
      "is reached through a symbolic link, or a part of the path "
      "is not a folder";
  refused("link", link);
  refused("dir/passwd", link);
  refused("loop", link);
  refused("weights.bin/x", link);
  refused("fifo", "is not a regular file");
  refused(".", "is not a regular file");
  refused("nothing", "cannot be opened: No such file or directory");
}

TEST_F(ModelTest, ExternalRangesAreChecked) {
  write("weights.bin", sixFloats());
  auto refused = [&](std::vector<std::pair<std::string, std::string>> entries,
                     const std::string &reason) {
    entries.insert(entries.begin(), {"location", "weights.bin"});
    external(entries);
    expectRefused(reason);
  };
  refused({{"offset", "1000"}},
          "external data begins at byte 1000 of 'weights.bin', which has 24");
  refused({{"offset", "4"}, {"length", "18446744073709551615"}},
          "external data of 18446744073709551615 bytes at byte 4 ends behind "
          "the end of 'weights.bin'");
  refused({{"length", "20"}},
          "dims [2, 3] of float need 24 bytes of data, found 20");
  refused({{"offset", "1"}},
          "dims [2, 3] of float need 24 bytes of data, found 23");
  for (std::string bad : {"-8", "abc", "0x0", " 0", "", "18446744073709551616"})
    refused({{"offset", bad}}, "external data has offset '" + bad +
                                   "', expected a decimal number of bytes");
  external({});
  expectRefused("external data has no location");
}

TEST_F(ModelTest, ScanLeavesOutLongDataOnly) {
  proto::TensorProto &big = floats("w", {1024}, {});
  big.set_raw_data(std::string(4096, 'x'));
  proto::TensorProto &small = floats("v", {1}, {});
  small.set_raw_data("abcd");
  proto::NodeProto &node = addNode(graph, "If", {"c"}, {"z"});
  proto::GraphProto &inner = setGraph(node, "then_branch");
  *inner.add_initializer() = big;
  std::string text = model.SerializeAsString(), out, error;
  ASSERT_TRUE(mlir::succeeded(scanModel(text, out, error))) << error;
  EXPECT_LT(out.size(), 1000u);
  proto::ModelProto parsed;
  ASSERT_TRUE(parsed.ParseFromString(out));
  for (const proto::TensorProto *tensor :
       {&parsed.graph().initializer(0),
        &parsed.graph().node(1).attribute(0).g().initializer(0)}) {
    EXPECT_FALSE(tensor->has_raw_data());
    ASSERT_EQ(tensor->mapped_size(), 4096u);
    EXPECT_EQ(text.substr(tensor->mapped_offset(), 4096),
              std::string(4096, 'x'));
    EXPECT_EQ(tensor->dims(0), 1024);
  }
  EXPECT_EQ(parsed.graph().initializer(1).raw_data(), "abcd");
}

TEST_F(ModelTest, NobodyElseSaysWhereDataStands) {
  proto::TensorProto &tensor = floats("w", {2, 3}, {});
  tensor.set_mapped_offset(0);
  tensor.set_mapped_size(24);
  expectErrors("initializer 'w': dims [2, 3] of float need 24 bytes of data, "
               "found 0\n");
}

TEST_F(ModelTest, EveryCutIsRefused) {
  floats("w", {2, 3}, {1, 2, 3, 4, 5, 6});
  std::string text = model.SerializeAsString();
  ASSERT_TRUE(importBytes(text)) << messages;
  for (size_t length = 0; length < text.size(); ++length)
    if (importBytes(llvm::StringRef(text).take_front(length)))
      // A cut between the last fields can leave a model, but not this one.
      ADD_FAILURE() << "cut at " << length;
}

TEST_F(ModelTest, Inspect) {
  floats("w", {2, 3}, {1, 2, 3, 4, 5, 6});
  model.set_producer_name("tests");
  write("m.onnx", model.SerializeAsString());
  ModelInfo info;
  std::string error;
  ASSERT_TRUE(mlir::succeeded(inspectModel(path("m.onnx"), info, error)))
      << error;
  EXPECT_EQ(info.producer, "tests");
  ASSERT_EQ(info.inputs.size(), 1u);
  EXPECT_EQ(info.inputs[0].type, "tensor(float)");
  EXPECT_EQ(info.inputs[0].dims, (std::vector<std::string>{"2", "3"}));
  ASSERT_EQ(info.ops.size(), 1u);
  EXPECT_EQ(info.ops[0].type, "Add");
  EXPECT_TRUE(info.ops[0].supported);
  EXPECT_EQ(info.weights, 1);
  EXPECT_EQ(info.weightBytes, 24);
}

TEST_F(ModelTest, InspectCountsStrings) {
  proto::TensorProto &words = *graph.add_initializer();
  words.set_name("words");
  words.set_data_type(String);
  words.add_dims(1);
  words.add_string_data("a");
  write("m.onnx", model.SerializeAsString());
  ModelInfo info;
  std::string error;
  ASSERT_TRUE(mlir::succeeded(inspectModel(path("m.onnx"), info, error)))
      << error;
  EXPECT_EQ(info.weights, 1);
}
