#ifndef NACRE_EXAMPLES_OCR_CLASSIFY_H
#define NACRE_EXAMPLES_OCR_CLASSIFY_H

#include "Image.h"
#include "nacre/runtime.hpp"

namespace ocr {

/// Tells which lines are upside down.
class Classifier {
public:
  explicit Classifier(const std::string &path) : model(path), context(model) {}

  /// Turns the boxes of such lines. All lines are one batch.
  void turnUpright(const Image &image, std::vector<Box> &lines);

private:
  nacre::Model model;
  nacre::Context context;
};

} // namespace ocr

#endif // NACRE_EXAMPLES_OCR_CLASSIFY_H
