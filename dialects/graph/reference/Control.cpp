//===- Control.cpp - Functions, if and loop -------------------------------===//
#include "dialects/graph/reference/Evaluation.h"

using namespace mlir;

namespace nacre::graph::reference {

namespace detail {
LogicalResult evaluateFlat(Operation *op, llvm::ArrayRef<Tensor> operands,
                           llvm::SmallVectorImpl<Tensor> &results,
                           std::string &error, const Options &options);
} // namespace detail

namespace {

/// Runs blocks. Values of enclosing blocks stay visible to regions.
class Interpreter {
public:
  Interpreter(const Options &options, std::string &error)
      : options(options), error(error) {}

  /// Runs `block` on its arguments and returns the terminator's operands.
  LogicalResult runBlock(Block &block, llvm::ArrayRef<Tensor> arguments,
                         llvm::SmallVectorImpl<Tensor> &yielded);
  LogicalResult runOp(Operation *op, llvm::ArrayRef<Tensor> operands,
                      llvm::SmallVectorImpl<Tensor> &results);

private:
  using Deaths = llvm::DenseMap<Operation *, llvm::SmallVector<Value, 2>>;

  LogicalResult runIf(IfOp op, llvm::ArrayRef<Tensor> operands,
                      llvm::SmallVectorImpl<Tensor> &results);
  LogicalResult runLoop(LoopOp op, llvm::ArrayRef<Tensor> operands,
                        llvm::SmallVectorImpl<Tensor> &results);
  LogicalResult stack(LoopOp op, unsigned result,
                      llvm::ArrayRef<llvm::SmallVector<Tensor>> rounds,
                      unsigned position, Evaluation &e);
  LogicalResult operandsOf(Operation *op,
                           llvm::SmallVectorImpl<Tensor> &operands);
  /// Values of a block by the op of the block that uses them last.
  const Deaths &deathsIn(Block &block);

  const Options &options;
  std::string &error;
  llvm::DenseMap<Value, Tensor> values;
  llvm::DenseMap<Block *, std::unique_ptr<Deaths>> deaths;
};

} // namespace

const Interpreter::Deaths &Interpreter::deathsIn(Block &block) {
  auto [entry, isNew] = deaths.try_emplace(&block);
  if (!isNew)
    return *entry->second;
  entry->second = std::make_unique<Deaths>();
  Deaths &result = *entry->second;
  auto add = [&](Value value, Operation *definer) {
    Operation *last = definer;
    for (Operation *user : value.getUsers()) {
      Operation *inBlock = block.findAncestorOpInBlock(*user);
      if (inBlock && (!last || last->isBeforeInBlock(inBlock)))
        last = inBlock;
    }
    if (last)
      result[last].push_back(value);
  };
  for (BlockArgument argument : block.getArguments())
    add(argument, nullptr);
  for (Operation &op : block)
    for (Value value : op.getResults())
      add(value, &op);
  return result;
}

LogicalResult Interpreter::operandsOf(Operation *op,
                                      llvm::SmallVectorImpl<Tensor> &operands) {
  for (Value operand : op->getOperands()) {
    auto found = values.find(operand);
    if (found == values.end()) {
      llvm::SmallVector<Tensor> none;
      return Evaluation(op, {}, none, options, error)
          .fail("an operand is not known here");
    }
    operands.push_back(found->second);
  }
  return success();
}

LogicalResult Interpreter::runBlock(Block &block,
                                    llvm::ArrayRef<Tensor> arguments,
                                    llvm::SmallVectorImpl<Tensor> &yielded) {
  const Deaths &dying = deathsIn(block);
  for (auto [argument, tensor] :
       llvm::zip_equal(block.getArguments(), arguments))
    values[argument] = tensor;
  for (Operation &op : block) {
    llvm::SmallVector<Tensor> operands, results;
    if (failed(operandsOf(&op, operands)))
      return failure();
    if (op.hasTrait<OpTrait::IsTerminator>()) {
      yielded.assign(operands.begin(), operands.end());
    } else {
      if (failed(runOp(&op, operands, results)))
        return failure();
      for (auto [value, tensor] : llvm::zip_equal(op.getResults(), results))
        values[value] = std::move(tensor);
    }
    auto dead = dying.find(&op);
    if (dead != dying.end())
      for (Value value : dead->second)
        values.erase(value);
  }
  return success();
}

LogicalResult Interpreter::runOp(Operation *op, llvm::ArrayRef<Tensor> operands,
                                 llvm::SmallVectorImpl<Tensor> &results) {
  if (auto branch = dyn_cast<IfOp>(op))
    return runIf(branch, operands, results);
  if (auto loop = dyn_cast<LoopOp>(op))
    return runLoop(loop, operands, results);
  return detail::evaluateFlat(op, operands, results, error, options);
}

LogicalResult Interpreter::runIf(IfOp op, llvm::ArrayRef<Tensor> operands,
                                 llvm::SmallVectorImpl<Tensor> &results) {
  Evaluation e(op, operands, results, options, error);
  if (operands[0].size() != 1)
    return e.fail("the condition is not one element");
  Region &taken = operands[0].bits(0) ? op.getThenRegion() : op.getElseRegion();
  llvm::SmallVector<Tensor> yielded;
  if (failed(runBlock(taken.front(), {}, yielded)))
    return failure();
  for (Tensor &tensor : yielded)
    if (failed(e.give(std::move(tensor))))
      return failure();
  return success();
}

LogicalResult
Interpreter::stack(LoopOp op, unsigned result,
                   llvm::ArrayRef<llvm::SmallVector<Tensor>> rounds,
                   unsigned position, Evaluation &e) {
  auto type = cast<RankedTensorType>(op.getResult(result).getType());
  Dims dims(type.getShape());
  if (rounds.empty()) {
    // Nothing was scanned, so nothing tells the dims that the type does not.
    for (int64_t &dim : dims)
      dim = ShapedType::isDynamic(dim) ? 0 : dim;
    dims[0] = 0;
    return e.give(e.make(dims, result));
  }
  const Tensor &first = rounds.front()[position];
  dims.assign(1, rounds.size());
  dims.append(first.dims().begin(), first.dims().end());
  Tensor stacked = e.make(dims, result);
  if (!stacked)
    return failure();
  char *to = stacked.rawMutable();
  for (const auto &round : rounds) {
    if (round[position].dims() != first.dims())
      return e.fail("a scanned value changes its dims from " +
                    text(first.dims()) + " to " + text(round[position].dims()));
    std::memcpy(to, round[position].raw(), first.bytes());
    to += first.bytes();
  }
  return e.give(std::move(stacked));
}

LogicalResult Interpreter::runLoop(LoopOp op, llvm::ArrayRef<Tensor> operands,
                                   llvm::SmallVectorImpl<Tensor> &results) {
  Evaluation e(op, operands, results, options, error);
  if (operands[0].size() != 1 || operands[1].size() != 1)
    return e.fail("the trip count or the condition is not one element");
  int64_t trips = operands[0].integer(0);
  bool goOn = operands[1].bits(0);
  llvm::SmallVector<Tensor> carried(operands.drop_front(2));
  unsigned numCarried = carried.size();
  std::vector<llvm::SmallVector<Tensor>> rounds;
  int64_t bytes = 0;
  for (int64_t i = 0; i < trips && goOn; ++i) {
    if (i == options.maxIterations)
      return e.fail("runs more than " + llvm::Twine(i) + " times");
    llvm::SmallVector<Tensor> arguments, yielded;
    arguments.push_back(Tensor::scalar(op.getContext(), i));
    arguments.append(carried.begin(), carried.end());
    if (failed(runBlock(op.getBody().front(), arguments, yielded)))
      return failure();
    goOn = yielded.front().bits(0);
    carried.assign(yielded.begin() + 1, yielded.begin() + 1 + numCarried);
    rounds.emplace_back(yielded.begin() + 1 + numCarried, yielded.end());
    for (const Tensor &tensor : rounds.back())
      bytes += tensor.bytes();
    if (bytes > options.maxBytes)
      return e.fail("scanned values are over the limit of " +
                    llvm::Twine(options.maxBytes) + " bytes");
  }
  for (Tensor &tensor : carried)
    if (failed(e.give(std::move(tensor))))
      return failure();
  for (unsigned k = numCarried; k < op->getNumResults(); ++k)
    if (failed(stack(op, k, rounds, k - numCarried, e)))
      return failure();
  return success();
}

//===-- Entry points --------------------------------------------------------//

/// Hands an error on: to the caller, or to the context's diagnostics. The
/// location stands in both.
static void report(Operation *op, const std::string &text, std::string *error) {
  if (error)
    *error = text;
  else
    op->emitError(text);
}

LogicalResult evaluate(Operation *op, llvm::ArrayRef<Tensor> operands,
                       llvm::SmallVectorImpl<Tensor> &results,
                       std::string *error, const Options &options) {
  std::string reason;
  results.clear();
  if (succeeded(Interpreter(options, reason).runOp(op, operands, results)))
    return success();
  results.clear();
  report(op, reason, error);
  return failure();
}

FailureOr<llvm::SmallVector<Tensor>>
evaluateFunction(func::FuncOp function, llvm::ArrayRef<Tensor> inputs,
                 std::string *error, const Options &options) {
  std::string reason;
  llvm::SmallVector<Tensor> results, none;
  Evaluation e(function, inputs, none, options, reason);
  bool fits =
      !function.isExternal() && function.getNumArguments() == inputs.size();
  if (!fits)
    (void)e.fail("the function has " +
                 llvm::Twine(function.getFunctionType().getNumInputs()) +
                 " arguments, but " + llvm::Twine(inputs.size()) +
                 " inputs were given");
  if (fits && succeeded(Interpreter(options, reason)
                            .runBlock(function.front(), inputs, results)))
    return results;
  report(function, reason, error);
  return failure();
}

} // namespace nacre::graph::reference
