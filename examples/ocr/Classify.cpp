#include "Classify.h"

#include <algorithm>
#include <cmath>

using namespace ocr;

static constexpr int inputWidth = 192, inputHeight = 48;
/// From this probability on a line is turned.
static constexpr float threshold = 0.9f;

void Classifier::turnUpright(const Image &image, std::vector<Box> &lines) {
  if (lines.empty())
    return;
  std::vector<float> input;
  for (const Box &line : lines) {
    float width = std::ceil(inputHeight * line.width / line.height);
    appendCrop(input, image, line, std::min(int(width), inputWidth),
               inputHeight, inputWidth);
  }
  int64_t count = int64_t(lines.size());
  auto &outputs =
      context.run({nacre::tensor(input, {count, 3, inputHeight, inputWidth})});
  // Per line: the probabilities of 0 and of 180 degrees.
  auto probabilities = nacre::values<float>(outputs[0]);
  for (size_t i = 0; i < lines.size(); ++i)
    if (probabilities[2 * i + 1] > threshold)
      lines[i] = lines[i].turned(2);
}
