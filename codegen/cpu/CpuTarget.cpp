#include "codegen/common/LowerKernel.h"
#include "codegen/cpu/Cpu.h"

#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"

#include <unistd.h>

using namespace mlir;
using namespace nacre;
using namespace nacre::codegen;
using cpu::Processor;

/// What `describe` records; every fact of the tables in
/// dialects/kernel/README.md.
static constexpr llvm::StringLiteral kCpu = "cpu", kFeatures = "features",
                                     kTriple = "triple";

/// Features that code may use and runtime/core/features.cc can detect. Those
/// that are about privileged or special-purpose instructions are left out: no
/// generated code holds them.
static constexpr llvm::StringLiteral kRelevant[] = {"cx16",
                                                    "sse3",
                                                    "ssse3",
                                                    "sse4.1",
                                                    "sse4.2",
                                                    "popcnt",
                                                    "movbe",
                                                    "avx",
                                                    "f16c",
                                                    "fma",
                                                    "avx2",
                                                    "bmi",
                                                    "bmi2",
                                                    "lzcnt",
                                                    "avx512f",
                                                    "avx512cd",
                                                    "avx512dq",
                                                    "avx512bw",
                                                    "avx512vl",
                                                    "avx512ifma",
                                                    "avx512vbmi",
                                                    "avx512vbmi2",
                                                    "avx512vnni",
                                                    "avx512bitalg",
                                                    "avx512vpopcntdq",
                                                    "avx512bf16",
                                                    "avx512fp16",
                                                    "avxvnni",
                                                    "avxifma",
                                                    "avxvnniint8",
                                                    "avxneconvert",
                                                    "avxvnniint16",
                                                    "gfni",
                                                    "vaes",
                                                    "vpclmulqdq",
                                                    "sse4a",
                                                    "xop",
                                                    "fma4",
                                                    "tbm",
                                                    "adx"};

static const llvm::Target *lookUp(StringRef triple, std::string &error) {
  static const bool initialized = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    return true;
  }();
  (void)initialized;
  return llvm::TargetRegistry::lookupTarget(llvm::Triple(triple), error);
}

static const llvm::Target *lookUp(StringRef triple, Location loc) {
  std::string error;
  const llvm::Target *target = lookUp(triple, error);
  if (!target)
    emitError(loc) << "no code generator for " << triple << ": " << error;
  return target;
}

/// This machine's processor, with what the operating system lets it use.
static Processor hostProcessor() {
  llvm::SubtargetFeatures features;
  for (const auto &feature : llvm::sys::getHostCPUFeatures())
    features.AddFeature(feature.first(), feature.second);
  return {llvm::sys::getDefaultTargetTriple(),
          llvm::sys::getHostCPUName().str(), features.getString()};
}

static FailureOr<Processor> findProcessor(StringRef name, Location loc) {
  if (name.empty() || name == "native")
    return hostProcessor();
  Processor processor{llvm::sys::getDefaultTargetTriple(), name.str(), ""};
  const llvm::Target *target = lookUp(processor.triple, loc);
  if (!target)
    return failure();
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      target->createMCSubtargetInfo(llvm::Triple(processor.triple), "", ""));
  if (info->isCPUStringValid(name))
    return processor;
  emitError(loc) << "unknown processor '" << name
                 << "'; expected 'native' or a name of LLVM's such as "
                    "'x86-64-v3' or 'znver4'";
  return failure();
}

static std::unique_ptr<llvm::MCSubtargetInfo>
subtargetOf(const Processor &processor) {
  std::string error;
  const llvm::Target *target = lookUp(processor.triple, error);
  return std::unique_ptr<llvm::MCSubtargetInfo>(target->createMCSubtargetInfo(
      llvm::Triple(processor.triple), processor.name, processor.features));
}

static int64_t systemValue(int name, int64_t fallback) {
  long value = sysconf(name);
  return value > 0 ? value : fallback;
}

static kernel::TargetAttr describe(MLIRContext &context,
                                   const TargetOptions &options, Location loc) {
  FailureOr<Processor> processor = findProcessor(options.processor, loc);
  if (failed(processor) || !lookUp(processor->triple, loc))
    return {};
  loadKernelDialects(context);
  std::unique_ptr<llvm::MCSubtargetInfo> info = subtargetOf(*processor);
  bool wide = info->checkFeatures("+avx512f");
  Builder b(&context);
  SmallVector<NamedAttribute> facts;
  auto add = [&](StringRef key, int64_t value) {
    facts.push_back(b.getNamedAttr(key, b.getI64IntegerAttr(value)));
  };
  bool vnni =
      info->checkFeatures("+avx512vnni") || info->checkFeatures("+avxvnni");
  add("vector_bits", wide ? 512 : info->checkFeatures("+avx") ? 256 : 128);
  add("vector_registers", wide ? 32 : 16);
  add("fma", info->checkFeatures("+fma"));
  add("convert_f16", info->checkFeatures("+f16c"));
  add("dot_i8", vnni);
  add("l1_bytes", systemValue(_SC_LEVEL1_DCACHE_SIZE, 32 * 1024));
  add("l2_bytes", systemValue(_SC_LEVEL2_CACHE_SIZE, 1024 * 1024));
  add("cores", systemValue(_SC_NPROCESSORS_ONLN, 1));
  facts.push_back(b.getNamedAttr(kCpu, b.getStringAttr(processor->name)));
  facts.push_back(
      b.getNamedAttr(kFeatures, b.getStringAttr(processor->features)));
  facts.push_back(b.getNamedAttr(kTriple, b.getStringAttr(processor->triple)));
  return kernel::TargetAttr::get(&context, "cpu", b.getDictionaryAttr(facts));
}

Processor cpu::processorOf(kernel::TargetAttr target) {
  if (!target)
    return hostProcessor();
  auto text = [&](StringRef key) -> std::string {
    auto value = target.getFacts().getAs<StringAttr>(key);
    return value ? value.str() : "";
  };
  Processor processor{text(kTriple), text(kCpu), text(kFeatures)};
  return processor.triple.empty() ? hostProcessor() : processor;
}

static std::vector<std::string> features(kernel::TargetAttr target) {
  std::unique_ptr<llvm::MCSubtargetInfo> info =
      subtargetOf(cpu::processorOf(target));
  std::vector<std::string> names;
  for (StringRef name : kRelevant)
    if (info->checkFeatures(("+" + name).str()))
      names.push_back(name.str());
  return names;
}

static FailureOr<KernelCode> compile(kernel::FuncOp kernel,
                                     const CodegenOptions &options) {
  KernelCode code;
  kernel::TargetAttr target = kernel.getTargetAttr();
  OwningOpRef<ModuleOp> module = lowerKernel(
      kernel, options,
      [&](OpPassManager &pm) { cpu::buildPipeline(pm, options.checkBounds); },
      code);
  if (!module || failed(cpu::serialize(*module, target, options, code)))
    return failure();
  return code;
}

namespace nacre::codegen {

Target cpuTarget();

Target cpuTarget() {
  return {/*name=*/"cpu",
          /*summary=*/"CPUs through LLVM, threads over the grid", describe,
          features, compile};
}

} // namespace nacre::codegen
