#ifndef NACRE_EXAMPLES_OCR_IMAGE_H
#define NACRE_EXAMPLES_OCR_IMAGE_H

#include "Box.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ocr {

/// 8-bit pixels in the order blue, green, red, which the models were trained
/// on.
struct Image {
  int width = 0, height = 0;
  std::vector<uint8_t> pixels;

  /// The box around everything.
  Box whole() const;
};

/// Throws std::runtime_error if the file cannot be read.
Image readPng(const std::string &path);

/// Cuts `box` out of the picture, turns it upright, resizes it to width x
/// height and appends it to `tensor` as three planes (blue, green, red) of
/// floats from -1 to 1. Each row is filled up with zeros to `paddedWidth`.
void appendCrop(std::vector<float> &tensor, const Image &image, const Box &box,
                int width, int height, int paddedWidth);

} // namespace ocr

#endif // NACRE_EXAMPLES_OCR_IMAGE_H
