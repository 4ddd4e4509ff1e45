#include "codegen/host/Host.h"

#include "codegen/host/Descriptor.h"
#include "codegen/host/Lower.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SROA.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

#include <mutex>

using namespace mlir;
using namespace nacre::codegen;

/// Targets other than this machine's are only set up for whoever asks for one.
static void initializeTargets(const llvm::Triple &triple) {
  static std::once_flag native, all;
  llvm::Triple machine(llvm::sys::getProcessTriple());
  if (triple.getArch() == machine.getArch()) {
    std::call_once(native, [] {
      llvm::InitializeNativeTarget();
      llvm::InitializeNativeTargetAsmPrinter();
    });
    return;
  }
  std::call_once(all, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
  });
}

static std::unique_ptr<llvm::TargetMachine>
makeTargetMachine(const HostModule &host) {
  llvm::Triple triple(host.triple.empty() ? llvm::sys::getProcessTriple()
                                          : host.triple);
  initializeTargets(triple);
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) {
    ModuleOp program = host.module;
    program.emitError() << "no code generator for '" << triple.str()
                        << "': " << error;
    return nullptr;
  }
  std::string features;
  for (const std::string &feature : host.features)
    features += (features.empty() ? "+" : ",+") + feature;
  // Host code runs once per launch: how fast it is made counts, too.
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, host.processor, features, llvm::TargetOptions(),
      llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Less));
}

static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PassBuilder builder(&machine);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::PreserveCFG));
  passes.addPass(llvm::EarlyCSEPass(/*UseMemorySSA=*/true));
  passes.addPass(llvm::InstCombinePass());
  passes.addPass(llvm::SimplifyCFGPass());
  for (llvm::Function &function : module)
    if (!function.isDeclaration())
      passes.run(function, functions);
}

static std::unique_ptr<llvm::Module> translate(const HostModule &host,
                                               ModuleOp lowered,
                                               llvm::TargetMachine &machine,
                                               llvm::LLVMContext &context) {
  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(lowered, context, "host");
  if (!module)
    return nullptr;
  module->setDataLayout(machine.createDataLayout());
  module->setTargetTriple(machine.getTargetTriple());
  // A text that is the same on every machine: no path of the model in it.
  module->setSourceFileName("host");
  ModuleOp program = host.module;
  for (auto entry : program.getOps<func::FuncOp>())
    if (llvm::Function *run =
            module->getFunction(entrySymbol(entry.getName()))) {
      // Reached through the descriptor alone; the runtime's C functions do not
      // throw.
      run->setLinkage(llvm::GlobalValue::InternalLinkage);
      run->setDoesNotThrow();
    }
  for (const KernelInfo &kernel : host.kernels)
    if (llvm::Function *scratch = module->getFunction(kernel.scratchSymbol);
        scratch && !scratch->isDeclaration())
      scratch->setLinkage(llvm::GlobalValue::InternalLinkage);
  if (failed(emitDescriptor(host, *module)))
    return nullptr;
  return module;
}

FailureOr<llvm::SmallVector<char, 0>>
nacre::codegen::compileHost(const HostModule &host, CodegenOptions::Emit emit) {
  SmallVector<StringRef> kernels;
  for (const KernelInfo &kernel : host.kernels)
    kernels.push_back(kernel.name);
  OwningOpRef<ModuleOp> lowered =
      lowerHost(host.module, kernels, host.functions);
  if (!lowered)
    return failure();
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(host);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  if (machine)
    module = translate(host, *lowered, *machine, context);
  if (!module)
    return failure();
  optimize(*module, *machine);

  llvm::SmallVector<char, 0> result;
  llvm::raw_svector_ostream os(result);
  if (emit == CodegenOptions::Emit::LLVM) {
    module->print(os, nullptr);
    return result;
  }
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, os, nullptr,
                                   emit == CodegenOptions::Emit::Assembly
                                       ? llvm::CodeGenFileType::AssemblyFile
                                       : llvm::CodeGenFileType::ObjectFile)) {
    ModuleOp program = host.module;
    return program.emitError("no object code for '")
           << machine->getTargetTriple().str() << "'";
  }
  passes.run(*module);
  return result;
}
