#include "tools/nacre/io/Element.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

namespace nacre::io {

ElementKind elementKind(uint32_t dtype) {
  switch (dtype) {
  case NACRE_BOOL:
    return ElementKind::Bool;
  case NACRE_I2:
  case NACRE_I4:
  case NACRE_I8:
  case NACRE_I16:
  case NACRE_I32:
  case NACRE_I64:
    return ElementKind::Signed;
  case NACRE_U2:
  case NACRE_U4:
  case NACRE_U8:
  case NACRE_U16:
  case NACRE_U32:
  case NACRE_U64:
    return ElementKind::Unsigned;
  case NACRE_C64:
  case NACRE_C128:
    return ElementKind::Complex;
  }
  return elementBytes(dtype) ? ElementKind::Float : ElementKind::Other;
}

namespace {
/// How the bits of a float below 32 bits are read.
struct Layout {
  uint32_t dtype;
  unsigned exponent, mantissa;
  int bias;
  enum { Ieee, OnlyNan, NegativeZeroIsNan, Finite } special;
};
} // namespace

static constexpr Layout kLayouts[] = {
    {NACRE_F16, 5, 10, 15, Layout::Ieee},
    {NACRE_BF16, 8, 7, 127, Layout::Ieee},
    {NACRE_F8E5M2, 5, 2, 15, Layout::Ieee},
    {NACRE_F8E4M3FN, 4, 3, 7, Layout::OnlyNan},
    {NACRE_F8E4M3FNUZ, 4, 3, 8, Layout::NegativeZeroIsNan},
    {NACRE_F8E5M2FNUZ, 5, 2, 16, Layout::NegativeZeroIsNan},
    {NACRE_F4E2M1, 2, 1, 1, Layout::Finite}};

static double decode(const Layout &layout, unsigned bits) {
  unsigned mantissaMask = (1u << layout.mantissa) - 1;
  unsigned exponentMask = (1u << layout.exponent) - 1;
  unsigned mantissa = bits & mantissaMask;
  unsigned exponent = bits >> layout.mantissa & exponentMask;
  bool negative = bits >> (layout.mantissa + layout.exponent) & 1;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (layout.special == Layout::Ieee && exponent == exponentMask) {
    double infinity = std::numeric_limits<double>::infinity();
    return mantissa ? nan : negative ? -infinity : infinity;
  }
  if (layout.special == Layout::OnlyNan && exponent == exponentMask &&
      mantissa == mantissaMask)
    return nan;
  if (layout.special == Layout::NegativeZeroIsNan && negative &&
      exponent == 0 && mantissa == 0)
    return nan;
  int shift = int(exponent ? exponent : 1) - layout.bias - int(layout.mantissa);
  double value =
      std::ldexp(double(mantissa + (exponent ? mantissaMask + 1 : 0)), shift);
  return negative ? -value : value;
}

template <typename T> static T load(const uint8_t *element) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  return value;
}

double floatElement(uint32_t dtype, const uint8_t *element) {
  if (dtype == NACRE_F32)
    return load<float>(element);
  if (dtype == NACRE_F64)
    return load<double>(element);
  if (dtype == NACRE_F8E8M0)
    return *element == 0xff ? std::numeric_limits<double>::quiet_NaN()
                            : std::ldexp(1.0, int(*element) - 127);
  for (const Layout &layout : kLayouts)
    if (layout.dtype == dtype)
      return decode(layout, elementBytes(dtype) == 2 ? load<uint16_t>(element)
                                                     : *element);
  return 0;
}

uint64_t integerElement(uint32_t dtype, const uint8_t *element) {
  uint64_t value = 0;
  std::memcpy(&value, element, elementBytes(dtype));
  // The high bits of a narrow element are not part of it.
  unsigned unused = 64 - (dtype == NACRE_BOOL ? 8 : packedBits(dtype));
  value <<= unused;
  if (elementKind(dtype) == ElementKind::Signed)
    return uint64_t(int64_t(value) >> unused);
  return value >> unused;
}

static std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.9g", value);
  return text;
}

std::string elementText(uint32_t dtype, const uint8_t *element) {
  switch (elementKind(dtype)) {
  case ElementKind::Bool:
    return *element ? "true" : "false";
  case ElementKind::Signed:
    return std::to_string(int64_t(integerElement(dtype, element)));
  case ElementKind::Unsigned:
    return std::to_string(integerElement(dtype, element));
  case ElementKind::Float:
    return number(floatElement(dtype, element));
  case ElementKind::Complex: {
    uint32_t part = dtype == NACRE_C64 ? NACRE_F32 : NACRE_F64;
    return "(" + number(floatElement(part, element)) + ", " +
           number(floatElement(part, element + elementBytes(part))) + ")";
  }
  case ElementKind::Other:
    break;
  }
  return "?";
}

/// The number of elements or items.
static size_t countParts(const Tensor &tensor) {
  size_t width = elementBytes(tensor.dtype);
  return isContainer(tensor.dtype) ? tensor.items.size()
         : width                   ? tensor.data.size() / width
                                   : tensor.strings.size();
}

std::string elementsText(const Tensor &tensor, size_t most) {
  size_t count = countParts(tensor), width = elementBytes(tensor.dtype);
  std::string text = "{";
  for (size_t i = 0; i < std::min(count, most); ++i) {
    text += i ? ", " : "";
    if (isContainer(tensor.dtype))
      text += describe(tensor.items[i].dtype, tensor.items[i].dims) + " " +
              elementsText(tensor.items[i], most);
    else if (width)
      text += elementText(tensor.dtype, &tensor.data[i * width]);
    else
      text += '"' + tensor.strings[i] + '"';
  }
  return text + (count > most ? ", ...}" : "}");
}

/// The bits of a finite or infinite `value` in an Ieee layout.
static uint16_t encode(const Layout &layout, double value) {
  uint16_t sign = uint16_t(std::signbit(value) << (layout.exponent +
                                                   layout.mantissa));
  unsigned infinity = ((1u << layout.exponent) - 1) << layout.mantissa;
  if (std::isnan(value))
    return uint16_t(infinity | 1u << (layout.mantissa - 1));
  if (value == 0)
    return sign;
  int exponent = 0;
  std::frexp(value, &exponent);
  int lowest = 1 - layout.bias - int(layout.mantissa);
  int ulp = std::max(exponent - 1 - int(layout.mantissa), lowest);
  // nearbyint rounds halves to even; a carry runs into the exponent by itself.
  double scaled = std::nearbyint(std::ldexp(std::fabs(value), -ulp));
  if (!(scaled < 1e9))
    return uint16_t(sign | infinity);
  unsigned bits = unsigned(scaled) + (unsigned(ulp - lowest) << layout.mantissa);
  return uint16_t(sign | (bits < infinity ? bits : infinity));
}

void storeFloat(uint32_t dtype, double value, uint8_t *element) {
  if (dtype == NACRE_F64) {
    std::memcpy(element, &value, sizeof(value));
  } else if (dtype == NACRE_F32) {
    float narrow = float(value);
    std::memcpy(element, &narrow, sizeof(narrow));
  } else {
    uint16_t bits = encode(kLayouts[dtype == NACRE_BF16], value);
    std::memcpy(element, &bits, sizeof(bits));
  }
}

} // namespace nacre::io
