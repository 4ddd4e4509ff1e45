#include "Image.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

using namespace ocr;

Box Image::whole() const {
  return {{width / 2.0f, height / 2.0f}, {1, 0}, float(width), float(height)};
}

Image ocr::readPng(const std::string &path) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_file(&png, path.c_str()))
    throw std::runtime_error(path + ": " + png.message);
  png.format = PNG_FORMAT_BGR;
  Image image;
  image.width = int(png.width);
  image.height = int(png.height);
  image.pixels.resize(PNG_IMAGE_SIZE(png));
  png_color white = {255, 255, 255}; // below transparent pixels
  if (!png_image_finish_read(&png, &white, image.pixels.data(), 0, nullptr))
    throw std::runtime_error(path + ": " + png.message);
  return image;
}

namespace {

/// The two neighbours of a coordinate along one axis, and the weight of the
/// second. Pixel i covers [i, i + 1); beyond the border the last pixel repeats.
struct Neighbours {
  Neighbours(float position, int size) {
    position -= 0.5f;
    float floor = std::floor(position);
    weight = position - floor;
    first = std::clamp(int(floor), 0, size - 1);
    second = std::clamp(int(floor) + 1, 0, size - 1);
  }
  int first, second;
  float weight;
};

} // namespace

/// The bilinear value of one channel at `at`.
static float sample(const Image &image, Point at, int channel) {
  Neighbours x(at.x, image.width), y(at.y, image.height);
  auto pixel = [&](int column, int row) {
    size_t index = size_t(row) * size_t(image.width) + size_t(column);
    return float(image.pixels[index * 3 + size_t(channel)]);
  };
  float top = pixel(x.first, y.first) * (1 - x.weight) +
              pixel(x.second, y.first) * x.weight;
  float bottom = pixel(x.first, y.second) * (1 - x.weight) +
                 pixel(x.second, y.second) * x.weight;
  return top * (1 - y.weight) + bottom * y.weight;
}

void ocr::appendCrop(std::vector<float> &tensor, const Image &image,
                     const Box &box, int width, int height, int paddedWidth) {
  tensor.reserve(tensor.size() + size_t(3 * height * paddedWidth));
  for (int channel = 0; channel < 3; ++channel)
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column) {
        Point at = box.at((float(column) + 0.5f) / float(width),
                          (float(row) + 0.5f) / float(height));
        tensor.push_back(sample(image, at, channel) / 127.5f - 1);
      }
      tensor.insert(tensor.end(), size_t(paddedWidth - width), 0.0f);
    }
}
