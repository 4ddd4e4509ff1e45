#include "compiler/import/onnx/Types.h"

#include "dialects/graph/Graph.h"

#include "nacre/onnx.pb.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nacre::onnx;

namespace {
struct Row {
  const char *name;
  Type (*type)(Builder &b);
};
} // namespace

/// Indexed by data type.
static const Row kRows[NumDataTypes] = {
    {"undefined", nullptr},
    {"float", [](Builder &b) -> Type { return b.getF32Type(); }},
    {"uint8", [](Builder &b) -> Type { return b.getIntegerType(8, false); }},
    {"int8", [](Builder &b) -> Type { return b.getI8Type(); }},
    {"uint16", [](Builder &b) -> Type { return b.getIntegerType(16, false); }},
    {"int16", [](Builder &b) -> Type { return b.getI16Type(); }},
    {"int32", [](Builder &b) -> Type { return b.getI32Type(); }},
    {"int64", [](Builder &b) -> Type { return b.getI64Type(); }},
    {"string",
     [](Builder &b) -> Type { return b.getType<nacre::graph::StringType>(); }},
    {"bool", [](Builder &b) -> Type { return b.getI1Type(); }},
    {"float16", [](Builder &b) -> Type { return b.getF16Type(); }},
    {"double", [](Builder &b) -> Type { return b.getF64Type(); }},
    {"uint32", [](Builder &b) -> Type { return b.getIntegerType(32, false); }},
    {"uint64", [](Builder &b) -> Type { return b.getIntegerType(64, false); }},
    {"complex64",
     [](Builder &b) -> Type { return ComplexType::get(b.getF32Type()); }},
    {"complex128",
     [](Builder &b) -> Type { return ComplexType::get(b.getF64Type()); }},
    {"bfloat16", [](Builder &b) -> Type { return b.getBF16Type(); }},
    {"float8e4m3fn",
     [](Builder &b) -> Type { return b.getType<Float8E4M3FNType>(); }},
    {"float8e4m3fnuz",
     [](Builder &b) -> Type { return b.getType<Float8E4M3FNUZType>(); }},
    {"float8e5m2",
     [](Builder &b) -> Type { return b.getType<Float8E5M2Type>(); }},
    {"float8e5m2fnuz",
     [](Builder &b) -> Type { return b.getType<Float8E5M2FNUZType>(); }},
    {"uint4", [](Builder &b) -> Type { return b.getIntegerType(4, false); }},
    {"int4", [](Builder &b) -> Type { return b.getIntegerType(4); }},
    {"float4e2m1",
     [](Builder &b) -> Type { return b.getType<Float4E2M1FNType>(); }},
    {"float8e8m0",
     [](Builder &b) -> Type { return b.getType<Float8E8M0FNUType>(); }},
    {"uint2", [](Builder &b) -> Type { return b.getIntegerType(2, false); }},
    {"int2", [](Builder &b) -> Type { return b.getIntegerType(2); }},
};

Type nacre::onnx::elementType(MLIRContext *context, int64_t dataType) {
  if (dataType < 0 || dataType >= NumDataTypes || !kRows[dataType].type)
    return {};
  Builder b(context);
  return kRows[dataType].type(b);
}

/// Sequences and optionals in each other.
static constexpr unsigned kMaxContainers = 4;

/// What a sequence or optional of `type` holds.
static Type contentType(MLIRContext *context,
                        const nacre::proto::TypeProto &type, unsigned depth);

static Type containerType(MLIRContext *context,
                          const nacre::proto::TypeProto &type,
                          unsigned depth) {
  if (depth > kMaxContainers)
    return {};
  if (type.has_map_type()) {
    Type key = elementType(context, type.map_type().key_type());
    const auto &value = type.map_type().value_type();
    Type content = elementType(context, value.tensor_type().elem_type());
    return key && content && value.has_tensor_type()
               ? nacre::graph::MapType::get(context, key, content)
               : Type();
  }
  if (!type.has_sequence_type() && !type.has_optional_type())
    return {};
  bool isSequence = type.has_sequence_type();
  Type content = contentType(context,
                             isSequence ? type.sequence_type().elem_type()
                                        : type.optional_type().elem_type(),
                             depth + 1);
  if (!content)
    return {};
  return isSequence ? Type(nacre::graph::SequenceType::get(context, content))
                    : nacre::graph::OptionalType::get(context, content);
}

static Type contentType(MLIRContext *context,
                        const nacre::proto::TypeProto &type, unsigned depth) {
  if (!type.has_tensor_type())
    return containerType(context, type, depth);
  const auto &tensor = type.tensor_type();
  Type element = elementType(context, tensor.elem_type());
  if (!element)
    return {};
  if (!tensor.has_shape() || tensor.shape().dim_size() > 64)
    return UnrankedTensorType::get(element);
  SmallVector<int64_t> dims(tensor.shape().dim_size(), ShapedType::kDynamic);
  return RankedTensorType::get(dims, element);
}

Type nacre::onnx::containerType(MLIRContext *context,
                                const proto::TypeProto &type) {
  return ::containerType(context, type, 0);
}

std::string nacre::onnx::dataTypeName(int64_t dataType) {
  if (dataType < 0 || dataType >= NumDataTypes)
    return "data type " + std::to_string(dataType);
  return kRows[dataType].name;
}

std::string nacre::onnx::typeName(Type type) {
  Builder b(type.getContext());
  for (const Row &row : kRows)
    if (row.type && row.type(b) == type)
      return row.name;
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

std::string nacre::onnx::typeName(const proto::TypeProto &type) {
  // Types may nest as deep as the parser lets them; a message need not.
  std::string before, after;
  const proto::TypeProto *at = &type;
  for (unsigned depth = 0; depth < 8; ++depth) {
    if (at->has_sequence_type()) {
      before += "seq(", after += ")";
      at = &at->sequence_type().elem_type();
    } else if (at->has_optional_type()) {
      before += "optional(", after += ")";
      at = &at->optional_type().elem_type();
    } else if (at->has_map_type()) {
      before += "map(" + dataTypeName(at->map_type().key_type()) + ", ";
      after += ")";
      at = &at->map_type().value_type();
    } else if (at->has_sparse_tensor_type()) {
      return before + "sparse_tensor(" +
             dataTypeName(at->sparse_tensor_type().elem_type()) + ")" + after;
    } else if (at->has_tensor_type()) {
      return before + "tensor(" + dataTypeName(at->tensor_type().elem_type()) +
             ")" + after;
    } else {
      return before + "unknown" + after;
    }
  }
  return before + "..." + after;
}

unsigned nacre::onnx::storageBits(Type type) {
  // Handles, where the model moves them.
  if (graph::isHostType(type))
    return 64;
  if (auto complex = dyn_cast<ComplexType>(type))
    return 2 * complex.getElementType().getIntOrFloatBitWidth();
  unsigned bits = type.getIntOrFloatBitWidth();
  return bits == 1 ? 8 : bits;
}

std::optional<uint64_t> nacre::onnx::storageBytes(Type type, uint64_t count) {
  bool overflow = false;
  uint64_t bits =
      llvm::SaturatingMultiply<uint64_t>(count, storageBits(type), &overflow);
  if (overflow || bits > uint64_t(INT64_MAX))
    return std::nullopt;
  return llvm::divideCeil(bits, 8);
}

std::string nacre::onnx::joined(ArrayRef<int64_t> numbers) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(numbers, os, [&](int64_t number) {
    if (ShapedType::isDynamic(number))
      os << "?";
    else
      os << number;
  });
  return text;
}

std::optional<uint64_t> nacre::onnx::countElements(ArrayRef<int64_t> dims) {
  // A zero makes the tensor empty, but the other dims have to be sane too.
  uint64_t count = 1;
  bool empty = false;
  for (int64_t dim : dims) {
    bool overflow = false;
    empty |= dim == 0;
    if (ShapedType::isDynamic(dim) || dim == 0)
      continue;
    count = llvm::SaturatingMultiply<uint64_t>(count, dim, &overflow);
    if (overflow || count > uint64_t(INT64_MAX))
      return std::nullopt;
  }
  return empty ? 0 : count;
}
