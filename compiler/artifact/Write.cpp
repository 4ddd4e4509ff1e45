#include "compiler/artifact/Artifact.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::artifact;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// Gives `from` the name `to`.
static LogicalResult rename(StringRef from, StringRef to, Location loc) {
  if (std::error_code error = fs::rename(from, to))
    return emitError(loc) << to << ": cannot be written: " << error.message();
  return success();
}

/// A folder beside the output, so that a file in it can be renamed to it.
static FailureOr<std::string> makeFolder(StringRef output, Location loc) {
  SmallString<128> folder(output);
  folder += ".tmp" + std::to_string(llvm::sys::Process::getProcessId());
  if (std::error_code error = fs::create_directory(folder))
    return emitError(loc) << output
                          << ": cannot be written: " << error.message();
  return folder.str().str();
}

/// The runtime, and `main` of an executable, as they lie beside this program:
/// in a build folder or installed.
static std::string findLibrary(StringRef name) {
  std::string program = fs::getMainExecutable(nullptr, nullptr);
  StringRef prefix = path::parent_path(path::parent_path(program));
  for (StringRef folder : {"lib", "runtime", "tools/nacre/main"}) {
    SmallString<128> file(prefix);
    path::append(file, folder, name);
    if (fs::exists(file))
      return file.str().str();
  }
  return "";
}

/// Runs `cc`. Its own messages go to standard error.
static LogicalResult runCompilerDriver(ArrayRef<StringRef> arguments,
                                       Location loc) {
  llvm::ErrorOr<std::string> cc = llvm::sys::findProgramByName("cc");
  if (!cc)
    return emitError(loc)
           << "an executable needs the program 'cc', which is not installed; "
              "'-o model.so' and '-o model.a' do not need it";
  SmallVector<StringRef> command{*cc};
  command.append(arguments.begin(), arguments.end());
  std::string error;
  int code = llvm::sys::ExecuteAndWait(*cc, command, std::nullopt, {}, 0, 0,
                                       &error);
  if (code != 0)
    return emitError(loc) << "'cc' failed with code " << code
                          << (error.empty() ? "" : ": ") << error;
  return success();
}

/// A C file that tells the libraries' `main` which model it runs.
static LogicalResult writeGlue(StringRef file, StringRef exportName,
                               Location loc) {
  std::error_code error;
  llvm::raw_fd_ostream os(file, error);
  if (error)
    return emitError(loc) << file << ": " << error.message();
  os << "struct nacre_descriptor;\n"
     << "extern const struct nacre_descriptor *const " << exportName << ";\n"
     << "const struct nacre_descriptor *nacre_main_model(void) {\n  return "
     << exportName << ";\n}\n";
  return success();
}

static LogicalResult writeExecutable(const Objects &objects, StringRef output,
                                     StringRef folder, Location loc) {
  std::string runtime = findLibrary("libnacre_runtime.a");
  std::string start = findLibrary("libnacre_main.a");
  if (runtime.empty() || start.empty())
    return emitError(loc) << "the libraries of an executable "
                             "(libnacre_runtime.a, libnacre_main.a) are not "
                             "where this program is installed";
  std::string library = (folder + "/model.a").str();
  std::string glue = (folder + "/main.c").str();
  std::string program = (folder + "/model").str();
  if (failed(codegen::writeStaticLibrary(objects.views(), objects.weights,
                                         objects.arch, library,
                                         objects.exportName, loc)) ||
      failed(writeGlue(glue, objects.exportName, loc)) ||
      failed(runCompilerDriver({"-o", program, glue, library, start, runtime,
                                "-lstdc++", "-lm", "-ldl", "-pthread"},
                               loc)))
    return failure();
  return rename(program, output, loc);
}

static LogicalResult writeIn(const Objects &objects, StringRef output,
                             StringRef folder, Location loc) {
  SmallString<128> file(folder);
  path::append(file, path::filename(output));
  if (path::extension(output) == ".so") {
    if (failed(codegen::linkSharedObject(objects.views(), objects.weights, file,
                                         loc)))
      return failure();
    return rename(file, output, loc);
  }
  if (path::extension(output) != ".a")
    return writeExecutable(objects, output, folder, loc);
  if (failed(codegen::writeStaticLibrary(objects.views(), objects.weights,
                                         objects.arch, file, objects.exportName,
                                         loc)))
    return failure();
  SmallString<128> header(file), outputHeader(output);
  path::replace_extension(header, ".h");
  path::replace_extension(outputHeader, ".h");
  if (failed(rename(header, outputHeader, loc)))
    return failure();
  return rename(file, output, loc);
}

LogicalResult artifact::write(const Objects &objects, StringRef output,
                              Location loc) {
  FailureOr<std::string> folder = makeFolder(output, loc);
  if (failed(folder))
    return failure();
  llvm::scope_exit cleanUp([&] { fs::remove_directories(*folder); });
  return writeIn(objects, output, *folder, loc);
}
