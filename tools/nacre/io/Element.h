//===- Element.h - Elements of tensors as C++ numbers -----------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_IO_ELEMENT_H
#define NACRE_TOOLS_NACRE_IO_ELEMENT_H

#include "tools/nacre/io/Tensor.h"

namespace nacre::io {

enum class ElementKind { Bool, Signed, Unsigned, Float, Complex, Other };
ElementKind elementKind(uint32_t dtype);

/// The value of a float element; exact.
double floatElement(uint32_t dtype, const uint8_t *element);
/// The value of an integer or bool element, as 64 bits of its own sign.
uint64_t integerElement(uint32_t dtype, const uint8_t *element);
/// As a person reads it: "0.5", "-3", "true", "(1, 2)".
std::string elementText(uint32_t dtype, const uint8_t *element);

/// The first elements of a tensor as a person reads them, at most `most`, and
/// what follows if there are more: "{1, 2, ...}"; of a container its items.
std::string elementsText(const Tensor &tensor, size_t most);

/// Stores `value` rounded to nearest even; `dtype` is a float of 16 bits or more.
void storeFloat(uint32_t dtype, double value, uint8_t *element);

} // namespace nacre::io

#endif // NACRE_TOOLS_NACRE_IO_ELEMENT_H
