//===- GraphElementwise.cpp - Random elementwise ops ----------------------===//
#include "test/fuzz/GraphGenerator.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::fuzz;

/// Number of operands that an op's traits fix, 0 if they do not.
static unsigned numOperands(RegisteredOperationName name) {
  if (name.hasTrait<OpTrait::OneOperand>())
    return 1;
  if (name.hasTrait<OpTrait::NOperands<2>::Impl>())
    return 2;
  return name.hasTrait<OpTrait::NOperands<3>::Impl>() ? 3 : 0;
}

/// A value for an attribute, by its name; the op's constraints refuse what is
/// not of its type.
Attribute GraphGenerator::elementwiseAttribute(StringRef name) {
  if (name == "predicate")
    return graph::PredicateAttr::get(
        &context, *graph::symbolizePredicate(unsigned(between(0, 5))));
  if (name == "to")
    return TypeAttr::get(elementType());
  return b.getBoolAttr(chance(50));
}

void GraphGenerator::elementwise() {
  SmallVector<RegisteredOperationName> names = llvm::filter_to_vector(
      context.getRegisteredOperationsByDialect(
          graph::GraphDialect::getDialectNamespace()),
      [](RegisteredOperationName name) {
        return name.hasInterface<graph::ElementwiseOpInterface>() &&
               numOperands(name) > 0;
      });
  RegisteredOperationName name = pick(names);
  Value first = any();
  if (!first)
    return;
  // Types are guessed: mostly all alike, or a condition and its values.
  for (int attempt = 0; attempt < 6; ++attempt) {
    SmallVector<Value> operands{first};
    Attributes attributes;
    bool isSelect = name.getStringRef().ends_with("select");
    if (isSelect)
      operands[0] = companion(b.getI1Type(), dimsOf(first));
    Type type = isSelect     ? typeOf(first)
                : chance(85) ? typeOf(first)
                             : elementType();
    while (operands.size() < numOperands(name))
      operands.push_back(companion(type, dimsOf(first)));
    for (StringAttr attribute : name.getAttributeNames())
      attributes.push_back(
          b.attr(attribute.getValue(), elementwiseAttribute(attribute)));
    if (!emit(name.getStringRef(), 1, operands, attributes).empty())
      return;
    // The op may not take elements of this type.
    if (Value other = attempt % 2 ? real(0) : any())
      first = other;
  }
}

void GraphGenerator::cast() {
  emit<graph::CastOp>(
      any(), {b.attr("to", TypeAttr::get(elementType())), coin("saturate")});
}

void GraphGenerator::quantize() {
  Value input = real(0);
  if (!input)
    return;
  auto scaled = [&](Type type, ArrayRef<int64_t> dims) -> Value {
    // Along one axis, for all, or in blocks of one.
    Sizes own(dims);
    int64_t axis = own.empty() ? 0 : between(0, own.size() - 1);
    for (auto [k, dim] : llvm::enumerate(own))
      if (int64_t(k) != axis)
        dim = 1;
    if (chance(40))
      own.clear();
    return fresh(type, own);
  };
  Tensor steps = Tensor::zeros(typeOf(input), {});
  steps.setReal(0, pick(std::initializer_list<double>{0.5, 0.25, 0.1, 2}));
  Value scale =
      chance(60) ? fresh(steps) : scaled(typeOf(input), dimsOf(input));
  Value zero = scaled(elementType(), dimsOf(input));
  if (!scale || !zero)
    return;
  auto made = emit<graph::QuantizeOp>({input, scale, zero}, coin("saturate"));
  if (!made.empty() && chance(50))
    emit<graph::DequantizeOp>({made.front(), scale, zero}, {});
}
