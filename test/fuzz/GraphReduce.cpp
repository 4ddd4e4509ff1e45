#include "test/fuzz/GraphReduce.h"

#include "test/fuzz/GraphCheck.h"
#include "test/fuzz/GraphGenerator.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::fuzz;

namespace {

class Reducer {
public:
  explicit Reducer(func::FuncOp main) : main(main) {}

  unsigned count();
  /// False if the change cannot be made.
  bool change(unsigned at);
  void dropUnused();

private:
  void keepResults(ArrayRef<unsigned> kept);
  bool cutAbove(Operation *op);
  bool closeDims();
  Value addInput(const Tensor &tensor, RankedTensorType type);
  Block &body() { return main.getBody().front(); }

  func::FuncOp main;
};

} // namespace

void Reducer::keepResults(ArrayRef<unsigned> kept) {
  Operation *end = body().getTerminator();
  SmallVector<Value> values;
  for (unsigned i : kept)
    values.push_back(end->getOperand(i));
  end->setOperands(values);
  main.setType(FunctionType::get(main.getContext(), main.getArgumentTypes(),
                                 ValueRange(values).getTypes()));
  main.removeResAttrsAttr();
}

Value Reducer::addInput(const Tensor &tensor, RankedTensorType type) {
  unsigned at = main.getNumArguments();
  Builder b(main.getContext());
  NamedAttrList attributes;
  attributes.set(kValueAttrName, asDense(tensor));
  if (failed(main.insertArgument(
          at, type, attributes.getDictionary(b.getContext()), main.getLoc())))
    return {};
  return body().getArgument(at);
}

/// op(...) -> an input
bool Reducer::cutAbove(Operation *op) {
  FailureOr<SmallVector<Tensor>> inputs = inputsOf(main);
  Values values;
  std::string error;
  if (failed(inputs))
    return false;
  // The reference may stop behind `op`.
  (void)runReference(main, *inputs, 0, values, error);
  for (Value result : op->getResults()) {
    auto known = values.find(result);
    if (result.use_empty())
      continue;
    if (known == values.end())
      return false;
    Value input =
        addInput(known->second, cast<RankedTensorType>(result.getType()));
    if (!input)
      return false;
    result.replaceAllUsesWith(input);
  }
  op->erase();
  return true;
}

/// Types of inputs as their elements have them; types behind them follow.
bool Reducer::closeDims() {
  bool changed = false;
  FailureOr<SmallVector<Tensor>> inputs = inputsOf(main);
  Values values;
  std::string error;
  if (failed(inputs) || failed(runReference(main, *inputs, 0, values, error)))
    return false;
  auto close = [&](Value value) {
    auto type = RankedTensorType::get(values[value].dims(),
                                      getElementTypeOrSelf(value.getType()));
    changed |= type != value.getType();
    value.setType(type);
  };
  for (BlockArgument argument : body().getArguments()) {
    close(argument);
    main.removeArgAttr(argument.getArgNumber(), graph::kDimsAttrName);
  }
  for (Operation &op : body().without_terminator())
    for (Value result : op.getResults())
      close(result);
  Operation *end = body().getTerminator();
  main.setType(FunctionType::get(main.getContext(), body().getArgumentTypes(),
                                 end->getOperandTypes()));
  return changed;
}

void Reducer::dropUnused() {
  SmallVector<Operation *> ops;
  for (Operation &op : body().without_terminator())
    ops.push_back(&op);
  for (Operation *op : llvm::reverse(ops))
    if (op->use_empty())
      op->erase();
  for (unsigned i = main.getNumArguments(); i-- > 0;)
    if (body().getArgument(i).use_empty())
      (void)main.eraseArgument(i);
}

unsigned Reducer::count() {
  unsigned results = main.getNumResults();
  return (results > 1 ? results : 0) + unsigned(body().getOperations().size());
}

bool Reducer::change(unsigned at) {
  unsigned results = main.getNumResults();
  if (results > 1) {
    if (at < results) {
      keepResults(at);
      return true;
    }
    at -= results;
  }
  // Instead of the terminator, which cannot be cut.
  if (at == 0)
    return closeDims();
  Block::reverse_iterator op = body().rbegin();
  return cutAbove(&*std::next(op, at));
}

/// Runs `visit` on the module in `text`, if it is one.
static void withModule(StringRef text,
                       llvm::function_ref<void(ModuleOp, func::FuncOp)> visit) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<graph::GraphDialect, func::FuncDialect>();
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(text, ParserConfig(&context));
  if (!module)
    return;
  if (auto main = module->lookupSymbol<func::FuncOp>("main"))
    visit(*module, main);
}

unsigned fuzz::countChanges(StringRef text) {
  unsigned count = 0;
  withModule(text, [&](ModuleOp, func::FuncOp main) {
    count = Reducer(main).count();
  });
  return count;
}

std::string fuzz::changed(StringRef text, unsigned at) {
  std::string result;
  withModule(text, [&](ModuleOp module, func::FuncOp main) {
    Reducer reducer(main);
    if (!reducer.change(at))
      return;
    reducer.dropUnused();
    if (failed(verify(module)))
      return;
    llvm::raw_string_ostream os(result);
    module.print(os);
  });
  return result;
}
