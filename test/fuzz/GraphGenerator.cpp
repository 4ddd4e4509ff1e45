#include "test/fuzz/GraphGenerator.h"

#include "dialects/graph/reference/Interpreter.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::fuzz;

/// Tensors of more elements are not made: the reference is slow.
static constexpr int64_t kMaxElements = 1 << 16;
/// A result of more elements ends the growth.
static constexpr int64_t kMaxTotal = 1 << 18;

GraphGenerator::GraphGenerator(MLIRContext &context, uint64_t seed)
    : context(context), random(seed), shapes(&context), b(&context, shapes),
      loc(UnknownLoc::get(&context)) {
  context.loadDialect<graph::GraphDialect, func::FuncDialect>();
}

OwningOpRef<ModuleOp> GraphGenerator::make() {
  // What does not fit is dropped; its message is of no use.
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  b.setInsertionPointToEnd(module->getBody());
  function = func::FuncOp::create(b, loc, "main", b.getFunctionType({}, {}));
  body = function.addEntryBlock();
  b.setInsertionPointToEnd(body);
  openness = pick(std::initializer_list<int>{0, 40, 100});

  int weights = 0;
  for (const Weighted &each : families())
    weights += each.weight;
  int64_t wanted = chance(50) ? between(1, 3) : between(4, 16);
  for (int64_t attempt = 0; attempt < 20 * wanted; ++attempt) {
    int at = int(between(1, weights));
    for (const Weighted &each : families())
      if ((at -= each.weight) <= 0) {
        (this->*each.family)();
        break;
      }
    int64_t made = 0, total = 0;
    for (Operation &op : *body)
      made += !isa<graph::ConstantOp>(op);
    for (auto &[value, tensor] : tensors)
      total += tensor.size();
    if (made >= wanted || total > kMaxTotal)
      break;
  }
  finish();
  return module;
}

/// Values that nothing reads become results, and a few others.
void GraphGenerator::finish() {
  SmallVector<Value> results;
  for (Operation &op : *body)
    for (Value value : op.getResults())
      if (isa<graph::ConstantOp>(op) ? false : value.use_empty() || chance(10))
        results.push_back(value);
  if (results.empty())
    results.push_back(of(b.getF32Type(), {2}));
  func::ReturnOp::create(b, loc, results);
  function.setType(FunctionType::get(&context, function.getArgumentTypes(),
                                     ValueRange(results).getTypes()));
  for (auto unused :
       llvm::make_early_inc_range(body->getOps<graph::ConstantOp>()))
    if (unused.use_empty())
      unused.erase();
}

SmallVector<Value, 2>
GraphGenerator::emit(StringRef name, unsigned numResults, ValueRange operands,
                     ArrayRef<NamedAttribute> attributes) {
  if (llvm::any_of(operands, [](Value value) { return !value; }))
    return {};
  Operation *op = b.createOp(loc, name, numResults, operands, attributes);
  if (!op)
    return {};
  SmallVector<Tensor> inputs, results;
  for (Value operand : operands)
    inputs.push_back(tensorOf(operand));
  graph::reference::Options limits;
  limits.maxBytes = kMaxElements * 8;
  limits.maxSteps = int64_t(1) << 22;
  std::string error;
  if (failed(graph::reference::evaluate(op, inputs, results, &error, limits))) {
    for (Value result : op->getResults())
      shapes.forget(result);
    op->erase();
    return {};
  }
  for (auto [value, tensor] : llvm::zip_equal(op->getResults(), results)) {
    tensors[value] = tensor;
    values.push_back(value);
  }
  return SmallVector<Value, 2>(op->getResults());
}

//===-- Values ------------------------------------------------------------===//

Value GraphGenerator::any() {
  return any([](const Tensor &) { return true; });
}

Value GraphGenerator::any(llvm::function_ref<bool(const Tensor &)> accept) {
  // What was made last is taken more often: chains, not stars.
  SmallVector<Value> fits;
  for (Value value : values)
    if (accept(tensorOf(value)))
      fits.push_back(value);
  if (!fits.empty() && chance(85))
    return chance(50) ? fits.back() : pick(fits);
  Tensor tensor = Tensor::zeros(elementType(), sizes(between(0, 4)));
  if (!accept(tensor))
    return fits.empty() ? Value() : pick(fits);
  fill(tensor, false);
  return fresh(tensor);
}

Value GraphGenerator::ofRank(int64_t least, int64_t most) {
  auto fits = [&](const Tensor &tensor) {
    return tensor.rank() >= least && tensor.rank() <= most;
  };
  if (Value value = any(fits))
    return value;
  return fresh(elementType(), sizes(between(least, most)));
}

Value GraphGenerator::real(int64_t least, int64_t most) {
  auto fits = [&](const Tensor &tensor) {
    Type type = tensor.elementType();
    return tensor.rank() >= least && tensor.rank() <= most &&
           isa<FloatType>(type) && Tensor::bitsOf(type) >= 16;
  };
  if (Value value = any(fits))
    return value;
  return fresh(floatType(), sizes(between(least, std::min(most, least + 2))));
}

Value GraphGenerator::of(Type element, ArrayRef<int64_t> dims) {
  auto fits = [&](const Tensor &tensor) {
    return tensor.elementType() == element && tensor.dims() == dims;
  };
  SmallVector<Value> same = llvm::filter_to_vector(
      values, [&](Value value) { return fits(tensorOf(value)); });
  return !same.empty() && chance(70) ? pick(same) : fresh(element, dims);
}

Value GraphGenerator::companion(Type element, ArrayRef<int64_t> dims) {
  auto fits = [&](Value value) {
    ArrayRef<int64_t> other = dimsOf(value);
    int64_t count = 1;
    for (size_t k = 0; k < std::max(dims.size(), other.size()); ++k) {
      int64_t x = k < dims.size() ? dims[dims.size() - 1 - k] : 1;
      int64_t y = k < other.size() ? other[other.size() - 1 - k] : 1;
      if (x != y && x != 1 && y != 1)
        return false;
      count *= x == 1 ? y : x;
    }
    return typeOf(value) == element && count <= kMaxElements;
  };
  SmallVector<Value> known = llvm::filter_to_vector(values, fits);
  if (!known.empty() && chance(70))
    return pick(known);
  Sizes own(dims);
  if (chance(30) && !own.empty())
    own.erase(own.begin(), own.begin() + between(0, own.size()));
  for (int64_t &dim : own)
    if (chance(20))
      dim = 1;
  return fresh(element, own);
}

Value GraphGenerator::fresh(Type element, ArrayRef<int64_t> dims) {
  Tensor tensor = Tensor::zeros(element, dims);
  if (!tensor || tensor.size() > kMaxElements)
    return {};
  fill(tensor, false);
  return fresh(tensor);
}

Value GraphGenerator::fresh(Tensor tensor) {
  return tensor.size() <= 64 && chance(25) ? constant(tensor)
                                           : argument(tensor);
}

Value GraphGenerator::constant(const Tensor &tensor) {
  ElementsAttr value = tensor.toAttr();
  if (!value)
    return {};
  Value result = b.constant(loc, value);
  tensors[result] = tensor;
  values.push_back(result);
  return result;
}

int64_t GraphGenerator::openDim(int64_t size, Attribute &symbol) {
  symbol = b.getI64IntegerAttr(size);
  if (!chance(openness))
    return size;
  // Equal names mean equal sizes; equal sizes need not have equal names.
  symbol = b.getStringAttr(
      (chance(80) ? "S" : "T" + std::to_string(between(0, 3)) + "_") +
      std::to_string(size));
  return ShapedType::kDynamic;
}

Value GraphGenerator::argument(const Tensor &tensor) {
  SmallVector<int64_t> dims;
  SmallVector<Attribute> symbols;
  for (int64_t size : tensor.dims()) {
    Attribute &symbol = symbols.emplace_back();
    dims.push_back(openDim(size, symbol));
  }
  unsigned at = function.getNumArguments();
  auto type = RankedTensorType::get(dims, tensor.elementType());
  NamedAttrList attributes;
  attributes.set(graph::kNameAttrName,
                 b.getStringAttr("x" + std::to_string(at)));
  if (llvm::any_of(dims, ShapedType::isDynamic))
    attributes.set(graph::kDimsAttrName, b.getArrayAttr(symbols));
  attributes.set(kValueAttrName, asDense(tensor));
  if (failed(function.insertArgument(at, type,
                                     attributes.getDictionary(&context), loc)))
    return {};
  Value value = body->getArgument(at);
  tensors[value] = tensor;
  values.push_back(value);
  return value;
}

DenseElementsAttr nacre::fuzz::asDense(const Tensor &tensor) {
  auto type = RankedTensorType::get(tensor.dims(), tensor.elementType());
  if (tensor.elementType().isInteger(1)) {
    SmallVector<bool> values(tensor.raw(), tensor.raw() + tensor.size());
    return DenseElementsAttr::get(type, values);
  }
  return DenseElementsAttr::getFromRawBuffer(
      type, ArrayRef(tensor.raw(), tensor.bytes()));
}

//===-- Numbers -----------------------------------------------------------===//

int64_t GraphGenerator::size() {
  static constexpr int64_t larger[] = {9, 13, 16, 17, 31, 32, 33, 64, 65, 130};
  int64_t luck = between(1, 100);
  if (luck <= 2)
    return 0;
  if (luck <= 25)
    return 1;
  return luck <= 85 ? between(2, 8) : pick(larger);
}

GraphGenerator::Sizes GraphGenerator::sizes(int64_t rank) {
  int64_t limit = chance(95) ? 2048 : kMaxElements;
  while (true) {
    Sizes result;
    int64_t count = 1;
    for (int64_t k = 0; k < rank; ++k) {
      result.push_back(limit > 2048 && chance(50) ? between(50, 400) : size());
      count *= result.back();
    }
    if (count <= limit)
      return result;
  }
}

GraphGenerator::Sizes GraphGenerator::someAxes(int64_t rank, bool atLeastOne) {
  Sizes axes = permutation(rank);
  if (rank > 0)
    axes.resize(between(atLeastOne, rank));
  return axes;
}

GraphGenerator::Sizes GraphGenerator::permutation(int64_t rank) {
  Sizes result = llvm::to_vector<6>(llvm::seq<int64_t>(0, rank));
  for (int64_t k = rank - 1; k > 0; --k)
    std::swap(result[k], result[between(0, k)]);
  return result;
}

Type GraphGenerator::floatType() {
  int64_t luck = between(1, 100);
  return luck <= 60   ? Type(b.getF32Type())
         : luck <= 75 ? Type(b.getF64Type())
         : luck <= 88 ? Type(b.getF16Type())
                      : Type(b.getBF16Type());
}

Type GraphGenerator::elementType() {
  if (chance(55))
    return floatType();
  auto integer = [&](unsigned width, bool isUnsigned) {
    return Type(IntegerType::get(&context, width,
                                 isUnsigned ? IntegerType::Unsigned
                                            : IntegerType::Signless));
  };
  if (chance(20))
    return b.getI1Type();
  if (chance(80))
    return integer(pick(std::initializer_list<unsigned>{8, 16, 32, 64, 64, 32}),
                   chance(40));
  if (chance(40))
    return integer(pick(std::initializer_list<unsigned>{2, 4}), chance(50));
  return pick(std::initializer_list<Type>{
      Float8E4M3FNType::get(&context), Float8E4M3FNUZType::get(&context),
      Float8E5M2Type::get(&context), Float8E5M2FNUZType::get(&context),
      Float4E2M1FNType::get(&context)});
}

/// Fills by one of a few habits: small whole numbers, on which arithmetic is
/// exact; numbers of usual size; all bits.
void GraphGenerator::fill(Tensor &tensor, bool keepSmall) {
  Type type = tensor.elementType();
  int64_t habit = between(0, keepSmall ? 1 : 3);
  bool isUnsigned = type.isInteger(1) || type.isUnsignedInteger();
  // Squares of these are still finite: where a sum overflows on the way depends
  // on its order.
  static constexpr double special[] = {0.0,  -0.0,  INFINITY, -INFINITY, NAN,
                                       1e15, 1e-15, -1e15,    65504,     0.5};
  tensor.rawMutable();
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (!isa<FloatType>(type)) {
      if (habit < 3)
        tensor.setInteger(i, isUnsigned ? between(0, 7) : between(-4, 4));
      else
        tensor.setBits(i, random());
      continue;
    }
    double unit = double(between(-(1 << 24), 1 << 24)) / (1 << 24);
    if (habit == 0)
      tensor.setReal(i, double(between(-4, 4)));
    else if (habit == 3 && chance(30))
      tensor.setReal(i, pick(special));
    else
      tensor.setReal(i, habit == 1 ? 2 * unit : 20 * unit);
  }
}
