#include "codegen/cpu/test/KernelRunner.h"

#include "codegen/common/Passes.h"
#include "codegen/cpu/Cpu.h"

#include "nacre/abi.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"

#include <cmath>
#include <cstdlib>
#include <random>
#include <time.h>

using namespace mlir;
using namespace nacre;
using namespace nacre::codegen;
using test::RunOptions;

namespace {

constexpr size_t kGuard = 256;
constexpr unsigned char kGuardByte = 0xa5;

/// A tensor with guard bytes on both sides.
struct Buffer {
  RankedTensorType type;
  SmallVector<int64_t> shape;
  int64_t count = 1;
  size_t elementBytes = 0;
  std::vector<unsigned char> storage;

  Buffer(RankedTensorType type, SmallVector<int64_t> dims)
      : type(type), shape(std::move(dims)) {
    for (int64_t size : shape)
      count *= size;
    elementBytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8u);
    storage.assign(bytes() + 2 * kGuard + 64, kGuardByte);
  }
  size_t bytes() const { return count * elementBytes; }
  unsigned char *data() {
    auto address = reinterpret_cast<uintptr_t>(storage.data()) + kGuard;
    return reinterpret_cast<unsigned char *>(llvm::alignTo(address, 64));
  }
  bool guarded() {
    unsigned char *begin = data(), *last = begin + bytes();
    for (size_t i = 0; i < kGuard - 64; ++i)
      if (begin[-1 - ptrdiff_t(i)] != kGuardByte || last[i] != kGuardByte)
        return false;
    return true;
  }
};

double readElement(Buffer &buffer, int64_t i) {
  unsigned char *p = buffer.data() + i * buffer.elementBytes;
  Type element = buffer.type.getElementType();
  uint64_t bits = 0;
  memcpy(&bits, p, buffer.elementBytes);
  if (auto type = dyn_cast<FloatType>(element)) {
    llvm::APFloat value(
        type.getFloatSemantics(),
        APInt(type.getWidth(),
              bits & llvm::maskTrailingOnes<uint64_t>(type.getWidth())));
    bool lost;
    value.convert(llvm::APFloat::IEEEdouble(),
                  llvm::APFloat::rmNearestTiesToEven, &lost);
    return value.convertToDouble();
  }
  unsigned width = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  return width == 1 ? double(bits & 1)
                    : double(llvm::SignExtend64(bits, width));
}

void writeElement(Buffer &buffer, int64_t i, double x) {
  Type element = buffer.type.getElementType();
  uint64_t bits;
  if (auto type = dyn_cast<FloatType>(element)) {
    llvm::APFloat value(x);
    bool lost;
    value.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                  &lost);
    bits = value.bitcastToAPInt().getZExtValue();
  } else {
    bits =
        element.isInteger(1) ? (x > 0) : uint64_t(int64_t(std::floor(x * 3)));
    unsigned width = element.getIntOrFloatBitWidth();
    bits &= llvm::maskTrailingOnes<uint64_t>(width);
  }
  memcpy(buffer.data() + i * buffer.elementBytes, &bits, buffer.elementBytes);
}

std::unique_ptr<llvm::orc::LLJIT> link(ArrayRef<char> object) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  auto jit = cantFail(llvm::orc::LLJITBuilder().create());
  jit->getMainJITDylib().addGenerator(
      cantFail(llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
          jit->getDataLayout().getGlobalPrefix())));
  cantFail(jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(
      StringRef(object.data(), object.size()))));
  return jit;
}

/// One op, one loop nest; temporaries from malloc.
LogicalResult lowerPlainly(ModuleOp module, bool checkBounds) {
  PassManager pm(module.getContext());
  pm.addPass(createCodegenOpenKernelPass());
  pm.addNestedPass<func::FuncOp>(createCodegenWidenStoragePass());
  pm.addNestedPass<func::FuncOp>(createCodegenGeneralizePass());
  pm.addPass(createCodegenBufferizePass());
  pm.addNestedPass<func::FuncOp>(createCodegenLowerLoopsPass());
  if (checkBounds)
    pm.addNestedPass<func::FuncOp>(createCodegenCheckBoundsPass());
  pm.addNestedPass<func::FuncOp>(createCodegenLowerChecksPass());
  pm.addNestedPass<func::FuncOp>(createCodegenExpandFloatsPass());
  CodegenExpandMathPassOptions library;
  library.libraryOnly = true;
  pm.addPass(createCodegenExpandMathPass(library));
  pm.addPass(createCodegenKernelAbiPass());
  pm.addPass(createCodegenToLLVMPass());
  return pm.run(module);
}

FailureOr<KernelCode> compilePlainly(kernel::FuncOp kernel, bool checkBounds) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  kernel::FuncOp copy = kernel.clone();
  copy.removeScheduleAttr();
  module->push_back(copy);
  KernelCode code;
  code.symbol = kernel.getSymName().str();
  if (failed(lowerPlainly(*module, checkBounds)))
    return failure();
  if (failed(cpu::emitUnchecked(*module, kernel.getTargetAttr(), code)))
    return failure();
  return code;
}

SmallVector<Buffer> makeBuffers(kernel::FuncOp kernel,
                                const RunOptions &options) {
  SmallVector<Buffer> buffers;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> values(options.low, options.high);
  for (unsigned i = 0; i < kernel.getNumTensorArguments(); ++i) {
    auto type = cast<RankedTensorType>(kernel.getArgumentTypes()[i]);
    SmallVector<int64_t> shape(type.getShape());
    for (int64_t d = 0; d < type.getRank(); ++d)
      if (type.isDynamicDim(d))
        shape[d] = options.dims[kernel.getDimArgument(i, d)];
    buffers.emplace_back(type, shape);
    if (i < kernel.getNumInputs())
      for (int64_t k = 0; k < buffers.back().count; ++k)
        writeElement(buffers.back(), k, values(random));
  }
  return buffers;
}

int64_t gridPoints(kernel::FuncOp kernel, const Buffer &output) {
  int64_t points = 1;
  if (auto schedule = kernel.getScheduleAttr())
    for (auto [d, tile] : llvm::enumerate(schedule.getGrid()))
      if (tile)
        points *= llvm::divideCeil(output.shape[d], tile);
  return points;
}

/// Loaded code with everything a call needs.
struct Runner {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  nacre_kernel_fn function;
  SmallVector<nacre_word> words;
  std::vector<char> scratch;

  Runner(const KernelCode &code, SmallVectorImpl<Buffer> &buffers,
         ArrayRef<int64_t> dims)
      : jit(link(code.object)) {
    function = cantFail(jit->lookup(code.symbol)).toPtr<nacre_kernel_fn>();
    for (Buffer &buffer : buffers) {
      nacre_word word;
      word.pointer = buffer.data();
      words.push_back(word);
    }
    for (int64_t dim : dims) {
      nacre_word word;
      word.scalar = dim;
      words.push_back(word);
    }
    uint64_t bytes = code.scratchBytes;
    if (!code.scratchSymbol.empty())
      bytes = cantFail(jit->lookup(code.scratchSymbol))
                  .toPtr<nacre_scratch_fn>()(words.data());
    scratch.resize(bytes + 64);
  }
  int32_t run(int64_t begin, int64_t end) {
    auto address =
        llvm::alignTo(reinterpret_cast<uintptr_t>(scratch.data()), 64);
    return function(words.data(), begin, end,
                    reinterpret_cast<void *>(address));
  }
};

/// Greatest difference relative to the greatest expected value.
double difference(Buffer &got, Buffer &expected) {
  double worst = 0, scale = 1e-30;
  for (int64_t i = 0; i < got.count; ++i) {
    double g = readElement(got, i), e = readElement(expected, i);
    if (std::isnan(g) && std::isnan(e))
      continue;
    if (g == e)
      continue;
    if (!std::isfinite(g) || !std::isfinite(e))
      return INFINITY;
    worst = std::max(worst, std::fabs(g - e));
  }
  for (int64_t i = 0; i < got.count; ++i)
    if (double e = readElement(expected, i); std::isfinite(e))
      scale = std::max(scale, std::fabs(e));
  return worst / scale;
}

double seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/// Multiply-adds per second that one core can do, in FLOP/s: independent sums
/// enough to hide the latency.
#if defined(__x86_64__)
__attribute__((target("avx512f"))) double peakFlops512() {
  typedef float Vector __attribute__((vector_size(64)));
  Vector sums[24] = {}, x = Vector{} + 0.5f, y = Vector{} + 0.25f;
  double best = INFINITY;
  constexpr int kSteps = 200000;
  for (int run = 0; run < 5; ++run) {
    double start = seconds();
    for (int i = 0; i < kSteps; ++i) {
#pragma clang loop unroll(full)
      for (Vector &sum : sums) {
#pragma clang fp contract(fast)
        sum = x * y + sum;
      }
      asm volatile("" : "+v"(x), "+v"(y));
    }
    best = std::min(best, seconds() - start);
  }
  for (Vector &sum : sums)
    asm volatile("" : : "v"(sum));
  return 2. * 16 * 24 * kSteps / best;
}
#endif

double measurePeakFlops() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    return peakFlops512();
#endif
  return 0;
}

double peakFlops() {
  static const double peak = measurePeakFlops();
  return peak;
}

void measure(Runner &runner, int64_t points, const RunOptions &options) {
  double best = INFINITY, total = 0;
  for (int i = 0; i < 3 || (total < 0.1 && i < 10000); ++i) {
    double start = seconds();
    runner.run(0, points);
    double taken = seconds() - start;
    best = std::min(best, taken);
    total += taken;
  }
  llvm::outs() << "  " << llvm::format("%.2f us", best * 1e6);
  if (options.flops <= 0)
    return;
  llvm::outs() << llvm::format("  %.1f GFLOP/s", options.flops / best * 1e-9);
  if (double peak = peakFlops())
    llvm::outs() << llvm::format("  %.2f of peak", options.flops / best / peak);
}

} // namespace

int test::compareWithPlain(kernel::FuncOp kernel, const KernelCode &code,
                           const RunOptions &options) {
  FailureOr<KernelCode> plain = compilePlainly(kernel, options.checkBounds);
  if (failed(plain))
    return 1;
  SmallVector<Buffer> got = makeBuffers(kernel, options);
  SmallVector<Buffer> expected = makeBuffers(kernel, options);
  Runner runner(code, got, options.dims),
      reference(*plain, expected, options.dims);
  unsigned firstOutput = kernel.getNumInputs();
  int64_t points = gridPoints(kernel, got[firstOutput]);
  int32_t status = 0;
  for (int64_t part = 0; part < 3 && status == 0; ++part)
    if (int64_t begin = points * part / 3, end = points * (part + 1) / 3;
        begin < end)
      status = runner.run(begin, end);
  int32_t expectedStatus = reference.run(0, 1);
  double worst = 0;
  bool guarded = true;
  for (size_t i = 0; i < got.size(); ++i) {
    guarded &= got[i].guarded();
    if (status == 0)
      worst = std::max(worst, difference(got[i], expected[i]));
  }
  bool ok = guarded && worst <= options.rtol &&
            (status == 0) == (expectedStatus == 0);
  llvm::outs() << (ok ? "ok " : "FAILED ") << kernel.getSymName() << " status "
               << status << " difference " << llvm::format("%.2e", worst)
               << (guarded ? "" : " wrote outside its outputs");
  if (options.time)
    measure(runner, points, options);
  llvm::outs() << "\n";
  return ok ? 0 : 1;
}
