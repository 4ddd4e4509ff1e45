#include "tools/nacre/command/Commands.h"
#include "tools/nacre/command/Common.h"
#include "tools/nacre/execute/Executable.h"
#include "tools/nacre/io/Element.h"
#include "tools/nacre/io/Npz.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <chrono>

using namespace nacre;
using namespace nacre::command;
using llvm::StringRef;

namespace {

struct Settings {
  std::string model, inputFolder, outputFolder, format = "npy";
  std::vector<std::pair<std::string, std::string>> inputs; ///< name, file
  std::optional<uint64_t> seed;
  unsigned threads = 0, repeat = 0;
  CompileOptions compile;
};

/// A model that is ready to run, and what keeps it alive.
struct Loaded {
  std::unique_ptr<Compilation> compilation;
  std::unique_ptr<codegen::JitModel> jit;
  std::unique_ptr<execute::Compiled> model;
};

} // namespace

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

static int load(const Settings &settings, Loaded &loaded) {
  std::string error;
  if (StringRef(settings.model).ends_with(".onnx")) {
    loaded.compilation =
        std::make_unique<Compilation>(settings.compile, printMessage);
    Outcome outcome = loaded.compilation->import(settings.model);
    if (outcome == Outcome::Ok)
      outcome = loaded.compilation->link(loaded.jit);
    if (outcome != Outcome::Ok)
      return int(outcome);
    loaded.model = execute::Compiled::from(loaded.jit->descriptor(),
                                           settings.threads, error);
  } else {
    loaded.model =
        execute::Compiled::load(settings.model, settings.threads, error);
  }
  if (loaded.model)
    return 0;
  StringRef text = error;
  if (text.consume_front(settings.model))
    text.consume_front(": ");
  return reportError(settings.model, text);
}

/// The files input_0, input_1, ... of a folder.
static std::vector<std::string> filesIn(const std::string &folder) {
  std::vector<std::string> files;
  while (true) {
    std::string stem = folder + "/input_" + std::to_string(files.size());
    if (llvm::sys::fs::exists(stem + ".npy"))
      files.push_back(stem + ".npy");
    else if (llvm::sys::fs::exists(stem + ".pb"))
      files.push_back(stem + ".pb");
    else
      return files;
  }
}

static uint32_t expectedType(const execute::Signature &signature,
                             const std::string &name, size_t index) {
  if (name.empty())
    return index < signature.inputs.size() ? signature.inputs[index].dtype : 0;
  for (const execute::Value &value : signature.inputs)
    if (value.name == name)
      return value.dtype;
  return 0;
}

/// The arrays of a `.npz`, each for the input of its name.
static bool readArchive(const std::string &path,
                        const execute::Signature &signature,
                        std::vector<io::Tensor> &tensors, std::string &error) {
  std::string bytes;
  if (!io::readFile(path, bytes, error))
    return false;
  io::NpzMembers members;
  if (!io::readNpz(bytes, members, error)) {
    error = path + ": " + error;
    return false;
  }
  std::vector<std::string> names;
  for (const auto &[name, data] : members) {
    io::Tensor tensor;
    if (!io::readNpy(data, expectedType(signature, name, 0), tensor, error)) {
      error = path + ": array '" + name + "' " + error;
      return false;
    }
    names.push_back(name);
    tensors.push_back(std::move(tensor));
  }
  return execute::matchInputs(signature, names, tensors, error);
}

static bool readInputs(const Settings &settings,
                       const execute::Signature &signature,
                       std::vector<io::Tensor> &tensors, std::string &error) {
  if (StringRef(settings.inputFolder).ends_with(".npz"))
    return readArchive(settings.inputFolder, signature, tensors, error);
  std::vector<std::string> names, files;
  if (!settings.inputFolder.empty()) {
    files = filesIn(settings.inputFolder);
    if (files.empty() && !signature.inputs.empty()) {
      error = settings.inputFolder + ": holds no input_0.npy or input_0.pb";
      return false;
    }
  }
  for (const auto &[name, file] : settings.inputs) {
    names.push_back(name);
    files.push_back(file);
  }
  for (size_t i = 0; i < files.size(); ++i) {
    io::Tensor tensor;
    uint32_t dtype = expectedType(
        signature, i < names.size() ? names[i] : std::string(), i);
    if (!io::readTensorFile(files[i], dtype, tensor, error))
      return false;
    tensors.push_back(std::move(tensor));
  }
  return execute::matchInputs(signature, names, tensors, error);
}

static bool makeInputs(const Settings &settings,
                       const execute::Signature &signature,
                       std::vector<io::Tensor> &tensors, std::string &error) {
  if (!settings.seed)
    return readInputs(settings, signature, tensors, error);
  std::map<std::string, int64_t> sizes;
  for (const auto &dim : settings.compile.dims)
    sizes[dim.first().str()] = dim.second;
  if (!execute::randomInputs(signature, *settings.seed, sizes, tensors, error))
    return false;
  for (const io::Tensor &tensor : tensors)
    llvm::outs() << "input '" << tensor.name << "': random "
                 << io::describe(tensor.dtype, tensor.dims) << "\n";
  return true;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static double millisecondsOf(llvm::function_ref<void()> work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now() - start)
      .count();
}

/// Runs once and `repeat` times more, and prints how long that took.
static bool measure(execute::Compiled &model, unsigned repeat,
                    std::string &error) {
  bool ok = true;
  double first = millisecondsOf([&] { ok = model.invoke(error); });
  std::vector<double> times;
  for (unsigned i = 0; i < repeat && ok; ++i)
    times.push_back(millisecondsOf([&] { ok = model.invoke(error); }));
  if (!ok || times.empty())
    return ok;
  std::sort(times.begin(), times.end());
  llvm::outs() << llvm::formatv(
      "first {0:f4} ms, median {1:f4} ms, minimum {2:f4} ms of {3}\n", first,
      times[times.size() / 2], times.front(), times.size());
  return true;
}

/// Type, shape, and the first elements.
static void printTensor(size_t index, const io::Tensor &tensor) {
  llvm::outs() << "output " << index << " '" << tensor.name
               << "': " << io::describe(tensor.dtype, tensor.dims) << " "
               << io::elementsText(tensor, 8) << "\n";
}

/// All outputs by name in one `outputs.npz`.
static bool writeArchive(const Settings &settings,
                         const std::vector<io::Tensor> &outputs,
                         std::string &error) {
  std::string path = settings.outputFolder + "/outputs.npz", bytes;
  io::NpzMembers members;
  for (const io::Tensor &output : outputs)
    members.emplace_back(output.name, io::writeNpy(output));
  if (io::writeNpz(members, bytes, error))
    return io::writeFile(path, bytes, error);
  error = path + ": " + error;
  return false;
}

static int writeOutputs(const Settings &settings,
                        const std::vector<io::Tensor> &outputs) {
  if (std::error_code code =
          llvm::sys::fs::create_directories(settings.outputFolder))
    return reportError(settings.outputFolder, code.message());
  if (settings.format == "npz") {
    std::string error;
    if (writeArchive(settings, outputs, error))
      return 0;
    llvm::errs() << "nacre run: error: " << error << "\n";
    return 1;
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    std::string path = settings.outputFolder + "/output_" + std::to_string(i) +
                       "." + settings.format;
    std::string error;
    if (!io::writeTensorFile(path, outputs[i], error)) {
      llvm::errs() << "nacre run: error: " << error << "\n";
      return 1;
    }
  }
  return 0;
}

static int runModel(const Settings &settings) {
  Loaded loaded;
  if (int code = load(settings, loaded))
    return code;
  std::vector<io::Tensor> inputs;
  std::string error;
  if (!makeInputs(settings, loaded.model->signature(), inputs, error))
    return reportError(settings.model, error);
  loaded.model->feed(inputs);
  if (!measure(*loaded.model, settings.repeat, error))
    return reportError(settings.model, error);
  std::vector<io::Tensor> outputs = loaded.model->results();
  if (!settings.outputFolder.empty())
    return writeOutputs(settings, outputs);
  for (size_t i = 0; i < outputs.size(); ++i)
    printTensor(i, outputs[i]);
  return 0;
}

int command::run(Arguments arguments) {
  Settings settings;
  Options options("run",
                  "Runs a compiled model (.so), or a model (.onnx) that is "
                  "compiled in memory first.",
                  "MODEL [OPTION...]");
  options.positional(settings.model);
  options.text("inputs", "DIR|NPZ",
               "take input_0.npy or .pb, input_1, ... of DIR, or the arrays of "
               "a .npz by name",
               settings.inputFolder);
  options.each("input", "NAME=FILE", "take one input from a .npy or .pb file",
               [&](StringRef text) {
                 StringRef name, file;
                 if (!splitPair(text, name, file))
                   return std::string("expected NAME=FILE");
                 settings.inputs.push_back({name.str(), file.str()});
                 return std::string();
               });
  options.each("random", "SEED", "take random inputs", [&](StringRef text) {
    uint64_t seed;
    if (text.getAsInteger(10, seed))
      return std::string("expected a number");
    settings.seed = seed;
    return std::string();
  });
  options.text("output-dir", "DIR",
               "write output_0, output_1, ... or outputs.npz to DIR "
               "(default: print)",
               settings.outputFolder);
  options.each("format", "npy|pb|npz", "kind of output files (default: npy)",
               [&](StringRef text) {
                 settings.format = text.str();
                 bool known = text == "npy" || text == "pb" || text == "npz";
                 return std::string(known ? "" : "expected npy, pb or npz");
               });
  options.number("threads", "N", "threads of a run (default: one per CPU)",
                 settings.threads);
  options.number("repeat", "N",
                 "run N more times and print first, median and minimum time",
                 settings.repeat);
  declareCompileOptions(options, settings.compile);
  options.notes("Open dims of random inputs are small unless --dim says more.");
  if (std::optional<int> code = options.parse(arguments))
    return *code;
  if (settings.seed.has_value() + !settings.inputs.empty() +
          !settings.inputFolder.empty() >
      1)
    return options.misuse("--inputs, --input and --random exclude each other");
  return runModel(settings);
}
