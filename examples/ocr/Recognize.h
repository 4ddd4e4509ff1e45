#ifndef NACRE_EXAMPLES_OCR_RECOGNIZE_H
#define NACRE_EXAMPLES_OCR_RECOGNIZE_H

#include "Image.h"
#include "nacre/runtime.hpp"

namespace ocr {

struct Text {
  std::string text;
  /// The mean probability of its characters.
  float confidence;
};

/// Reads one line of text.
class Recognizer {
public:
  /// `keysPath`: the characters that the model knows, one a line.
  Recognizer(const std::string &path, const std::string &keysPath);

  /// The network's input is as wide as the line; the same binary serves all.
  Text read(const Image &image, const Box &line);

private:
  nacre::Model model;
  nacre::Context context;
  std::vector<std::string> keys;
};

} // namespace ocr

#endif // NACRE_EXAMPLES_OCR_RECOGNIZE_H
