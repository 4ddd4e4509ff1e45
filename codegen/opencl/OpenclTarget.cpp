#include "codegen/common/LowerKernel.h"
#include "codegen/opencl/Opencl.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::codegen;

/// What may be named by `--cpu`: what every device can do, or 64-bit floats
/// too.
static constexpr llvm::StringLiteral kBase = "base", kFp64 = "fp64";

static kernel::TargetAttr describe(MLIRContext &context,
                                   const TargetOptions &options, Location loc) {
  StringRef profile = options.processor;
  if (profile.empty() || profile == "native")
    profile = kBase;
  if (profile != kBase && profile != kFp64) {
    emitError(loc) << "unknown processor '" << profile << "'; expected '"
                   << kBase << "' or '" << kFp64 << "'";
    return {};
  }
  loadKernelDialects(context);
  Builder b(&context);
  SmallVector<NamedAttribute> facts;
  auto add = [&](StringRef key, int64_t value) {
    facts.push_back(b.getNamedAttr(key, b.getI64IntegerAttr(value)));
  };
  // An artifact runs on whatever device there is, so these are of none: more
  // work items than any one has units, each as small as it can be.
  add("own_memory", 1);
  add("vector_bits", 32);
  add("cores", 1 << 18);
  add("point_work", 1);
  add("group_items", 64);
  add("stack_bytes", 4096);
  add("f64", profile == kFp64);
  facts.push_back(b.getNamedAttr("cpu", b.getStringAttr(profile)));
  return kernel::TargetAttr::get(&context, "opencl",
                                 b.getDictionaryAttr(facts));
}

/// Features of the host's processor: device code needs none.
static std::vector<std::string> features(kernel::TargetAttr) { return {}; }

static FailureOr<KernelCode> compile(kernel::FuncOp kernel,
                                     const CodegenOptions &options) {
  KernelCode code;
  code.isEmbedded = true;
  OwningOpRef<ModuleOp> module = lowerKernel(
      kernel, options,
      [&](OpPassManager &pm) {
        opencl::buildPipeline(pm, options.checkBounds);
      },
      code);
  llvm::raw_svector_ostream os(code.object);
  if (!module || failed(opencl::serialize(*module, os)))
    return failure();
  keepHostFunctions(std::move(module), code);
  return code;
}

namespace nacre::codegen {

Target openclTarget();

Target openclTarget() {
  return {/*name=*/"opencl",
          /*summary=*/
          "any device with an OpenCL 1.2 driver, one work item per "
          "grid point",
          describe, features, compile};
}

} // namespace nacre::codegen
