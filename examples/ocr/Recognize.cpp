#include "Recognize.h"

#include <algorithm>
#include <cmath>
#include <fstream>

using namespace ocr;

static constexpr int inputHeight = 48;

/// Class 0 means "no character here"; the last one is a space, which a file
/// with one key a line does not hold.
static std::vector<std::string> readKeys(const std::string &path) {
  std::ifstream file(path);
  std::vector<std::string> keys = {""};
  for (std::string key; std::getline(file, key);)
    keys.push_back(key);
  if (keys.size() == 1)
    throw std::runtime_error(path + ": no keys");
  keys.push_back(" ");
  return keys;
}

Recognizer::Recognizer(const std::string &path, const std::string &keysPath)
    : model(path), context(model), keys(readKeys(keysPath)) {}

Text Recognizer::read(const Image &image, const Box &line) {
  int width =
      std::max(1, int(std::ceil(inputHeight * line.width / line.height)));
  std::vector<float> input;
  appendCrop(input, image, line, width, inputHeight, width);
  auto &outputs =
      context.run({nacre::tensor(input, {1, 3, inputHeight, width})});

  // One row of probabilities per step from left to right. A character that
  // lasts several steps counts once; two equal ones have an empty step between
  // them.
  auto probabilities = nacre::values<float>(outputs[0]);
  if (size_t(outputs[0].dims[2]) != keys.size())
    throw std::runtime_error("the keys are not those of the model");
  Text text = {"", 0};
  size_t last = 0;
  int count = 0;
  for (auto step = probabilities.begin(); step != probabilities.end();
       step += keys.size()) {
    auto best = std::max_element(step, step + keys.size());
    size_t key = size_t(best - step);
    if (key != last && key != 0) {
      text.text += keys[key];
      text.confidence += *best;
      ++count;
    }
    last = key;
  }
  text.confidence /= float(std::max(count, 1));
  return text;
}
