#include "Box.h"

#include <algorithm>
#include <cmath>

using namespace ocr;

Point Box::at(float u, float v) const {
  float x = (u - 0.5f) * width, y = (v - 0.5f) * height;
  return {centre.x + x * along.x - y * along.y,
          centre.y + x * along.y + y * along.x};
}

Box Box::turned(int quarters) const {
  Box box = *this;
  for (; quarters > 0; --quarters) {
    box.along = {-box.along.y, box.along.x};
    std::swap(box.width, box.height);
  }
  return box;
}

Box Box::scaled(float x, float y) const {
  float alongScale = std::hypot(along.x * x, along.y * y);
  float acrossScale = std::hypot(along.y * x, along.x * y);
  return {{centre.x * x, centre.y * y},
          {along.x * x / alongScale, along.y * y / alongScale},
          width * alongScale,
          height * acrossScale};
}

float Box::angle() const {
  return std::round(std::atan2(along.y, along.x) * 180 / float(M_PI));
}

/// Twice the area of the triangle, positive if it turns left.
static float turn(Point a, Point b, Point c) {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/// Andrew's monotone chain: the lower half, then the upper half back.
static std::vector<Point> convexHull(std::vector<Point> points) {
  std::sort(points.begin(), points.end(), [](Point a, Point b) {
    return a.x != b.x ? a.x < b.x : a.y < b.y;
  });
  std::vector<Point> hull;
  for (int half = 0; half < 2; ++half) {
    size_t start = hull.size();
    for (Point point : points) {
      while (hull.size() >= start + 2 &&
             turn(hull[hull.size() - 2], hull.back(), point) <= 0)
        hull.pop_back();
      hull.push_back(point);
    }
    hull.pop_back(); // the first of the other half
    std::reverse(points.begin(), points.end());
  }
  return hull;
}

/// The rectangle around the points whose sides run along and across `along`.
static Box boundingBox(const std::vector<Point> &points, Point along) {
  float left = INFINITY, right = -INFINITY, top = INFINITY, bottom = -INFINITY;
  for (Point point : points) {
    float x = point.x * along.x + point.y * along.y;
    float y = point.y * along.x - point.x * along.y;
    left = std::min(left, x), right = std::max(right, x);
    top = std::min(top, y), bottom = std::max(bottom, y);
  }
  float x = (left + right) / 2, y = (top + bottom) / 2;
  return {{x * along.x - y * along.y, x * along.y + y * along.x},
          along,
          right - left,
          bottom - top};
}

Box ocr::smallestBox(std::vector<Point> points) {
  std::vector<Point> hull = convexHull(std::move(points));
  // One side of the smallest rectangle lies on an edge of the hull.
  Box best = boundingBox(hull, {1, 0});
  for (size_t i = 0; i < hull.size(); ++i) {
    Point a = hull[i], b = hull[(i + 1) % hull.size()];
    float length = std::hypot(b.x - a.x, b.y - a.y);
    if (length == 0)
      continue;
    Box box = boundingBox(hull, {(b.x - a.x) / length, (b.y - a.y) / length});
    if (box.width * box.height < best.width * best.height)
      best = box;
  }
  while (best.along.x < std::fabs(best.along.y))
    best = best.turned(1);
  return best;
}
