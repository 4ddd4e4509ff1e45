#include "test/host/HostHarness.h"

#include "passes/program/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::test;

//===-- kernels -----------------------------------------------------------===//

/// for i in [begin, end): body, with %p0, %p1, ... the pointers.
static std::string loopKernel(const std::string &name, unsigned numPointers,
                              const std::string &body) {
  std::string ir = "define i32 @" + name +
                   "(ptr %args, i64 %begin, i64 %end, ptr %scratch) {\n"
                   "entry:\n";
  for (unsigned i = 0; i < numPointers; ++i) {
    std::string n = std::to_string(i);
    ir += "  %a" + n + " = getelementptr i64, ptr %args, i64 " + n + "\n";
    ir += "  %p" + n + " = load ptr, ptr %a" + n + "\n";
  }
  return ir +
         "  br label %head\n"
         "head:\n"
         "  %i = phi i64 [ %begin, %entry ], [ %next, %body ]\n"
         "  %more = icmp slt i64 %i, %end\n"
         "  br i1 %more, label %body, label %done\n"
         "body:\n" +
         body +
         "  %next = add i64 %i, 1\n"
         "  br label %head\n"
         "done:\n"
         "  ret i32 0\n"
         "}\n";
}

std::vector<TestKernel> nacre::test::elementKernels() {
  std::string add = "  %x0 = getelementptr float, ptr %p0, i64 %i\n"
                    "  %x1 = getelementptr float, ptr %p1, i64 %i\n"
                    "  %x2 = getelementptr float, ptr %p2, i64 %i\n"
                    "  %l0 = load float, ptr %x0\n"
                    "  %l1 = load float, ptr %x1\n"
                    "  %s = fadd float %l0, %l1\n"
                    "  store float %s, ptr %x2\n";
  std::string twice = "  %x0 = getelementptr float, ptr %p0, i64 %i\n"
                      "  %x1 = getelementptr float, ptr %p1, i64 %i\n"
                      "  %l0 = load float, ptr %x0\n"
                      "  %s = fadd float %l0, %l0\n"
                      "  store float %s, ptr %x1\n";
  std::string count = "  %x1 = getelementptr i64, ptr %p1, i64 %i\n"
                      "  store i64 3, ptr %x1\n";
  return {{"add", loopKernel("add", 3, add), {}},
          {"twice", loopKernel("twice", 2, twice), {}},
          {"count", loopKernel("count", 2, count), {}},
          {"refuse",
           "define i32 @refuse(ptr %a, i64 %b, i64 %e, ptr %s) {\n"
           "  ret i32 2\n"
           "}\n",
           {{"first", "never"}, {"node_7 (Gather, opset 13)", "bad index"}}}};
}

static constexpr const char *kKernels = R"(
  kernel.func @add(%a: tensor<?xf32>, %b: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
      attributes {num_outputs = 1, arg_dims = array<i64: 0, 0, 0>, schedule = #kernel.schedule<"loops", grid = [1]>} {
    kernel.return %o : tensor<?xf32>
  }
  kernel.func @twice(%a: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
      attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>, schedule = #kernel.schedule<"loops", grid = [1]>} {
    kernel.return %o : tensor<?xf32>
  }
  kernel.func @count(%a: tensor<?xf32>, %o: tensor<1xi64>, %n: index) -> tensor<1xi64>
      attributes {num_outputs = 1, arg_dims = array<i64: 0>} {
    kernel.return %o : tensor<1xi64>
  }
  kernel.func @refuse(%a: tensor<?xf32>, %o: tensor<?xf32>, %n: index) -> tensor<?xf32>
      attributes {num_outputs = 1, arg_dims = array<i64: 0, 0>} {
    kernel.return %o : tensor<?xf32>
  }
)";

std::string nacre::test::moduleText(const std::string &main) {
  return std::string("module {") + kKernels + main + "}";
}

static llvm::SmallVector<char, 0> compileKernel(const TestKernel &kernel) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module =
      llvm::parseAssemblyString(kernel.ir, diagnostic, context);
  if (!module)
    diagnostic.print("kernel", llvm::errs());
  llvm::Triple triple(llvm::sys::getProcessTriple());
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine(
      llvm::TargetRegistry::lookupTarget(triple, error)
          ->createTargetMachine(triple, "", "", {}, llvm::Reloc::PIC_));
  module->setDataLayout(machine->createDataLayout());
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream os(bytes);
  llvm::legacy::PassManager passes;
  machine->addPassesToEmitFile(passes, os, nullptr,
                               llvm::CodeGenFileType::ObjectFile);
  passes.run(*module);
  return bytes;
}

//===-- modules -----------------------------------------------------------===//

static std::unique_ptr<MLIRContext> makeContext() {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  registry.insert<kernel::KernelDialect, program::ProgramDialect>();
  program::registerBufferization(registry);
  return std::make_unique<MLIRContext>(registry);
}

codegen::HostModule
CompiledModule::describe(const std::string &exportName) const {
  codegen::HostModule host;
  host.module = *program;
  host.exportName = exportName;
  for (const TestKernel &kernel : elementKernels()) {
    codegen::KernelInfo info;
    info.name = info.symbol = kernel.name;
    info.source = "test";
    info.checks = kernel.checks;
    host.kernels.push_back(info);
  }
  return host;
}

CompiledModule::CompiledModule(const std::string &text,
                               const std::string &exportName)
    : context(makeContext()) {
  program = parseSourceString<ModuleOp>(text, context.get());
  if (!program)
    return;
  PassManager pm(context.get());
  program::buildProgramPipeline(pm);
  if (failed(pm.run(*program)))
    return;
  FailureOr<codegen::Weights> weights = codegen::Weights::get(*program);
  if (failed(weights))
    return;
  constants = std::make_unique<codegen::Weights>(*weights);
  auto host = codegen::compileHost(describe(exportName));
  if (failed(host))
    return;
  objects.push_back({"host.o", std::move(*host)});
  for (const TestKernel &kernel : elementKernels())
    objects.push_back({kernel.name + ".o", compileKernel(kernel)});
}

CompiledModule::~CompiledModule() = default;

std::vector<codegen::LinkObject> CompiledModule::links() const {
  std::vector<codegen::LinkObject> links;
  for (auto &[name, bytes] : objects)
    links.push_back({name, bytes});
  return links;
}

std::string CompiledModule::hostText(codegen::CodegenOptions::Emit emit) const {
  auto text = codegen::compileHost(describe("nacre_model"), emit);
  return failed(text) ? "" : std::string(text->begin(), text->end());
}

//===-- running -----------------------------------------------------------===//

Runner::Runner(const nacre_descriptor *descriptor) {
  if (nacre_model_from_descriptor(descriptor, nullptr, &model) == NACRE_OK)
    nacre_context_create(model, nullptr, &context);
}

Runner::Runner(const std::string &path) {
  if (nacre_model_load(path.c_str(), nullptr, &model) == NACRE_OK)
    nacre_context_create(model, nullptr, &context);
}

Runner::~Runner() {
  nacre_context_destroy(context);
  nacre_model_destroy(model);
}

std::string Runner::error() const {
  return context ? nacre_context_error(context) : nacre_last_error();
}

nacre_status Runner::run(std::vector<nacre_tensor> inputs, size_t numOutputs) {
  if (!context)
    return NACRE_BAD_ARTIFACT;
  outputs.assign(numOutputs, nacre_tensor{sizeof(nacre_tensor), 0, 0, 0,
                                          nullptr, nullptr, 0});
  std::vector<const nacre_tensor *> in;
  std::vector<nacre_tensor *> out;
  for (nacre_tensor &tensor : inputs)
    in.push_back(&tensor);
  for (nacre_tensor &tensor : outputs)
    out.push_back(&tensor);
  return nacre_context_run(context, in.data(), in.size(), out.data(),
                           out.size());
}
