#ifndef NACRE_EXAMPLES_OCR_DETECT_H
#define NACRE_EXAMPLES_OCR_DETECT_H

#include "Image.h"
#include "nacre/runtime.hpp"

namespace ocr {

/// Finds the lines of text in a picture of any size.
class Detector {
public:
  explicit Detector(const std::string &path) : model(path), context(model) {}

  /// From top to bottom, and lines at equal height from left to right.
  std::vector<Box> detect(const Image &image);

private:
  nacre::Model model;
  nacre::Context context;
};

} // namespace ocr

#endif // NACRE_EXAMPLES_OCR_DETECT_H
