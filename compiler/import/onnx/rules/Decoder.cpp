// What BeamSearch and GreedySearch ask for the next token: a decoder with its
// own past (GPT), or one behind an encoder (T5, Whisper).
#include "compiler/import/onnx/rules/Decoder.h"
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Types.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;
using Values = Node::Values;

/// Whether the first input has a second dim of 1.
static bool readsOneToken(const proto::GraphProto &graph) {
  const auto &shape = graph.input(0).type().tensor_type().shape();
  return shape.dim_size() == 2 && shape.dim(1).dim_value() == 1;
}

bool Decoder::read() {
  step = n.subgraph("decoder");
  first = n.hasAttr("init_decoder") ? n.subgraph("init_decoder") : step;
  encoder = n.hasAttr("encoder") ? n.subgraph("encoder") : nullptr;
  if (n.failed())
    return false;
  if (step->input_size() < 2 || step->output_size() < 1)
    return n.error() << "has a decoder without inputs or outputs", false;
  // What an encoder has seen need not be read again, and its decoder may say
  // that it takes one token at a time.
  wholeSequence = encoder && !readsOneToken(*step);
  return true;
}

Value Decoder::repeat(Value x) {
  if (!n.checkRank(x, 1))
    return {};
  Value shape = n.concat({n.dimOf(x, 0), beams, n.dimsOf(x, 1, n.rank(x))}, 0);
  Node::Ints starts{0};
  for (int64_t k = 2; k <= n.rank(x); ++k)
    starts.push_back(k);
  return n.collapse(n.broadcast(n.unsqueeze(x, {1}), shape), starts);
}

/// Imports a subgraph: inputs that have a name of `named`, then the states.
/// What follows its first output are the states from then on.
Value Decoder::run(const proto::GraphProto &graph, const Named &named) {
  Values inputs;
  size_t kept = 0;
  Values past = states;
  past.append(crossed.begin(), crossed.end());
  for (const proto::ValueInfoProto &input : graph.input()) {
    auto found = named.find(input.name());
    Value value = found != named.end() ? found->second
                  : kept < past.size() ? past[kept++]
                                       : Value();
    Type type =
        elementType(n.b.getContext(), input.type().tensor_type().elem_type());
    if (!value && !n.failed())
      n.error() << "has a subgraph " << quoted(graph.name())
                << " with an input " << quoted(input.name())
                << ", which nothing is known for";
    if (n.failed())
      return {};
    inputs.push_back(type ? n.cast(value, type) : value);
  }
  if (kept != past.size() && !n.failed())
    n.error() << "has a subgraph " << quoted(graph.name()) << " that takes "
              << kept << " states, expected " << past.size();
  if (n.failed())
    return {};
  auto results = n.importer.importBody(graph, n.frame, n.scope, inputs);
  if (mlir::failed(results) || results->empty()) {
    n.fail();
    return {};
  }
  states.assign(results->begin() + 1, results->end());
  return results->front();
}

/// [rows, tokens, vocabulary] to what follows the last token.
Value Decoder::lastLogits(Value logits) {
  if (!n.checkRank(logits, 3, 3))
    return {};
  Value last = n.slice(logits, n.i64s({-1}), n.i64s({INT64_MAX}), {1}, {1});
  return n.cast(n.squeeze(last, {1}), n.b.getF32Type());
}

//===-- With an encoder
//-----------------------------------------------------===//

Values Decoder::encode() {
  Type i64 = n.b.getI64Type();
  Value start = startIds;
  if (!start)
    start = n.broadcast(n.i64(startToken),
                        n.concat({n.dimOf(input, 0), n.i64s({1})}, 0));
  Value seen = mask;
  if (!seen && !n.isFloat(input))
    seen =
        n.cast(n.compare(Predicate::ne, n.cast(input, i64), n.i64(pad)), i64);
  prompt = repeat(n.cast(start, i64));
  fixed["encoder_input_ids"] = repeat(input);
  fixed["decoder_input_ids"] = prompt;
  if (seen)
    fixed["encoder_attention_mask"] = repeat(seen);
  Value logits = run(*encoder, fixed);
  if (n.failed())
    return {};
  // logits, hidden states, states of the decoder, and those of the encoder.
  size_t kept = step->output_size() - 1;
  if (states.size() != 1 + 2 * kept) {
    n.error() << "has an encoder with " << states.size() + 1
              << " outputs, expected logits, hidden states and " << 2 * kept
              << " states";
    return {};
  }
  fixed["encoder_hidden_states"] = states[0];
  crossed.assign(states.begin() + 1 + kept, states.end());
  states = Values(states.begin() + 1, states.begin() + 1 + kept);
  return {logits};
}

//===-- Alone
//---------------------------------------------------------------===//

/// A past of no tokens: [2, rows, heads, 0, size] as the subgraph declares it.
Value Decoder::emptyPast(const proto::GraphProto &graph, unsigned index) {
  const auto &type = graph.input(index).type().tensor_type();
  Type element = elementType(n.b.getContext(), type.elem_type());
  const auto &dims = type.shape().dim();
  if (!element || dims.size() != 5 || !dims[2].has_dim_value() ||
      !dims[4].has_dim_value()) {
    if (!n.failed())
      n.error() << "has a decoder whose past "
                << quoted(graph.input(index).name())
                << " is not declared as [2, batch, heads, past, size]";
    return {};
  }
  Value rows = n.dimOf(prompt, 0);
  Value shape = n.concat({n.i64s({2}), rows, n.i64s({dims[2].dim_value()}),
                          n.i64s({0, dims[4].dim_value()})},
                         0);
  return n.broadcast(n.scalar(element, 0), shape);
}

/// Ids, positions and mask of one pass over the first `length` tokens of `ids`:
/// over all of them, or over the last.
Decoder::Named Decoder::gptInputs(Value ids, Value length, bool isFirst) {
  Type i64 = n.b.getI64Type();
  Value seen = mask ? repeat(n.cast(mask, i64))
                    : n.cast(n.compare(Predicate::ne, prompt, n.i64(pad)), i64);
  Value behind = n.sub(n.unsqueeze(length, {0}), n.dimOf(prompt, 1));
  if (!isFirst)
    seen =
        n.concat({seen, n.broadcast(n.i64(1),
                                    n.concat({n.dimOf(prompt, 0), behind}, 0))},
                 1);
  Value places = n.make<graph::ScanOp>(
      {seen}, {n.b.attr("axis", int64_t(1)),
               n.b.attr("kind", graph::ScanKindAttr::get(n.b.getContext(),
                                                         graph::ScanKind::sum)),
               n.b.flag("exclusive", false), n.b.flag("reverse", false)});
  places = n.max(n.sub(places, 1), 0.0);
  Value read = ids;
  if (!isFirst) {
    Value end = n.unsqueeze(length, {0}), from = n.sub(end, 1);
    read = n.slice(ids, from, end, {1}, {1});
    places = n.slice(places, from, end, {1}, {1});
  }
  Named named;
  named["input_ids"] = read;
  named["position_ids"] = places;
  named["attention_mask"] = seen;
  return named;
}

//===-- Both
//----------------------------------------------------------------===//

Value Decoder::firstIds() {
  if (encoder) {
    Values logits = encode();
    if (logits.empty())
      return {};
    fixed["logits"] = logits.front();
  } else if (n.checkRank(input, 2, 2)) {
    prompt = repeat(n.cast(input, n.b.getI64Type()));
  }
  return prompt;
}

Value Decoder::begin() {
  if (n.failed())
    return {};
  if (encoder)
    return lastLogits(fixed.lookup("logits"));
  for (int index = 3; index < first->input_size(); ++index)
    states.push_back(emptyPast(*first, index));
  Value length = n.toScalar(n.dimOf(prompt, 1));
  return lastLogits(run(*first, gptInputs(prompt, length, true)));
}

Value Decoder::next(Value ids, Value length) {
  if (!encoder)
    return lastLogits(run(*step, gptInputs(ids, length, false)));
  Value end = n.unsqueeze(length, {0});
  Value from = wholeSequence ? n.i64s({0}) : n.sub(end, 1);
  Named named = fixed;
  named["input_ids"] = n.slice(ids, from, end, {1}, {1});
  return lastLogits(run(*step, named));
}

void Decoder::reorder(Value rows) {
  for (Value &state : states)
    state = n.gather(state, rows, encoder ? 0 : 1);
}
