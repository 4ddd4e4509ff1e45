#include "compiler/api/Compiler.h"
#include "nacre/compiler.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"

#include <cstring>

using namespace nacre;
using llvm::StringRef;

namespace {

/// The options of C, checked; and where messages go.
struct Call {
  CompileOptions options;
  nacre_message_function message = nullptr;
  void *user = nullptr;

  nacre_compile_status read(const nacre_compile_options *given);
  MessageHandler handler() const;
  nacre_compile_status fail(nacre_compile_status status,
                            const llvm::Twine &text) const;
};

} // namespace

MessageHandler Call::handler() const {
  return [message = message, user = user](Severity severity, StringRef text) {
    if (message)
      message(user, nacre_severity(severity), text.str().c_str());
  };
}

nacre_compile_status Call::fail(nacre_compile_status status,
                                const llvm::Twine &text) const {
  handler()(Severity::Error, ("nacre: error: " + text).str());
  return status;
}

nacre_compile_status Call::read(const nacre_compile_options *given) {
  if (!given)
    return NACRE_COMPILE_OK;
  // A smaller structure is an older caller's; fields are only ever added.
  nacre_compile_options all = {};
  // One that is too small for `message` has nobody to tell the reason.
  if (given->size < offsetof(nacre_compile_options, user) + sizeof(void *))
    return NACRE_COMPILE_USAGE;
  std::memcpy(&all, given, std::min(given->size, sizeof all));
  message = all.message;
  user = all.user;
  if (all.target)
    options.target = all.target;
  if (all.cpu)
    options.processor = all.cpu;
  options.threads = all.threads;
  for (size_t i = 0; i < all.num_dims; ++i) {
    if (!all.dims || !all.dims[i].name || all.dims[i].value < 0)
      return fail(NACRE_COMPILE_USAGE,
                  "dim " + llvm::Twine(i) + " has no name or is negative");
    options.dims[all.dims[i].name] = all.dims[i].value;
  }
  return NACRE_COMPILE_OK;
}

nacre_compile_status nacre_compile_file(const char *model, const char *output,
                                        const nacre_compile_options *options) {
  Call call;
  if (nacre_compile_status status = call.read(options))
    return status;
  if (!model || !output)
    return call.fail(NACRE_COMPILE_USAGE,
                     "no name of a model or of an output file is given");
  Compilation compilation(call.options, call.handler());
  Outcome outcome = compilation.import(model);
  if (outcome == Outcome::Ok)
    outcome = compilation.writeArtifact(output);
  return nacre_compile_status(outcome);
}

/// The bytes of `path` in memory of malloc's.
static void *readAll(StringRef path, size_t &size) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (!file)
    return nullptr;
  size = (*file)->getBufferSize();
  void *bytes = std::malloc(size ? size : 1);
  if (bytes)
    std::memcpy(bytes, (*file)->getBufferStart(), size);
  return bytes;
}

nacre_compile_status nacre_compile_bytes(const void *bytes, size_t num_bytes,
                                         const char *name, const char *folder,
                                         const nacre_compile_options *options,
                                         void **output, size_t *num_output) {
  if (output)
    *output = nullptr;
  if (num_output)
    *num_output = 0;
  Call call;
  if (nacre_compile_status status = call.read(options))
    return status;
  if ((!bytes && num_bytes) || !output || !num_output)
    return call.fail(NACRE_COMPILE_USAGE,
                     "no bytes of a model or no place for the output is given");
  // Artifacts are written as files: weights are copied once, by the kernel.
  llvm::SmallString<128> path;
  if (std::error_code code =
          llvm::sys::fs::createTemporaryFile("nacre", "so", path))
    return call.fail(NACRE_COMPILE_BAD_MODEL,
                     "no temporary file can be made: " + code.message());
  llvm::FileRemover remover(path);
  Compilation compilation(call.options, call.handler());
  Outcome outcome =
      compilation.import(StringRef(static_cast<const char *>(bytes), num_bytes),
                         name ? name : "model", folder ? folder : "");
  if (outcome == Outcome::Ok)
    outcome = compilation.writeArtifact(path);
  if (outcome != Outcome::Ok)
    return nacre_compile_status(outcome);
  *output = readAll(path, *num_output);
  return *output
             ? NACRE_COMPILE_OK
             : call.fail(NACRE_COMPILE_BAD_MODEL, "no memory for the output");
}

void nacre_compile_free(void *output) { std::free(output); }

const char *nacre_compiler_version(void) { return compilerVersion().data(); }
