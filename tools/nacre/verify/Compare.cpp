#include "tools/nacre/verify/Compare.h"

#include "tools/nacre/io/Element.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace nacre;
using io::ElementKind;
using verify::Difference;
using verify::Tolerance;

/// Whether two floats agree; updates the greatest errors.
static bool floatsAgree(double got, double expected, const Tolerance &tolerance,
                        Difference &difference) {
  if (std::isnan(got) || std::isnan(expected))
    return std::isnan(got) && std::isnan(expected);
  if (std::isinf(got) || std::isinf(expected))
    return got == expected;
  double error = std::fabs(got - expected);
  difference.maxAbsolute = std::max(difference.maxAbsolute, error);
  if (error != 0 && expected != 0)
    difference.maxRelative =
        std::max(difference.maxRelative, error / std::fabs(expected));
  return error <= tolerance.absolute + tolerance.relative * std::fabs(expected);
}

static bool integersAgree(uint32_t dtype, const uint8_t *got,
                          const uint8_t *expected, const Tolerance &tolerance,
                          Difference &difference) {
  uint64_t a = io::integerElement(dtype, got);
  uint64_t b = io::integerElement(dtype, expected);
  if (a == b)
    return true;
  if (dtype == NACRE_BOOL)
    return false;
  bool less = io::elementKind(dtype) == ElementKind::Signed
                  ? int64_t(a) < int64_t(b)
                  : a < b;
  double error = double(less ? b - a : a - b);
  difference.maxAbsolute = std::max(difference.maxAbsolute, error);
  double size = io::elementKind(dtype) == ElementKind::Signed
                    ? std::fabs(double(int64_t(b)))
                    : double(b);
  if (size != 0)
    difference.maxRelative = std::max(difference.maxRelative, error / size);
  return error <= tolerance.absolute;
}

static bool elementsAgree(uint32_t dtype, const uint8_t *got,
                          const uint8_t *expected, const Tolerance &tolerance,
                          Difference &difference) {
  switch (io::elementKind(dtype)) {
  case ElementKind::Float:
    return floatsAgree(io::floatElement(dtype, got),
                       io::floatElement(dtype, expected), tolerance,
                       difference);
  case ElementKind::Complex: {
    uint32_t part = dtype == NACRE_C64 ? NACRE_F32 : NACRE_F64;
    size_t width = io::elementBytes(part);
    bool real = elementsAgree(part, got, expected, tolerance, difference);
    return elementsAgree(part, got + width, expected + width, tolerance,
                         difference) &&
           real;
  }
  case ElementKind::Bool:
  case ElementKind::Signed:
  case ElementKind::Unsigned:
    return integersAgree(dtype, got, expected, tolerance, difference);
  case ElementKind::Other:
    break;
  }
  return false;
}

static std::vector<int64_t> unflatten(uint64_t offset,
                                      const std::vector<int64_t> &dims) {
  std::vector<int64_t> index(dims.size());
  for (size_t d = dims.size(); d-- > 0;) {
    index[d] = int64_t(offset % uint64_t(dims[d]));
    offset /= uint64_t(dims[d]);
  }
  return index;
}

static std::string describe(const Difference &d) {
  std::string at;
  for (size_t i = 0; i < d.index.size(); ++i)
    at += (i ? ", " : "") + std::to_string(d.index[i]);
  char errors[80];
  std::snprintf(errors, sizeof(errors),
                "; max error %.3g absolute, %.3g relative", d.maxAbsolute,
                d.maxRelative);
  return std::to_string(d.count) + " of " + std::to_string(d.of) +
         " elements differ, first at [" + at + "]: got " + d.got +
         ", expected " + d.expected + errors;
}

/// Of sequences, optionals and maps: item by item.
static bool itemsAgree(const io::Tensor &got, const io::Tensor &expected,
                       const Tolerance &tolerance, bool onlyShape,
                       std::string &text, Difference &difference) {
  if (got.items.size() != expected.items.size()) {
    text = "got " + std::to_string(got.items.size()) + " items, expected " +
           std::to_string(expected.items.size());
    return false;
  }
  for (size_t i = 0; i < got.items.size(); ++i)
    if (!verify::agree(got.items[i], expected.items[i], tolerance, onlyShape,
                       text, difference)) {
      text = "item " + std::to_string(i) + ": " + text;
      return false;
    }
  return true;
}

static void compareStrings(const io::Tensor &got, const io::Tensor &expected,
                           Difference &difference) {
  difference.of = expected.strings.size();
  for (uint64_t i = 0; i < difference.of; ++i) {
    if (got.strings[i] == expected.strings[i] || difference.count++)
      continue;
    difference.index = unflatten(i, got.dims);
    difference.got = '"' + got.strings[i] + '"';
    difference.expected = '"' + expected.strings[i] + '"';
  }
}

bool verify::agree(const io::Tensor &got, const io::Tensor &expected,
                   const Tolerance &tolerance, bool onlyShape,
                   std::string &text, Difference &difference) {
  difference = {};
  if (got.dtype != expected.dtype || got.dims != expected.dims) {
    text = "got " + io::describe(got.dtype, got.dims) + ", expected " +
           io::describe(expected.dtype, expected.dims);
    return false;
  }
  if (io::isContainer(got.dtype))
    return itemsAgree(got, expected, tolerance, onlyShape, text, difference);
  size_t width = io::elementBytes(got.dtype);
  difference.of = width ? expected.data.size() / width : 0;
  for (uint64_t i = 0; i < difference.of && !onlyShape; ++i) {
    const uint8_t *a = &got.data[i * width], *b = &expected.data[i * width];
    if (elementsAgree(got.dtype, a, b, tolerance, difference))
      continue;
    if (difference.count++ == 0) {
      difference.index = unflatten(i, got.dims);
      difference.got = io::elementText(got.dtype, a);
      difference.expected = io::elementText(got.dtype, b);
    }
  }
  if (got.dtype == NACRE_STRING && !onlyShape)
    compareStrings(got, expected, difference);
  if (difference.count == 0)
    return true;
  text = describe(difference);
  return false;
}
