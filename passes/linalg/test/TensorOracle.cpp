//===- TensorOracle.cpp - Compare stage `tensor` with the oracle ----------===//
//
//   nacre-tensor-oracle FILE.mlir [FUNCTION]
//
// Runs every function of graph ops in FILE twice on the same made-up inputs: by
// the oracle, and as what `graph-to-linalg` makes of it. Attributes:
//
//   test.dims = [2, 3]     of an argument: its sizes (default: of its type)
//   test.range = [-3, 3]   of an argument: least and greatest element
//   test.fails             of a function: the run reports a failed check
//   test.tolerance = 1e-2  of a function: relative to the greatest element
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/Graph.h"
#include "dialects/graph/reference/Interpreter.h"
#include "dialects/kernel/Kernel.h"
#include "dialects/program/Program.h"
#include "passes/linalg/Passes.h"
#include "passes/linalg/test/PlainLowering.h"

#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/TargetSelect.h"

#include <cmath>
#include <csetjmp>
#include <random>

using namespace mlir;
using namespace nacre;
using graph::reference::Tensor;

/// Prints what failed; set where one function is asked for by name.
static bool verbose;
static bool checkFailed;
static std::jmp_buf stopped;

static void kernelCheck(bool condition) { checkFailed |= !condition; }
static void hostCheck(bool condition) {
  if (condition)
    return;
  checkFailed = true;
  std::longjmp(stopped, 1);
}

//===-- Inputs
//---------------------------------------------------------------===//

static std::optional<std::pair<double, double>> rangeOf(func::FuncOp func,
                                                        unsigned i) {
  auto range = func.getArgAttrOfType<ArrayAttr>(i, "test.range");
  if (!range || range.size() != 2)
    return std::nullopt;
  auto number = [](Attribute attr) {
    if (auto real = dyn_cast<FloatAttr>(attr))
      return real.getValueAsDouble();
    return double(cast<IntegerAttr>(attr).getInt());
  };
  return std::make_pair(number(range[0]), number(range[1]));
}

static FailureOr<Tensor> makeInput(func::FuncOp func, unsigned i,
                                   std::mt19937 &random) {
  auto type = cast<RankedTensorType>(func.getArgumentTypes()[i]);
  SmallVector<int64_t> dims(type.getShape());
  if (auto given = func.getArgAttrOfType<ArrayAttr>(i, "test.dims"))
    for (auto [dim, size] : llvm::zip(dims, given))
      dim = cast<IntegerAttr>(size).getInt();
  if (llvm::any_of(dims, ShapedType::isDynamic))
    return func.emitError("argument ")
           << i << " has dynamic dims; expected test.dims";
  Type element = type.getElementType();
  bool isFloat = isa<FloatType>(element);
  auto [low, high] = rangeOf(func, i).value_or(
      isFloat ? std::make_pair(-2.0, 2.0)
      : element.isInteger(1) || element.isUnsignedInteger()
          ? std::make_pair(0.0, element.isInteger(1) ? 1.0 : 9.0)
          : std::make_pair(-9.0, 9.0));
  Tensor tensor = Tensor::zeros(element, dims);
  std::uniform_real_distribution<double> reals(low, high);
  std::uniform_int_distribution<int64_t> integers{int64_t(low), int64_t(high)};
  for (int64_t k = 0; k < tensor.size(); ++k)
    if (isFloat)
      tensor.setReal(k, reals(random));
    else
      tensor.setInteger(k, integers(random));
  return tensor;
}

//===-- Compiled code
//----------------------------------------------------------===//

static void describe(SmallVectorImpl<int64_t> &out, const char *data,
                     ArrayRef<int64_t> dims) {
  out.append({int64_t(data), int64_t(data), 0});
  llvm::append_range(out, dims);
  SmallVector<int64_t> strides(dims.size(), 1);
  for (int64_t i = int64_t(dims.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * dims[i + 1];
  llvm::append_range(out, strides);
}

/// Calls `name` on memref descriptors; fills results of the given types.
static LogicalResult call(ExecutionEngine &engine, StringRef name,
                          ArrayRef<Tensor> inputs, TypeRange resultTypes,
                          SmallVectorImpl<Tensor> &results) {
  auto packed = engine.lookupPacked(("_mlir_ciface_" + name).str());
  if (!packed) {
    llvm::errs() << toString(packed.takeError()) << "\n";
    return failure();
  }
  SmallVector<SmallVector<int64_t>> descriptors(inputs.size());
  SmallVector<int64_t> returned;
  for (Type type : resultTypes)
    returned.append(3 + 2 * cast<RankedTensorType>(type).getRank(), 0);
  void *result = returned.data();
  SmallVector<void *> arguments;
  SmallVector<void *> pointers(inputs.size() + 1, nullptr);
  if (!resultTypes.empty()) {
    pointers[0] = result;
    arguments.push_back(&pointers[0]);
  }
  for (auto [i, input] : llvm::enumerate(inputs)) {
    describe(descriptors[i], input.raw(), input.dims());
    pointers[i + 1] = descriptors[i].data();
    arguments.push_back(&pointers[i + 1]);
  }
  checkFailed = false;
  if (setjmp(stopped) == 0)
    (*packed)(arguments.data());
  if (checkFailed)
    return success();
  const int64_t *at = returned.data();
  for (Type type : resultTypes) {
    auto tensor = cast<RankedTensorType>(type);
    int64_t rank = tensor.getRank();
    const char *data = reinterpret_cast<const char *>(at[1]) +
                       at[2] * Tensor::bytesOf(tensor.getElementType());
    results.push_back(
        Tensor::view(tensor.getElementType(), ArrayRef(at + 3, rank), data));
    at += 3 + 2 * rank;
  }
  return success();
}

//===-- Comparison
//---------------------------------------------------------------===//

static double toleranceOf(func::FuncOp func, Type element) {
  if (auto given = func->getAttrOfType<FloatAttr>("test.tolerance"))
    return given.getValueAsDouble();
  if (!isa<FloatType>(element))
    return 0;
  return element.isF64() ? 1e-12 : element.isF32() ? 1e-5 : 1e-2;
}

static LogicalResult compare(func::FuncOp func, unsigned i,
                             const Tensor &expected, const Tensor &actual) {
  if (expected.dims() != actual.dims()) {
    auto diag = func.emitError("result ") << i << " has shape [";
    llvm::interleaveComma(actual.dims(), diag);
    diag << "]; expected [";
    llvm::interleaveComma(expected.dims(), diag);
    return diag << "]";
  }
  double scale = 1;
  for (int64_t k = 0; k < expected.size(); ++k)
    if (std::isfinite(expected.real(k)))
      scale = std::max(scale, std::fabs(expected.real(k)));
  double tolerance = toleranceOf(func, expected.elementType()) * scale;
  for (int64_t k = 0; k < expected.size(); ++k) {
    double e = expected.real(k), a = actual.real(k);
    bool same = e == a || (std::isnan(e) && std::isnan(a)) ||
                std::fabs(e - a) <= tolerance;
    if (!same)
      return func.emitError("result ") << i << " differs at element " << k
                                       << ": " << a << "; expected " << e;
  }
  return success();
}

/// Runs one function both ways.
static LogicalResult check(func::FuncOp func) {
  std::mt19937 random(1);
  SmallVector<Tensor> inputs;
  for (unsigned i = 0; i < func.getNumArguments(); ++i) {
    FailureOr<Tensor> input = makeInput(func, i, random);
    if (failed(input))
      return failure();
    inputs.push_back(*input);
  }
  bool fails = func->hasAttr("test.fails");
  SmallVector<Tensor> expected;
  if (!fails) {
    auto run = graph::reference::evaluateFunction(func, inputs);
    if (failed(run))
      return failure();
    expected = std::move(*run);
  }
  OwningOpRef<ModuleOp> module = ModuleOp::create(func.getLoc());
  module->push_back(func.clone());
  PassManager pm(func.getContext());
  pm.addNestedPass<func::FuncOp>(lower::createGraphToLinalgPass());
  if (failed(pm.run(*module)))
    return failure();
  OwningOpRef<ModuleOp> before = module->clone();
  auto fail = [&](const Twine &what) {
    if (verbose)
      before->dump();
    return func.emitError(what);
  };
  if (failed(lower::lowerPlainly(*module)))
    return fail("what graph-to-linalg makes of this cannot be lowered");
  ExecutionEngineOptions options;
  auto engine = ExecutionEngine::create(*module, options);
  if (!engine)
    return fail(toString(engine.takeError()));
  (*engine)->registerSymbols([](llvm::orc::MangleAndInterner interner) {
    llvm::orc::SymbolMap map;
    auto add = [&](StringRef name, void (*function)(bool)) {
      map[interner(name)] = {llvm::orc::ExecutorAddr::fromPtr(function),
                             llvm::JITSymbolFlags::Exported};
    };
    add(lower::kHostCheckName, hostCheck);
    add(lower::kKernelCheckName, kernelCheck);
    return map;
  });
  SmallVector<Tensor> actual;
  if (failed(call(**engine, func.getName(), inputs, func.getResultTypes(),
                  actual)))
    return failure();
  if (checkFailed != fails)
    return fail(fails ? "ran; expected a failed check" : "a check failed");
  for (auto [i, pair] : llvm::enumerate(llvm::zip(expected, actual)))
    if (failed(compare(func, i, std::get<0>(pair), std::get<1>(pair)))) {
      if (verbose)
        before->dump();
      return failure();
    }
  return success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  if (argc < 2)
    return 2;
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  registry.insert<graph::GraphDialect, kernel::KernelDialect,
                  program::ProgramDialect>();
  registerAllPasses();
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(argv[1], &context);
  if (!module)
    return 1;
  verbose = argc > 2;
  bool failed = false;
  for (func::FuncOp func : module->getOps<func::FuncOp>()) {
    if (argc > 2 && func.getName() != argv[2])
      continue;
    bool ok = succeeded(check(func));
    llvm::outs() << func.getName() << (ok ? ": ok\n" : ": FAILED\n");
    failed |= !ok;
  }
  return failed;
}
