#include "runtime/host/text.h"

#include <cctype>
#include <cerrno>
#include <clocale>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using namespace nacre::runtime;

namespace {

//===-- Short floats ------------------------------------------------------===//

/// A float of `exponent` and `mantissa` bits, with infinities and NaN of IEEE.
struct Format {
  int exponent, mantissa;
};
constexpr Format kHalf = {5, 10}, kBrain = {8, 7};

/// 2 ^ `exponent`, which is in the range of doubles. No libm: a program that links
/// the runtime need not.
double power(int exponent) {
  uint64_t bits = uint64_t(exponent + 1023) << 52;
  double value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

double widen(Format f, uint32_t bits) {
  int bias = (1 << (f.exponent - 1)) - 1, top = (1 << f.exponent) - 1;
  int exponent = int(bits >> f.mantissa) & top;
  uint32_t mantissa = bits & ((1u << f.mantissa) - 1);
  double value;
  if (exponent == top)
    value = mantissa ? double(NAN) : double(INFINITY);
  else if (exponent == 0)
    value = double(mantissa) * power(1 - bias - f.mantissa);
  else
    value = double(mantissa | 1u << f.mantissa) *
            power(exponent - bias - f.mantissa);
  return bits >> (f.exponent + f.mantissa) & 1 ? -value : value;
}

/// To nearest, ties to even.
uint32_t narrow(Format f, double value) {
  int bias = (1 << (f.exponent - 1)) - 1, top = (1 << f.exponent) - 1;
  uint32_t sign = std::signbit(value) ? 1u << (f.exponent + f.mantissa) : 0;
  uint32_t infinite = uint32_t(top) << f.mantissa;
  if (std::isnan(value))
    return sign | infinite | 1u << (f.mantissa - 1);
  double size = value < 0 ? -value : value;
  if (size >= 2 * power(bias))
    return sign | infinite;
  uint64_t bits;
  std::memcpy(&bits, &size, sizeof(bits));
  int exponent = int(bits >> 52) - 1023;
  if (exponent < 1 - bias)
    exponent = 1 - bias;
  // Adding and taking 2^52 rounds to an integer.
  double scaled = size * power(f.mantissa - exponent);
  volatile double shifted = scaled + power(52);
  uint32_t mantissa = uint32_t(shifted - power(52));
  // A mantissa that is rounded up to the next power carries into the exponent.
  return sign | (mantissa + (uint32_t(exponent + bias - 1) << f.mantissa));
}

//===-- Decimals ----------------------------------------------------------===//

/// The first decimal point of the C library's locale is made ours, or ours its.
void swap_point(char *text, bool to_locale) {
  char theirs = *std::localeconv()->decimal_point;
  char from = to_locale ? '.' : theirs;
  if (char *point = std::strchr(text, from))
    *point = to_locale ? theirs : '.';
}

struct Real {
  uint32_t dtype;
  double value;

  /// `other` as an element of this type.
  double rounded(double other) const {
    switch (dtype) {
    case NACRE_F16:
      return widen(kHalf, narrow(kHalf, other));
    case NACRE_BF16:
      return widen(kBrain, narrow(kBrain, other));
    case NACRE_F32:
      return double(float(other));
    }
    return other;
  }
};

/// The fewest digits that read back as the same number, as "d.ddde-dd".
void shortest(const Real &real, char *to, size_t room) {
  for (int digits = 0; digits < 17; ++digits) {
    std::snprintf(to, room, "%.*e", digits, real.value);
    if (real.rounded(std::strtod(to, nullptr)) == real.value)
      break;
  }
  swap_point(to, false);
}

/// As numpy and Python write floats: 0.1, 1.0, 1e-05, 1.5e+16, inf, nan.
uint64_t write_real(const Real &real, char *to) {
  if (std::isnan(real.value))
    return std::strlen(std::strcpy(to, "nan"));
  if (std::isinf(real.value))
    return std::strlen(std::strcpy(to, real.value < 0 ? "-inf" : "inf"));
  char text[40];
  shortest(real, text, sizeof(text));
  char *mark = std::strchr(text, 'e');
  int exponent = std::atoi(mark + 1);
  *mark = 0;
  bool is_long = exponent < -4 || exponent >= 16;
  if (is_long)
    return uint64_t(std::snprintf(to, 33, "%se%c%02d", text,
                                  exponent < 0 ? '-' : '+',
                                  exponent < 0 ? -exponent : exponent));
  char digits[24];
  size_t count = 0, at = 0;
  for (const char *c = text; *c; ++c)
    if (*c >= '0' && *c <= '9')
      digits[count++] = *c;
  if (text[0] == '-')
    to[at++] = '-';
  if (exponent < 0) {
    to[at++] = '0';
    to[at++] = '.';
    for (int i = -1; i > exponent; --i)
      to[at++] = '0';
  }
  for (size_t i = 0; i < count || (exponent >= 0 && int(i) <= exponent + 1);
       ++i) {
    if (exponent >= 0 && int(i) == exponent + 1)
      to[at++] = '.';
    to[at++] = i < count ? digits[i] : '0';
  }
  return at;
}

template <typename T>
T load(const void *from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}
template <typename T, typename V>
bool store(void *to, V value) {
  T narrowed = T(value);
  std::memcpy(to, &narrowed, sizeof(narrowed));
  return true;
}

/// An integer of 64 bits, in two's complement.
bool load_integer(uint32_t dtype, const void *element, int64_t &value) {
  switch (dtype) {
  case NACRE_I2:
  case NACRE_I4:
  case NACRE_I8:
    value = load<int8_t>(element);
    return true;
  case NACRE_U2:
  case NACRE_U4:
  case NACRE_U8:
    value = load<uint8_t>(element);
    return true;
  case NACRE_I16:
    value = load<int16_t>(element);
    return true;
  case NACRE_U16:
    value = load<uint16_t>(element);
    return true;
  case NACRE_I32:
    value = load<int32_t>(element);
    return true;
  case NACRE_U32:
    value = load<uint32_t>(element);
    return true;
  case NACRE_I64:
  case NACRE_U64:
    value = load<int64_t>(element);
    return true;
  }
  return false;
}

double load_real(uint32_t dtype, const void *element) {
  switch (dtype) {
  case NACRE_F16:
    return widen(kHalf, load<uint16_t>(element));
  case NACRE_BF16:
    return widen(kBrain, load<uint16_t>(element));
  case NACRE_F32:
    return double(load<float>(element));
  }
  return load<double>(element);
}

bool store_real(uint32_t dtype, double value, void *element) {
  switch (dtype) {
  case NACRE_F16:
    return store<uint16_t>(element, narrow(kHalf, value));
  case NACRE_BF16:
    return store<uint16_t>(element, narrow(kBrain, value));
  case NACRE_F32:
    return store<float>(element, value);
  case NACRE_F64:
    return store<double>(element, value);
  }
  return false;
}

bool store_integer(uint32_t dtype, int64_t value, void *element) {
  switch (nacre_dtype_size(dtype)) {
  case 1:
    return store<int8_t>(element, value);
  case 2:
    return store<int16_t>(element, value);
  case 4:
    return store<int32_t>(element, value);
  case 8:
    return store<int64_t>(element, value);
  }
  return false;
}

bool is_real(uint32_t dtype) {
  return dtype == NACRE_F16 || dtype == NACRE_BF16 || dtype == NACRE_F32 ||
         dtype == NACRE_F64;
}

/// All of the text as a whole number.
bool read_integer(const char *text, bool is_unsigned, int64_t &value) {
  char *end;
  errno = 0;
  value = is_unsigned ? int64_t(std::strtoull(text, &end, 10))
                      : std::strtoll(text, &end, 10);
  return end != text && *end == 0 && errno == 0;
}

} // namespace

uint64_t nacre::runtime::write_number(uint32_t dtype, const void *element,
                                      char *to) {
  int64_t whole;
  if (dtype == NACRE_BOOL)
    return std::strlen(
        std::strcpy(to, load<uint8_t>(element) ? "True" : "False"));
  if (!load_integer(dtype, element, whole))
    return write_real({dtype, load_real(dtype, element)}, to);
  if (dtype == NACRE_U64)
    return uint64_t(
        std::snprintf(to, 32, "%llu", static_cast<unsigned long long>(whole)));
  return uint64_t(std::snprintf(to, 32, "%lld", static_cast<long long>(whole)));
}

bool nacre::runtime::read_number(uint32_t dtype, const char *from,
                                 uint64_t size, void *element) {
  while (size && std::isspace(uint8_t(*from)))
    ++from, --size;
  while (size && std::isspace(uint8_t(from[size - 1])))
    --size;
  char text[400]; // longer than any number that is not padded
  if (size == 0 || size >= sizeof(text) || std::memchr(from, 0, size))
    return false;
  std::memcpy(text, from, size);
  text[size] = 0;
  int64_t whole;
  bool is_bool = dtype == NACRE_BOOL;
  // What bools are written as reads back in any type.
  if (!std::strcmp(text, "True") || !std::strcmp(text, "true"))
    std::strcpy(text, "1");
  else if (!std::strcmp(text, "False") || !std::strcmp(text, "false"))
    std::strcpy(text, "0");
  if (!is_real(dtype) && read_integer(text, dtype == NACRE_U64, whole))
    return is_bool ? store<uint8_t>(element, whole != 0)
                   : store_integer(dtype, whole, element);
  swap_point(text, true);
  char *end;
  double real = std::strtod(text, &end);
  // No hexadecimals.
  if (end == text || *end || std::strpbrk(text, "xX"))
    return false;
  if (is_real(dtype))
    return store_real(dtype, real, element);
  if (is_bool)
    return store<uint8_t>(element, real != 0);
  bool fits = real < 9.2e18 && real > -9.2e18;
  return fits && store_integer(dtype, int64_t(real), element);
}
