//===- main.cpp - `main` of an executable that is one model ---------------===//
//
// What `nacre compile -o model` links with the model and the runtime.
//
//===----------------------------------------------------------------------===//
#include "tools/nacre/execute/Executable.h"
#include "tools/nacre/io/Element.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

using namespace nacre;

extern "C" const nacre_descriptor *nacre_main_model(void);

namespace {
struct Settings {
  std::string inputFolder, outputFolder;
  std::vector<std::string> names, files;
  unsigned threads = 0, repeat = 0;
};
} // namespace

static int fail(const std::string &text) {
  std::fprintf(stderr, "error: %s\n", text.c_str());
  return 1;
}

static int help(const char *program, const execute::Signature &signature) {
  std::printf("usage: %s [NAME=FILE...] [OPTION...]\n\n"
              "Runs the model %s. FILE is a .npy or .pb tensor.\n\n"
              "options:\n"
              "  --inputs DIR      take input_0.npy or .pb, input_1, ... of DIR\n"
              "  --output-dir DIR  write output_0.npy, ... (default: print)\n"
              "  --threads N       threads (default: one per CPU)\n"
              "  --repeat N        run N more times and print the times\n\n",
              program, nacre_main_model()->name);
  for (const execute::Value &value : signature.inputs)
    std::printf("input %s: %s\n", value.name.c_str(), value.type().c_str());
  for (const execute::Value &value : signature.outputs)
    std::printf("output %s: %s\n", value.name.c_str(), value.type().c_str());
  return 0;
}

static bool number(const char *text, unsigned &value) {
  char *end = nullptr;
  unsigned long parsed = std::strtoul(text, &end, 10);
  value = unsigned(parsed);
  return *text && !*end && parsed <= 1000000;
}

/// Returns false if the arguments make no sense.
static bool parse(int argc, char **argv, Settings &settings) {
  for (int i = 1; i < argc; ++i) {
    std::string option = argv[i];
    if (option.compare(0, 2, "--") != 0) {
      size_t at = option.find('=');
      if (at == std::string::npos)
        return false;
      settings.names.push_back(option.substr(0, at));
      settings.files.push_back(option.substr(at + 1));
      continue;
    }
    const char *value = ++i < argc ? argv[i] : nullptr;
    if (!value)
      return false;
    if (option == "--inputs")
      settings.inputFolder = value;
    else if (option == "--output-dir")
      settings.outputFolder = value;
    else if (!(option == "--threads" && number(value, settings.threads)) &&
             !(option == "--repeat" && number(value, settings.repeat)))
      return false;
  }
  return true;
}

static bool readInputs(Settings &settings, const execute::Signature &signature,
                       std::vector<io::Tensor> &tensors, std::string &error) {
  while (!settings.inputFolder.empty()) {
    std::string stem = settings.inputFolder + "/input_" +
                       std::to_string(settings.files.size());
    bool npy = access((stem + ".npy").c_str(), F_OK) == 0;
    if (!npy && access((stem + ".pb").c_str(), F_OK) != 0)
      break;
    settings.files.push_back(stem + (npy ? ".npy" : ".pb"));
  }
  for (size_t i = 0; i < settings.files.size(); ++i) {
    uint32_t dtype = 0;
    for (size_t k = 0; k < signature.inputs.size(); ++k)
      if (i < settings.names.size()
              ? signature.inputs[k].name == settings.names[i]
              : k == i)
        dtype = signature.inputs[k].dtype;
    io::Tensor tensor;
    if (!io::readTensorFile(settings.files[i], dtype, tensor, error))
      return false;
    tensors.push_back(std::move(tensor));
  }
  return execute::matchInputs(signature, settings.names, tensors, error);
}

static bool measure(execute::Compiled &model, unsigned repeat,
                    std::string &error) {
  std::vector<double> times;
  for (unsigned i = 0; i <= repeat; ++i) {
    auto start = std::chrono::steady_clock::now();
    if (!model.invoke(error))
      return false;
    times.push_back(std::chrono::duration<double, std::milli>(
                        std::chrono::steady_clock::now() - start)
                        .count());
  }
  if (repeat) {
    double first = times.front();
    std::sort(times.begin() + 1, times.end());
    std::printf("first %.4f ms, median %.4f ms, minimum %.4f ms of %u\n", first,
                times[1 + repeat / 2], times[1], repeat);
  }
  return true;
}

static void print(size_t index, const io::Tensor &tensor) {
  std::printf("output %zu '%s': %s %s\n", index, tensor.name.c_str(),
              io::describe(tensor.dtype, tensor.dims).c_str(),
              io::elementsText(tensor, 8).c_str());
}

static int give(const Settings &settings,
                const std::vector<io::Tensor> &outputs) {
  std::string error;
  if (!settings.outputFolder.empty() &&
      mkdir(settings.outputFolder.c_str(), 0777) != 0 && errno != EEXIST)
    return fail(settings.outputFolder + ": " + std::strerror(errno));
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (settings.outputFolder.empty())
      print(i, outputs[i]);
    else if (!io::writeTensorFile(settings.outputFolder + "/output_" +
                                      std::to_string(i) + ".npy",
                                  outputs[i], error))
      return fail(error);
  }
  return 0;
}

int main(int argc, char **argv) {
  Settings settings;
  bool wantsHelp = argc == 2 && std::strcmp(argv[1], "--help") == 0;
  bool understood = wantsHelp || parse(argc, argv, settings);
  std::string error;
  auto model =
      execute::Compiled::from(nacre_main_model(), settings.threads, error);
  if (!model)
    return fail(error);
  if (wantsHelp || !understood) {
    help(argv[0], model->signature());
    return wantsHelp ? 0 : 2;
  }
  std::vector<io::Tensor> inputs;
  if (!readInputs(settings, model->signature(), inputs, error))
    return fail(error);
  model->feed(inputs);
  if (!measure(*model, settings.repeat, error))
    return fail(error);
  return give(settings, model->results());
}
