#include "Detect.h"

#include <algorithm>
#include <cmath>

using namespace ocr;

/// The longer side of what the network sees; larger pictures are reduced.
static constexpr float longestSide = 960;
/// The network halves its input five times.
static constexpr float granularity = 32;
/// From this probability on a pixel belongs to a text.
static constexpr float pixelThreshold = 0.3f;
/// From this mean probability on an area is a text.
static constexpr float areaThreshold = 0.5f;
/// The network marks the inner part of a line; this is how much it grows:
/// distance = area * ratio / circumference.
static constexpr float growRatio = 1.6f;
/// Boxes below this many pixels are noise.
static constexpr float leastSide = 3;

namespace {

/// How likely every pixel is a part of a text.
struct Map {
  const float *values;
  int width, height;
};

/// The pixels of one connected area, and the sum of their probabilities.
struct Area {
  std::vector<Point> pixels;
  float sum = 0;
};

} // namespace

/// The area which `start` belongs to; marks it as seen.
static Area flood(const Map &map, int start, std::vector<bool> &seen) {
  Area area;
  std::vector<int> open = {start};
  seen[size_t(start)] = true;
  while (!open.empty()) {
    int index = open.back();
    open.pop_back();
    int x = index % map.width, y = index / map.width;
    area.pixels.push_back({float(x) + 0.5f, float(y) + 0.5f});
    area.sum += map.values[index];
    for (int row = std::max(y - 1, 0); row <= std::min(y + 1, map.height - 1);
         ++row)
      for (int column = std::max(x - 1, 0);
           column <= std::min(x + 1, map.width - 1); ++column) {
        int next = row * map.width + column;
        if (seen[size_t(next)] || map.values[next] <= pixelThreshold)
          continue;
        seen[size_t(next)] = true;
        open.push_back(next);
      }
  }
  return area;
}

/// Appends the box of `area` if it is a text.
static void appendBox(std::vector<Box> &boxes, Area area) {
  float size = float(area.pixels.size());
  if (size < leastSide * leastSide || area.sum / size < areaThreshold)
    return;
  Box box = smallestBox(std::move(area.pixels));
  if (std::min(box.width, box.height) < leastSide)
    return;
  float grow =
      box.width * box.height * growRatio / (2 * (box.width + box.height));
  box.width += 2 * grow;
  box.height += 2 * grow;
  // Much higher than wide: the line runs downwards.
  boxes.push_back(box.height >= 1.5f * box.width ? box.turned(1) : box);
}

static bool sameRow(const Box &a, const Box &b) {
  return std::fabs(a.centre.y - b.centre.y) < std::min(a.height, b.height) / 2;
}

static void sortForReading(std::vector<Box> &boxes) {
  std::sort(boxes.begin(), boxes.end(),
            [](const Box &a, const Box &b) { return a.centre.y < b.centre.y; });
  // "In the same row" is no transitive relation, so std::sort cannot take it.
  for (size_t i = 1; i < boxes.size(); ++i)
    for (size_t k = i; k > 0 && sameRow(boxes[k - 1], boxes[k]) &&
                       boxes[k].centre.x < boxes[k - 1].centre.x;
         --k)
      std::swap(boxes[k - 1], boxes[k]);
}

/// The side of the network's input for a side of the picture.
static int inputSide(int side, float scale) {
  float steps = std::round(float(side) * scale / granularity);
  return int(std::max(steps, 1.0f) * granularity);
}

std::vector<Box> Detector::detect(const Image &image) {
  float longest = float(std::max(image.width, image.height));
  float scale = std::min(1.0f, longestSide / longest);
  int width = inputSide(image.width, scale);
  int height = inputSide(image.height, scale);

  std::vector<float> input;
  appendCrop(input, image, image.whole(), width, height, width);
  auto &outputs = context.run({nacre::tensor(input, {1, 3, height, width})});
  auto probabilities = nacre::values<float>(outputs[0]);
  Map map = {probabilities.begin(), width, height};

  std::vector<Box> boxes;
  std::vector<bool> seen(probabilities.size());
  for (int i = 0; i < width * height; ++i)
    if (!seen[size_t(i)] && map.values[i] > pixelThreshold)
      appendBox(boxes, flood(map, i, seen));
  for (Box &box : boxes)
    box = box.scaled(float(image.width) / float(width),
                     float(image.height) / float(height));
  sortForReading(boxes);
  return boxes;
}
