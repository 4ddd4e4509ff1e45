#include "compiler/import/onnx/Import.h"
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Rules.h"

#include "dialects/graph/reference/Fold.h"

using namespace mlir;
using namespace nacre::onnx;
namespace proto = nacre::proto;

/// What this importer knows. Newer models may mean something else.
static constexpr int64_t kNewestIr = 14;
static constexpr int64_t kNewestOpset = 28;
/// Errors after these are counted, not shown.
static constexpr size_t kMaxErrors = 20;

StringRef nacre::onnx::canonicalDomain(StringRef domain) {
  return domain == "ai.onnx" ? "" : domain;
}

int64_t nacre::onnx::opsetOf(const Frame &frame, StringRef domain) {
  auto found = frame.opsets.find(domain);
  if (found != frame.opsets.end())
    return found->second;
  return domain == kMicrosoft ? 1 : 0;
}

Importer::Importer(const Model &model, const ImportOptions &options,
                   MLIRContext &context)
    : model(model), options(options), context(context), shapes(&context),
      b(&context, shapes,
        [](Operation *op, ArrayRef<ElementsAttr> operands,
           SmallVectorImpl<ElementsAttr> &results) {
          return graph::reference::foldWithReference(op, operands, results);
        }) {
  context.loadDialect<graph::GraphDialect, func::FuncDialect>();
}

OwningOpRef<ModuleOp> Importer::run() {
  OwningOpRef<ModuleOp> module;
  {
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
        return failure();
      report(diagnostic);
      return success();
    });
    if (succeeded(readHeader()) && succeeded(readFunctions()) &&
        succeeded(checkSupport()))
      module = importMain();
  }
  if (errors.empty())
    return module;
  emitErrors();
  return {};
}

//===-- Errors
//--------------------------------------------------------------===//

/// Keeps an error, with the node at hand put before what a graph op says.
void Importer::report(Diagnostic &diagnostic) {
  Error error{diagnostic.getLocation(), diagnostic.str(), {}};
  StringRef text = error.text;
  if (!current.empty() && !text.starts_with("node ")) {
    current.back()->fail();
    if (text.consume_front("'graph."))
      text = text.substr(text.find("op ") + 3);
    error.text = current.back()->label() + ": " + text.str();
  }
  // MLIR shows the op in its own syntax, which is of no help here.
  for (Diagnostic &note : diagnostic.getNotes())
    if (!StringRef(note.str()).starts_with("see current operation"))
      error.notes.emplace_back(note.getLocation(), note.str());
  errors.push_back(std::move(error));
}

void Importer::emitErrors() {
  for (const Error &error : ArrayRef(errors).take_front(kMaxErrors)) {
    InFlightDiagnostic diagnostic = emitError(error.loc) << error.text;
    for (auto &[loc, text] : error.notes)
      diagnostic.attachNote(loc) << text;
  }
  if (errors.size() > kMaxErrors)
    emitError(b.getUnknownLoc())
        << errors.size() - kMaxErrors << " more errors";
}

//===-- The model's header
//--------------------------------------------------===//

template <typename Opsets>
static void readOpsets(Importer &importer, const Opsets &opsets,
                       llvm::StringMap<int64_t> &into) {
  for (const proto::OperatorSetIdProto &opset : opsets) {
    StringRef domain = canonicalDomain(opset.domain());
    int64_t version = opset.version();
    bool standard = domain.empty();
    if (version < 1 || (standard && version > kNewestOpset))
      importer.error() << "opset " << version << " of domain "
                       << quoted(standard ? "ai.onnx" : domain)
                       << " is not supported; expected "
                       << (standard ? "1 to " + std::to_string(kNewestOpset)
                                    : std::string("a positive number"));
    // Of two, the newer one is what the model was last converted to.
    int64_t &known = into[domain];
    known = std::max(known, version);
  }
}

LogicalResult Importer::readHeader() {
  const proto::ModelProto &proto = model.proto();
  if (!proto.has_graph())
    return error() << "the model has no graph";
  if (proto.ir_version() < 0 || proto.ir_version() > kNewestIr)
    return error() << "IR version " << proto.ir_version()
                   << " is not supported; expected 1 to " << kNewestIr;
  readOpsets(*this, proto.opset_import(), mainFrame.opsets);
  // Before IR 3 there was but one opset.
  if (mainFrame.opsets.empty() && proto.ir_version() < 3 &&
      proto.ir_version() > 0)
    mainFrame.opsets[""] = 1;
  if (mainFrame.opsets.empty())
    return error() << "the model imports no opset";
  return success(errors.empty());
}

static std::string functionKey(StringRef domain, StringRef name,
                               StringRef overload) {
  return (Twine(canonicalDomain(domain)) + "\n" + name + "\n" + overload).str();
}

LogicalResult Importer::readFunctions() {
  for (const proto::FunctionProto &function : model.proto().functions()) {
    std::string key =
        functionKey(function.domain(), function.name(), function.overload());
    if (!functions.try_emplace(key, &function).second)
      error() << "two functions are named " << quoted(function.name())
              << " in domain " << quoted(function.domain());
  }
  return success(errors.empty());
}

const proto::FunctionProto *Importer::findFunction(StringRef domain,
                                                   StringRef name,
                                                   StringRef overload) const {
  return functions.lookup(functionKey(domain, name, overload));
}

//===-- Main
//----------------------------------------------------------------===//

OwningOpRef<ModuleOp> Importer::importMain() {
  const proto::GraphProto &graph = model.proto().graph();
  Location loc = NameLoc::get(b.getStringAttr(model.name()));
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  (*module)->setAttr(kModelAttrName, b.getStringAttr(graph.name()));
  b.setInsertionPointToEnd(module->getBody());
  auto main = func::FuncOp::create(b, loc, "main", b.getFunctionType({}, {}));
  Block *body = main.addEntryBlock();
  b.setInsertionPointToEnd(body);

  Scope scope;
  if (failed(importInitializers(graph, scope)) ||
      failed(importInputs(main, scope)))
    return {};
  importNodes(graph.node(), mainFrame, scope);
  if (failed(importOutputs(main, scope)))
    return {};
  return module;
}

static OwningOpRef<ModuleOp>
importFrom(llvm::Expected<std::unique_ptr<Model>> model, StringRef name,
           const ImportOptions &options, MLIRContext &context) {
  if (!model) {
    emitError(NameLoc::get(StringAttr::get(&context, name)))
        << toString(model.takeError());
    return {};
  }
  return Importer(**model, options, context).run();
}

OwningOpRef<ModuleOp> nacre::onnx::importModel(StringRef path,
                                               const ImportOptions &options,
                                               MLIRContext &context) {
  return importFrom(Model::open(path), path, options, context);
}

OwningOpRef<ModuleOp> nacre::onnx::importModel(StringRef bytes, StringRef name,
                                               StringRef folder,
                                               const ImportOptions &options,
                                               MLIRContext &context) {
  return importFrom(Model::fromBytes(bytes, name, folder), name, options,
                    context);
}
