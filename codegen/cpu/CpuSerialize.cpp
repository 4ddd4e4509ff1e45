#include "codegen/cpu/Cpu.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::codegen;
using cpu::Processor;

/// What a kernel may call: libc's memory functions and libm. Anything else is
/// a compiler support library's, which nobody links.
static constexpr llvm::StringLiteral kMayCall[] = {
    "memcpy",   "memmove",   "memset",    "bcmp",   "memcmp", "acos", "acosh",
    "asin",     "asinh",     "atan",      "atan2",  "atanh",  "cbrt", "ceil",
    "copysign", "cos",       "cosh",      "erf",    "erfc",   "exp",  "exp2",
    "expm1",    "fabs",      "floor",     "fma",    "fmax",   "fmin", "fmod",
    "ldexp",    "log",       "log10",     "log1p",  "log2",   "pow",  "rint",
    "round",    "roundeven", "sin",       "sincos", "sinh",   "sqrt", "tan",
    "tanh",     "trunc",     "nearbyint", "lgamma", "tgamma", "exp10"};

static bool mayCall(StringRef name) {
  return llvm::is_contained(kMayCall, name) ||
         (name.consume_back("f") && llvm::is_contained(kMayCall, name));
}

/// One per thread and processor: making one costs as much as a small kernel.
static llvm::TargetMachine *machineFor(const Processor &processor,
                                       std::string &error) {
  thread_local std::map<std::string, std::unique_ptr<llvm::TargetMachine>>
      cache;
  std::string key =
      processor.triple + " " + processor.name + " " + processor.features;
  std::unique_ptr<llvm::TargetMachine> &machine = cache[key];
  if (machine)
    return machine.get();
  llvm::Triple triple(processor.triple);
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  llvm::TargetOptions options;
  machine.reset(target->createTargetMachine(
      triple, processor.name, processor.features, options, llvm::Reloc::PIC_,
      std::nullopt, llvm::CodeGenOptLevel::Default));
  return machine.get();
}

static void setAttributes(llvm::Module &module, const Processor &processor) {
  for (llvm::Function &function : module) {
    function.addFnAttr(llvm::Attribute::NoUnwind);
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", processor.name);
    if (!processor.features.empty())
      function.addFnAttr("target-features", processor.features);
    // Tuning models of some processors halve vectors to save power; these
    // kernels are all vectors.
    function.addFnAttr("prefer-vector-width", "512");
  }
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(module, modules);
}

static LogicalResult emitCode(llvm::Module &module,
                              llvm::TargetMachine &machine,
                              llvm::CodeGenFileType type,
                              SmallVectorImpl<char> &out) {
  llvm::raw_svector_ostream os(out);
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, os, nullptr, type))
    return failure();
  passes.run(module);
  return success();
}

/// An undefined symbol outside the list is our bug: the model would not link.
static LogicalResult checkSymbols(ModuleOp module, ArrayRef<char> bytes) {
  llvm::MemoryBufferRef buffer(StringRef(bytes.data(), bytes.size()), "kernel");
  auto object = llvm::object::ObjectFile::createObjectFile(buffer);
  if (!object)
    return module.emitError("wrote an object that cannot be read: ")
           << llvm::toString(object.takeError());
  for (const llvm::object::SymbolRef &symbol : (*object)->symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name) {
      llvm::consumeError(flags.takeError());
      llvm::consumeError(name.takeError());
      continue;
    }
    if ((*flags & llvm::object::SymbolRef::SF_Undefined) && !name->empty() &&
        *name != "_GLOBAL_OFFSET_TABLE_" && !mayCall(*name))
      return module.emitError("internal error: code calls '")
             << *name << "', which is in neither libc nor libm";
  }
  return success();
}

/// The LLVM module of `module`, for the processor of `machine`.
static std::unique_ptr<llvm::Module> translate(ModuleOp module,
                                               const Processor &processor,
                                               llvm::TargetMachine *&machine,
                                               llvm::LLVMContext &context,
                                               StringRef name) {
  std::string error;
  machine = machineFor(processor, error);
  if (!machine) {
    module.emitError("no code generator for ")
        << processor.triple << ": " << error;
    return nullptr;
  }
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context, name);
  if (!result) {
    module.emitError("cannot be written as LLVM IR");
    return nullptr;
  }
  result->setTargetTriple(machine->getTargetTriple());
  result->setDataLayout(machine->createDataLayout());
  setAttributes(*result, processor);
  return result;
}

LogicalResult cpu::serialize(ModuleOp module, kernel::TargetAttr target,
                             const CodegenOptions &options, KernelCode &code) {
  llvm::LLVMContext context;
  llvm::TargetMachine *machine;
  std::unique_ptr<llvm::Module> llvmModule =
      translate(module, processorOf(target), machine, context, code.symbol);
  if (!llvmModule)
    return failure();
  optimize(*llvmModule, *machine);
  if (options.emit == CodegenOptions::Emit::LLVM) {
    llvm::raw_svector_ostream os(code.object);
    llvmModule->print(os, nullptr);
    return success();
  }
  bool assembly = options.emit == CodegenOptions::Emit::Assembly;
  auto type = assembly ? llvm::CodeGenFileType::AssemblyFile
                       : llvm::CodeGenFileType::ObjectFile;
  if (failed(emitCode(*llvmModule, *machine, type, code.object)))
    return module.emitError(
        "the code generator cannot write this kind of file");
  return assembly ? success() : checkSymbols(module, code.object);
}

LogicalResult cpu::emitUnchecked(ModuleOp module, kernel::TargetAttr target,
                                 KernelCode &code) {
  llvm::LLVMContext context;
  llvm::TargetMachine *machine;
  std::unique_ptr<llvm::Module> llvmModule =
      translate(module, processorOf(target), machine, context, code.symbol);
  return success(
      llvmModule &&
      succeeded(emitCode(*llvmModule, *machine,
                         llvm::CodeGenFileType::ObjectFile, code.object)));
}
