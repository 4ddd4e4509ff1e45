#include "compiler/api/Compiler.h"

#include "codegen/target/Target.h"
#include "compiler/api/Crash.h"
#include "compiler/import/onnx/Import.h"
#include "compiler/pipeline/Pipeline.h"
#include "dialects/graph/Graph.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace nacre;

StringRef nacre::compilerVersion() { return NACRE_VERSION; }

/// Made once: registering all dialects takes longer than compiling a small
/// model.
static const DialectRegistry &dialectRegistry() {
  static const DialectRegistry *registry = [] {
    auto *made = new DialectRegistry;
    registerAllDialects(*made);
    return made;
  }();
  return *registry;
}

Compilation::Compilation(const CompileOptions &options, MessageHandler handler)
    : options(options), handler(std::move(handler)) {
  bool threaded = options.threads != 1;
  mlirContext = std::make_unique<MLIRContext>(dialectRegistry(),
                                              MLIRContext::Threading::DISABLED);
  if (threaded) {
    pool = std::make_unique<llvm::DefaultThreadPool>(
        llvm::hardware_concurrency(options.threads));
    mlirContext->setThreadPool(*pool);
  }
  mlirContext->getDiagEngine().registerHandler(
      [this](Diagnostic &diagnostic) { report(diagnostic); });
}

Compilation::~Compilation() = default;

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

void Compilation::say(Severity severity, const Twine &text) {
  static constexpr StringRef names[] = {"error", "warning", "note", "remark"};
  handler(severity,
          (modelPath + ": " + names[int(severity)] + ": " + text).str());
}

/// How messages name the place that an op stems from: "node 'x' (Relu, opset
/// 13)". The importer gives nodes two names, one within the other.
static std::string placeOf(Location loc, StringRef model) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      if (std::string place = placeOf(part, model); !place.empty())
        return place;
    return "";
  }
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return placeOf(call.getCallee(), model);
  auto name = dyn_cast<NameLoc>(loc);
  if (!name || name.getName() == model)
    return "";
  auto kind = dyn_cast<NameLoc>(name.getChildLoc());
  if (!kind)
    return ("'" + name.getName().getValue() + "'").str();
  auto [op, opset] = kind.getName().getValue().rsplit('-');
  return ("node '" + name.getName().getValue() + "' (" + op + ", opset " +
          opset + ")")
      .str();
}

static Severity severityOf(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return Severity::Error;
  case DiagnosticSeverity::Warning:
    return Severity::Warning;
  case DiagnosticSeverity::Note:
    return Severity::Note;
  case DiagnosticSeverity::Remark:
    break;
  }
  return Severity::Remark;
}

static std::string textOf(Diagnostic &diagnostic, StringRef model) {
  std::string text = diagnostic.str();
  std::string place = placeOf(diagnostic.getLocation(), model);
  // The importer's messages say the place themselves.
  StringRef known = place;
  if (place.empty() || StringRef(text).starts_with("node ") ||
      StringRef(text).contains(
          known.take_until([](char c) { return c == '('; })))
    return text;
  return place + ": " + text;
}

bool nacre::isUnsupported(StringRef message) {
  return message.contains("unsupported") || message.contains("not supported") ||
         message.contains("no import rule") || message.contains("no lowering");
}

void Compilation::report(Diagnostic &diagnostic) {
  std::string text = textOf(diagnostic, modelPath);
  if (diagnostic.getSeverity() == DiagnosticSeverity::Error) {
    ++errors;
    unsupported += isUnsupported(text);
  }
  say(severityOf(diagnostic.getSeverity()), text);
  for (Diagnostic &note : diagnostic.getNotes())
    say(Severity::Note, note.getLocation() == diagnostic.getLocation()
                            ? note.str()
                            : textOf(note, modelPath));
}

//===----------------------------------------------------------------------===//
// Import
//===----------------------------------------------------------------------===//

Outcome
Compilation::importWith(llvm::function_ref<OwningOpRef<ModuleOp>()> importer) {
  current = importer();
  if (!current) {
    if (errors == 0)
      say(Severity::Error, "the model cannot be imported");
    return Outcome::BadModel;
  }
  return Outcome::Ok;
}

static onnx::ImportOptions importOptions(const CompileOptions &options) {
  onnx::ImportOptions result;
  result.dims = options.dims;
  result.shapes = options.shapes;
  return result;
}

static codegen::CodegenOptions codegenOptions(const CompileOptions &options) {
  codegen::CodegenOptions result;
  result.checkBounds = options.checkBounds;
  result.plain = !options.optimize;
  return result;
}

Outcome Compilation::import(StringRef path) {
  modelPath = path.str();
  Outcome outcome = importWith([&] {
    return onnx::importModel(path, importOptions(options), *mlirContext);
  });
  if (outcome != Outcome::Ok)
    return outcome;
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false);
  if (file)
    modelHash = llvm::xxh3_64bits((*file)->getBuffer());
  return outcome;
}

Outcome Compilation::import(StringRef bytes, StringRef name, StringRef folder) {
  modelPath = name.str();
  modelHash = llvm::xxh3_64bits(bytes);
  return importWith([&] {
    return onnx::importModel(bytes, name, folder, importOptions(options),
                             *mlirContext);
  });
}

Outcome Compilation::importText(StringRef text, StringRef name) {
  modelPath = name.str();
  modelHash = llvm::xxh3_64bits(text);
  // A module may have none of its ops.
  mlirContext->loadDialect<graph::GraphDialect>();
  return importWith([&] {
    return parseSourceString<ModuleOp>(text, ParserConfig(mlirContext.get()),
                                       name);
  });
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

Outcome Compilation::describeTarget() {
  const codegen::Target *target = codegen::findTarget(options.target);
  Location loc = UnknownLoc::get(mlirContext.get());
  if (!target) {
    std::string known;
    for (const codegen::Target &each : codegen::targets())
      known += (known.empty() ? "" : ", ") + each.name.str();
    say(Severity::Error,
        "unknown target '" + options.target + "'; there are: " + known);
    return Outcome::Usage;
  }
  mlirContext->loadDialect<kernel::KernelDialect>();
  kernel::TargetAttr facts =
      target->describe(*mlirContext, {options.processor}, loc);
  if (!facts)
    return Outcome::Usage;
  (*current)->setAttr(artifact::kTargetAttrName, facts);
  const codegen::Target &host = codegen::hostTarget();
  if (target->name == host.name)
    return Outcome::Ok;
  kernel::TargetAttr hostFacts = host.describe(*mlirContext, {}, loc);
  if (!hostFacts)
    return Outcome::Usage;
  (*current)->setAttr(artifact::kHostTargetAttrName, hostFacts);
  return Outcome::Ok;
}

static OpPrintingFlags elided() {
  return OpPrintingFlags().elideLargeElementsAttrs(64).elideLargeResourceString(
      64);
}

/// Says what went wrong in a step that cannot fail for a valid model.
Outcome Compilation::failed(ModuleOp before, StringRef pipeline) {
  if (errors > 0 && errors == unsupported)
    return Outcome::BadModel;
  if (errors == 0)
    say(Severity::Error, "the compiler failed without saying why");
  std::string path = writeReproducer(before, pipeline);
  say(Severity::Note,
      path.empty() ? Twine("this is a fault of the compiler")
                   : "this is a fault of the compiler; '" + path +
                         "' reproduces it with nacre-opt --run-reproducer");
  return Outcome::Bug;
}

Outcome Compilation::lower(ModuleOp module, int stage) {
  PassManager pm(mlirContext.get());
  // Clean code needs no check between passes; tests run nacre-opt, which does.
  pm.enableVerifier(false);
  buildPipeline(pm, Stage(stage), options.optimize);
  if (options.passTiming)
    pm.enableTiming();
  std::string pipeline;
  llvm::raw_string_ostream os(pipeline);
  pm.printAsTextualPipeline(os);
  // Constants are shared, so a copy is cheap.
  OwningOpRef<ModuleOp> before = module.clone();
  CrashScope scope(*before, pipeline);
  if (succeeded(pm.run(module)))
    return Outcome::Ok;
  return failed(*before, pipeline);
}

std::string nacre::shapeText(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t dim : shape)
    text += (text.empty() ? "" : "x") + (dim < 0 ? "?" : std::to_string(dim));
  return shape.empty() ? "scalar" : text;
}

bool nacre::parseShape(StringRef text, SmallVectorImpl<int64_t> &shape) {
  SmallVector<StringRef> dims;
  if (text != "scalar")
    text.split(dims, 'x');
  for (StringRef dim : dims) {
    int64_t &size = shape.emplace_back(-1);
    if (dim != "?" && (dim.getAsInteger(10, size) || size < 0))
      return false;
  }
  return true;
}

static artifact::Identity identityOf(const CompileOptions &options,
                                     StringRef path, uint64_t hash,
                                     StringRef exportName) {
  artifact::Identity identity;
  identity.name = llvm::sys::path::stem(path).str();
  identity.exportName = exportName.str();
  identity.compiler = ("nacre " + compilerVersion()).str();
  identity.modelHash = "xxh3:" + llvm::utohexstr(hash, true, 16);
  std::map<StringRef, int64_t> sorted;
  for (const auto &dim : options.dims)
    sorted[dim.first()] = dim.second;
  for (const auto &[name, value] : sorted)
    identity.flags.push_back(("--dim " + name + "=" + Twine(value)).str());
  std::map<StringRef, ArrayRef<int64_t>> shapes;
  for (const auto &shape : options.shapes)
    shapes[shape.first()] = shape.second;
  for (const auto &[name, shape] : shapes)
    identity.flags.push_back(
        ("--shape " + name + "=" + shapeText(shape)).str());
  if (!options.optimize)
    identity.flags.push_back("-O0");
  if (options.checkBounds)
    identity.flags.push_back("--sanitize=bounds");
  if (!options.processor.empty())
    identity.flags.push_back("--cpu " + options.processor);
  return identity;
}

/// Runs `write` on a new file.
static bool writeText(StringRef folder, StringRef name,
                      llvm::function_ref<void(raw_ostream &)> write,
                      std::string &error) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  std::error_code code = llvm::sys::fs::create_directories(folder);
  if (!code) {
    llvm::raw_fd_ostream os(path, code);
    if (!code)
      write(os);
  }
  if (code)
    error = (path + ": " + code.message()).str();
  return !code;
}

Outcome Compilation::print(Text text, raw_ostream &os) {
  bool code = text == Text::LLVM || text == Text::Assembly;
  if (Outcome outcome = describeTarget(); outcome != Outcome::Ok)
    return outcome;
  OwningOpRef<ModuleOp> copy = module().clone();
  Stage stage = code ? Stage::Program : Stage(text);
  if (Outcome outcome = lower(*copy, int(stage)); outcome != Outcome::Ok)
    return outcome;
  if (!code) {
    copy->print(os, elided());
    return Outcome::Ok;
  }
  using Emit = codegen::CodegenOptions::Emit;
  codegen::CodegenOptions codegen = codegenOptions(options);
  codegen.emit = text == Text::LLVM ? Emit::LLVM : Emit::Assembly;
  artifact::Identity identity =
      identityOf(options, modelPath, modelHash, "nacre_model");
  OwningOpRef<ModuleOp> before = copy->clone();
  if (succeeded(artifact::printProgram(*copy, identity, codegen, os)))
    return Outcome::Ok;
  return failed(*before, "builtin.module()");
}

Outcome Compilation::compile(StringRef exportName) {
  if (Outcome outcome = describeTarget(); outcome != Outcome::Ok)
    return outcome;
  static constexpr StringRef names[] = {"graph", "tensor", "kernel", "program"};
  for (int stage = 0; stage < 4 && !options.saveTemps.empty(); ++stage) {
    OwningOpRef<ModuleOp> copy = module().clone();
    if (Outcome outcome = lower(*copy, stage); outcome != Outcome::Ok)
      return outcome;
    std::string error;
    if (!writeText(
            options.saveTemps, (names[stage] + ".mlir").str(),
            [&](raw_ostream &os) { copy->print(os, elided()); }, error)) {
      say(Severity::Error, error);
      return Outcome::BadModel;
    }
  }
  if (Outcome outcome = lower(module(), int(Stage::Program));
      outcome != Outcome::Ok)
    return outcome;
  OwningOpRef<ModuleOp> before = module().clone();
  CrashScope scope(*before, "builtin.module()");
  FailureOr<artifact::Objects> made = artifact::compileProgram(
      module(), identityOf(options, modelPath, modelHash, exportName),
      codegenOptions(options), options.saveTemps);
  if (mlir::failed(made))
    return failed(*before, "builtin.module()");
  objects = std::move(*made);
  return Outcome::Ok;
}

Outcome Compilation::writeArtifact(StringRef path) {
  Outcome outcome = compile(artifact::exportNameFor(path));
  if (outcome != Outcome::Ok)
    return outcome;
  return succeeded(artifact::write(*objects, path, module().getLoc()))
             ? Outcome::Ok
             : Outcome::BadModel;
}

Outcome Compilation::link(std::unique_ptr<codegen::JitModel> &model) {
  Outcome outcome = compile();
  if (outcome != Outcome::Ok)
    return outcome;
  model = codegen::linkInMemory(objects->views(), objects->weights,
                                module().getLoc(), objects->exportName);
  return model ? Outcome::Ok : Outcome::Bug;
}
