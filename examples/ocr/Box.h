#ifndef NACRE_EXAMPLES_OCR_BOX_H
#define NACRE_EXAMPLES_OCR_BOX_H

#include <vector>

namespace ocr {

/// A place in a picture; y grows downwards.
struct Point {
  float x, y;
};

/// A rectangle at any angle. Text in it runs along the unit vector `along`.
struct Box {
  Point centre;
  Point along;
  float width, height;

  /// The place at fractions `u` of the width and `v` of the height, counted
  /// from the top left corner as the text sees it.
  Point at(float u, float v) const;
  /// The same rectangle with text running `quarters` x 90 degrees clockwise
  /// from where it ran.
  Box turned(int quarters) const;
  /// The rectangle in a picture that is stretched by these factors.
  Box scaled(float x, float y) const;
  /// Whole degrees, clockwise, from the direction of upright text.
  float angle() const;
};

/// The rectangle of least area around the points, with `along` at most 45
/// degrees from upright text.
Box smallestBox(std::vector<Point> points);

} // namespace ocr

#endif // NACRE_EXAMPLES_OCR_BOX_H
