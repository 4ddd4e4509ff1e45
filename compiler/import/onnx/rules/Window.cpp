// Convolution and pooling.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::PoolKind;
using graph::ReduceKind;

enum AutoPad { NotSet, SameUpper, SameLower, Valid };

static AutoPad autoPad(Node &n) {
  return AutoPad(n.choice("auto_pad", "NOTSET",
                          {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"}));
}

/// An attribute with one entry per spatial dim (or two: pads), all at least
/// `least`.
static Node::Ints spatial(Node &n, StringRef name, size_t count,
                          int64_t otherwise, int64_t least) {
  Node::Ints values = n.ints(name, Node::Ints(count, otherwise));
  if (values.size() != count && !n.failed())
    n.error() << "has " << values.size() << " values in attribute '" << name
              << "', expected " << count;
  for (int64_t value : values)
    if ((value < least || value > INT32_MAX) && !n.failed())
      n.error() << "has " << value << " in attribute '" << name
                << "', expected at least " << least;
  values.resize(count, otherwise);
  return values;
}

/// What pads of SAME are on one axis: before, after.
static std::pair<int64_t, int64_t> same(AutoPad mode, int64_t total) {
  total = std::max<int64_t>(0, total);
  int64_t less = total / 2, more = total - less;
  return mode == SameUpper ? std::pair(less, more) : std::pair(more, less);
}

/// Pads of SAME where a stride makes them depend on dims known at run time
/// only: the input is padded by `value` before the window sees it.
static Value padSame(Node &n, Value x, AutoPad mode, const Window &window,
                     Value value) {
  int64_t rank = n.rank(x), dims = rank - 2;
  Node::Values pads(2 * rank, n.i64s({0}));
  for (int64_t k = 0; k < dims; ++k) {
    double stride = window.strides[k];
    double reach = (window.size[k] - 1) * window.dilations[k] + 1;
    Value size = n.dimOf(x, k + 2);
    Value out = n.div(n.add(size, stride - 1), stride);
    Value needed = n.add(n.mul(n.sub(out, 1), stride), reach);
    Value total = n.max(n.sub(needed, size), 0.0);
    Value less = n.div(total, 2), more = n.sub(total, less);
    pads[k + 2] = mode == SameUpper ? less : more;
    pads[rank + k + 2] = mode == SameUpper ? more : less;
  }
  return n.pad(x, n.concat(pads, 0), value);
}

/// Reads the attributes of a window of `window.size`. `fill` is what SAME pads
/// with.
static Value readWindow(Node &n, Value x, Window &window, Value fill) {
  size_t dims = window.size.size();
  AutoPad mode = autoPad(n);
  window.strides = spatial(n, "strides", dims, 1, 1);
  window.dilations = spatial(n, "dilations", dims, 1, 1);
  window.pads = spatial(n, "pads", 2 * dims, 0, 0);
  if (n.failed() || mode == NotSet)
    return n.failed() ? Value() : x;
  window.pads.assign(2 * dims, 0);
  if (mode == Valid)
    return x;
  bool dynamic = false;
  for (size_t k = 0; k < dims; ++k) {
    int64_t reach = (window.size[k] - 1) * window.dilations[k] + 1;
    int64_t stride = window.strides[k], size = n.dim(x, k + 2);
    dynamic |= ShapedType::isDynamic(size) && stride != 1;
    int64_t total =
        stride == 1 ? reach - 1
                    : (llvm::divideCeil(std::max<int64_t>(size, 0), stride) -
                       1) * stride +
                          reach - size;
    std::tie(window.pads[k], window.pads[dims + k]) = same(mode, total);
  }
  if (!dynamic)
    return x;
  window.pads.assign(2 * dims, 0);
  return padSame(n, x, mode, window, fill);
}

static SmallVector<NamedAttribute> windowAttrs(Node &n, const Window &window) {
  return {n.b.attr("strides", window.strides),
          n.b.attr("dilations", window.dilations),
          n.b.attr("pads", window.pads)};
}

//===-- Convolution
//---------------------------------------------------------===//

/// Sets the size of a convolution's window, which the weights give.
static bool kernelSize(Node &n, Value x, Value weight, Window &window) {
  if (!n.checkRank(x, 3) || !n.checkRank(weight, n.rank(x), n.rank(x)))
    return false;
  ArrayRef<int64_t> size = n.type(weight).getShape().drop_front(2);
  window.size = n.ints("kernel_shape", Node::Ints(size));
  if (ShapedType::isDynamicShape(size) && !n.hasAttr("kernel_shape"))
    n.error() << "has weights of unknown window size";
  else if (window.size.size() != size.size())
    n.error() << "has " << window.size.size()
              << " values in attribute 'kernel_shape', expected "
              << size.size();
  else
    for (auto [stated, actual] : llvm::zip(window.size, size))
      if (!ShapedType::isDynamic(actual) && stated != actual && !n.failed())
        n.error() << "has kernel_shape " << stated << " for weights of "
                  << actual;
  return !n.failed();
}

static int64_t groups(Node &n) {
  int64_t group = n.i("group", 1);
  if (group < 1 && !n.failed())
    n.error() << "has group " << group << ", expected at least 1";
  return group;
}

/// Pads the spatial dims of `x` with `fill` now, not in the window.
static Value padNow(Node &n, Value x, Window &window, Value fill) {
  if (!x || llvm::all_of(window.pads, [](int64_t pad) { return pad == 0; }))
    return x;
  size_t dims = window.size.size();
  Node::Ints pads(2 * (dims + 2), 0);
  for (size_t k = 0; k < dims; ++k) {
    pads[k + 2] = window.pads[k];
    pads[dims + 2 + k + 2] = window.pads[dims + k];
  }
  window.pads.assign(2 * dims, 0);
  return n.pad(x, n.i64s(pads), fill);
}

Value nacre::onnx::convolution(Node &n, Value x, Value weight, Value fill) {
  Window window;
  int64_t group = groups(n);
  if (!kernelSize(n, x, weight, window))
    return {};
  x = readWindow(n, x, window, fill ? fill : n.scalarLike(x, 0));
  if (fill)
    x = padNow(n, x, window, fill);
  SmallVector<NamedAttribute> attrs = windowAttrs(n, window);
  attrs.push_back(n.b.attr("groups", group));
  return n.make<graph::ConvOp>({x, weight}, attrs);
}

Value nacre::onnx::addChannels(Node &n, Value x, Value bias) {
  if (!x || !bias)
    return x;
  if (!n.checkRank(bias, 1, 1))
    return {};
  int64_t channels = n.dim(x, 1), found = n.dim(bias, 0);
  if (!ShapedType::isDynamic(channels) && !ShapedType::isDynamic(found) &&
      channels != found) {
    n.error() << "has " << found << " biases for " << channels << " channels";
    return {};
  }
  return n.add(x, n.alongAxis(bias, 1, n.rank(x)));
}

static LogicalResult importConv(Node &n) {
  Value x = n.operand(0), weight = n.operand(1), bias = n.optional(2);
  return n.result(addChannels(n, convolution(n, x, weight), bias));
}

/// Whether `zero` is a zero point that changes nothing.
static bool isZero(Node &n, Value zero) {
  std::optional<SmallVector<double>> known = n.knownNumbers(zero);
  return !zero ||
         (known && llvm::all_of(*known, [](double z) { return z == 0; }));
}

/// The sum over (x - xZero) * (w - wZero), written out so that the convolutions
/// stay those of bytes. Padding is at the zero point.
Value nacre::onnx::convolutionInteger(Node &n, Value x, Value weight,
                                      Value xZero, Value weightZero) {
  Type i32 = n.b.getI32Type();
  bool xCentred = isZero(n, xZero), wCentred = isZero(n, weightZero);
  Value fill = xCentred ? Value() : n.toScalar(xZero);
  Value sum = convolution(n, x, weight, fill);
  if (n.failed() || (xCentred && wCentred))
    return sum;
  int64_t rank = n.rank(x);
  Node::Ints window = llvm::to_vector(llvm::seq<int64_t>(1, rank));
  auto perChannel = [&](Value vector) {
    return n.rank(vector) == 0 ? vector : n.alongAxis(vector, 1, rank);
  };
  Value xOffset = xCentred ? n.scalar(i32, 0) : n.cast(n.toScalar(xZero), i32);
  if (!xCentred) {
    Value weights =
        n.reduce(ReduceKind::sum, n.cast(weight, i32), window, false);
    sum = n.sub(sum, n.mul(perChannel(weights), xOffset));
  }
  if (!wCentred) {
    Value offset = n.cast(weightZero, i32);
    offset = perChannel(n.dim(offset, 0) == 1 ? n.toScalar(offset) : offset);
    Value ones = n.broadcast(n.scalarLike(weight, 1), n.shapeOf(weight));
    Value inputs = convolution(n, x, ones, fill);
    inputs = n.sub(inputs, n.mul(n.count(weight, window, i32), xOffset));
    sum = n.sub(sum, n.mul(inputs, offset));
  }
  return sum;
}

static LogicalResult importConvInteger(Node &n) {
  Value x = n.operand(0), weight = n.operand(1);
  Value xZero = n.optional(2), weightZero = n.optional(3);
  if (!n.checkSameType({x, xZero}) || !n.checkSameType({weight, weightZero}))
    return failure();
  return n.result(convolutionInteger(n, x, weight, xZero, weightZero));
}

//===-- Transposed convolution
//----------------------------------------------===//

/// Pads of one axis so that the output is `wanted` long.
static void padTo(Window &window, Node::Ints &outputPadding, size_t k,
                  AutoPad mode, int64_t total) {
  size_t dims = window.size.size();
  // An output longer than the full one has zeros at its end.
  if (total < 0)
    outputPadding[k] -= total, total = 0;
  int64_t less = total / 2;
  window.pads[k] = mode == SameUpper ? less : total - less;
  window.pads[dims + k] = total - window.pads[k];
}

Value nacre::onnx::transposedConvolution(Node &n, Value x, Value weight) {
  Window window;
  int64_t group = groups(n);
  if (!kernelSize(n, x, weight, window))
    return {};
  size_t dims = window.size.size();
  AutoPad mode = autoPad(n);
  window.strides = spatial(n, "strides", dims, 1, 1);
  window.dilations = spatial(n, "dilations", dims, 1, 1);
  window.pads = spatial(n, "pads", 2 * dims, 0, 0);
  Node::Ints outputPadding = spatial(n, "output_padding", dims, 0, 0);
  Node::Ints outputShape = n.ints("output_shape");
  if (outputShape.size() == dims + 2)
    outputShape.erase(outputShape.begin(), outputShape.begin() + 2);
  if (n.failed())
    return {};
  if (!outputShape.empty() && outputShape.size() != dims) {
    n.error() << "has " << outputShape.size()
              << " values in attribute 'output_shape', expected " << dims;
    return {};
  }
  if (mode == Valid)
    window.pads.assign(2 * dims, 0);
  for (size_t k = 0; k < dims; ++k) {
    int64_t reach = (window.size[k] - 1) * window.dilations[k] + 1;
    int64_t stride = window.strides[k], size = n.dim(x, k + 2);
    if (!outputShape.empty() && ShapedType::isDynamic(size)) {
      n.error() << "has an output_shape, but its input has an open dim";
      return {};
    }
    if (!outputShape.empty())
      padTo(window, outputPadding, k, mode,
            stride * (size - 1) + outputPadding[k] + reach - outputShape[k]);
    else if (mode == SameUpper || mode == SameLower)
      padTo(window, outputPadding, k, mode, outputPadding[k] + reach - stride);
  }
  SmallVector<NamedAttribute> attrs = windowAttrs(n, window);
  attrs.push_back(n.b.attr("output_padding", outputPadding));
  attrs.push_back(n.b.attr("groups", group));
  return n.make<graph::ConvTransposeOp>({x, weight}, attrs);
}

static LogicalResult importConvTranspose(Node &n) {
  Value x = n.operand(0), weight = n.operand(1), bias = n.optional(2);
  return n.result(addChannels(n, transposedConvolution(n, x, weight), bias));
}

//===-- Pooling
//-------------------------------------------------------------===//

/// The window of a pool; null (and an error) if it is none.
static Value poolWindow(Node &n, Value x, Window &window, Value fill) {
  if (!n.checkRank(x, 3))
    return {};
  if (!n.hasAttr("kernel_shape")) {
    n.error() << "has no attribute 'kernel_shape' (ints)";
    return {};
  }
  window.size = spatial(n, "kernel_shape", n.rank(x) - 2, 1, 1);
  window.ceil = n.flag("ceil_mode", false);
  return n.failed() ? Value() : readWindow(n, x, window, fill);
}

static SmallVector<NamedAttribute> poolAttrs(Node &n, const Window &window) {
  SmallVector<NamedAttribute> attrs = windowAttrs(n, window);
  attrs.push_back(n.b.attr("window", window.size));
  attrs.push_back(n.b.flag("ceil_mode", window.ceil));
  return attrs;
}

static Value pool(Node &n, PoolKind kind, Value x, const Window &window) {
  SmallVector<NamedAttribute> attrs = poolAttrs(n, window);
  attrs.push_back(
      n.b.attr("kind", graph::PoolKindAttr::get(n.b.getContext(), kind)));
  return n.make<graph::PoolOp>({x}, attrs);
}

/// The least value of a type: what a maximum never takes.
static Value least(Node &n, Value x) {
  Type type = n.element(x);
  if (auto integer = dyn_cast_or_null<IntegerType>(type))
    return n.scalar(type, integer.isUnsigned()
                              ? 0
                              : -std::ldexp(1.0, integer.getWidth() - 1));
  return n.scalar(type, -std::numeric_limits<double>::infinity());
}

Value nacre::onnx::maxPool(Node &n, Value x) {
  Window window;
  Value padded = poolWindow(n, x, window, least(n, x));
  return pool(n, PoolKind::max, padded, window);
}

static LogicalResult importMaxPool(Node &n) {
  Value x = n.operand(0);
  bool columnMajor = n.i("storage_order", 0) == 1;
  Window window;
  Value padded = poolWindow(n, x, window, least(n, x));
  if (!padded)
    return failure();
  Value indices;
  if (n.wants(1)) {
    if (padded != x)
      return n.error() << "has indices as output and SAME padding of open dims";
    SmallVector<NamedAttribute> attrs = poolAttrs(n, window);
    attrs.push_back(n.b.flag("column_major", columnMajor));
    indices = n.make<graph::PoolIndicesOp>({x}, attrs);
  }
  return n.results({pool(n, PoolKind::max, padded, window), indices});
}

Value nacre::onnx::averagePool(Node &n, Value x) {
  bool includePad = n.flag("count_include_pad", false);
  Window window;
  Value padded = poolWindow(n, x, window, n.scalarLike(x, 0));
  if (padded && padded != x && !includePad) {
    // The number of elements inside is the sum over a padded one.
    Value ones = n.broadcast(n.scalarLike(x, 1), n.shapeOf(x));
    Window again;
    Value count = poolWindow(n, ones, again, n.scalarLike(x, 0));
    return n.div(pool(n, PoolKind::sum, padded, window),
                 pool(n, PoolKind::sum, count, again));
  }
  return pool(n, includePad ? PoolKind::avg_include_pad : PoolKind::avg, padded,
              window);
}

static LogicalResult importAveragePool(Node &n) {
  return n.result(averagePool(n, n.operand(0)));
}

/// |x|^p, and its inverse.
static Value power(Node &n, Value x, double p) {
  Value positive = n.make<graph::AbsOp>({x});
  if (p == 1)
    return positive;
  return p == 2 ? n.mul(x, x)
                : n.make<graph::PowOp>({positive, n.scalarLike(x, p)});
}

static Value root(Node &n, Value x, double p) {
  if (p == 1)
    return x;
  return p == 2 ? n.sqrt(x) : n.make<graph::PowOp>({x, n.scalarLike(x, 1 / p)});
}

static double exponent(Node &n) {
  return n.opset() < 2 ? n.f("p", 2) : double(n.i("p", 2));
}

static LogicalResult importLpPool(Node &n) {
  double p = exponent(n);
  Value x = power(n, n.operand(0), p);
  Window window;
  Value padded = poolWindow(n, x, window, n.scalarLike(x, 0));
  return n.result(root(n, pool(n, PoolKind::sum, padded, window), p));
}

static Node::Ints spatialAxes(Node &n, Value x) {
  return llvm::to_vector(
      llvm::seq<int64_t>(2, std::max<int64_t>(2, n.rank(x))));
}

static LogicalResult importGlobalAveragePool(Node &n) {
  Value x = n.operand(0);
  return n.result(n.mean(x, spatialAxes(n, x), true));
}

static LogicalResult importGlobalMaxPool(Node &n) {
  Value x = n.operand(0);
  return n.result(n.reduce(ReduceKind::max, x, spatialAxes(n, x), true));
}

static LogicalResult importGlobalLpPool(Node &n) {
  Value x = n.operand(0);
  double p = exponent(n);
  Value sum =
      n.reduce(ReduceKind::sum, power(n, x, p), spatialAxes(n, x), true);
  return n.result(root(n, sum, p));
}

/// Writes the elements back to where a max pool found them.
static LogicalResult importMaxUnpool(Node &n) {
  Value x = n.operand(0), indices = n.operand(1), shape = n.optional(2);
  if (!n.checkRank(x, 3))
    return failure();
  size_t dims = n.rank(x) - 2;
  Node::Ints size = spatial(n, "kernel_shape", dims, 1, 1);
  Node::Ints strides = spatial(n, "strides", dims, 1, 1);
  Node::Ints pads = spatial(n, "pads", 2 * dims, 0, 0);
  if (n.failed())
    return failure();
  if (shape && !n.checkShape(shape))
    return failure();
  if (!shape) {
    Node::Values parts{n.dimsOf(x, 0, 2)};
    for (size_t k = 0; k < dims; ++k)
      parts.push_back(
          n.add(n.mul(n.sub(n.dimOf(x, k + 2), 1), double(strides[k])),
                double(size[k] - pads[k] - pads[dims + k])));
    shape = n.concat(parts, 0);
  }
  Value zeros = n.broadcast(n.scalarLike(x, 0), shape);
  Value flat = n.make<graph::ScatterElementsOp>(
      {n.collapse(zeros, {0}), n.collapse(indices, {0}), n.collapse(x, {0})},
      {n.b.attr("axis", int64_t(0)),
       n.b.attr("kind", graph::ScatterKindAttr::get(n.b.getContext(),
                                                    graph::ScatterKind::set))});
  return n.result(n.reshape(flat, shape));
}

void nacre::onnx::addWindowRules(RuleTable &table) {
  table.add("AveragePool", 1, importAveragePool);
  table.add("Conv", 1, importConv);
  table.add("ConvInteger", 10, importConvInteger);
  table.add("ConvTranspose", 1, importConvTranspose);
  table.add("GlobalAveragePool", 1, importGlobalAveragePool);
  table.add("GlobalLpPool", 1, importGlobalLpPool);
  table.add("GlobalMaxPool", 1, importGlobalMaxPool);
  table.add("LpPool", 1, importLpPool);
  table.add("MaxPool", 1, importMaxPool);
  table.add("MaxUnpool", 9, importMaxUnpool);
}
