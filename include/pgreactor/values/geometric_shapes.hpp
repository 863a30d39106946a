#pragma once
#include <pgreactor/values/geometric.hpp>

// The texts of the geometric types, both ways.
namespace pgreactor {

namespace detail {

inline bool scan_point(TextScanner& in, Point& point) noexcept {
  double x = 0;
  double y = 0;
  if (!scan_pair(in, x, y)) return false;
  point = Point{x, y};
  return true;
}

/// Two points with "," between.
inline bool scan_points(TextScanner& in, Point& first, Point& second) noexcept {
  return scan_point(in, first) && in.accept(',') && scan_point(in, second);
}

/// One point or more with "," between, up to `close` at the end of the text.
inline bool scan_points(TextScanner& in, char close, std::vector<Point>& points) {
  do {
    Point point;
    if (!scan_point(in, point)) return false;
    points.push_back(point);
  } while (in.accept(','));
  return in.accept(close) && in.at_end();
}

inline void append_points(std::string& out, const std::vector<Point>& points) {
  bool first = true;
  for (const Point& point : points) {
    if (!std::exchange(first, false)) out.push_back(',');
    point.append_to(out);
  }
}

}  // namespace detail

inline Decoded<Point> Point::parse(std::string_view text) noexcept {
  detail::TextScanner in{text};
  Point point;
  if (!detail::scan_point(in, point) || !in.at_end()) return DecodeError::invalid;
  return point;
}

inline Decoded<LineSegment> LineSegment::parse(std::string_view text) noexcept {
  detail::TextScanner in{text};
  Point first;
  Point second;
  if (!in.accept('[') || !detail::scan_points(in, first, second) || !in.accept(']') || !in.at_end())
    return DecodeError::invalid;
  return LineSegment{first, second};
}
inline void LineSegment::append_to(std::string& out) const {
  out.push_back('[');
  first_.append_to(out);
  out.push_back(',');
  second_.append_to(out);
  out.push_back(']');
}

inline Decoded<Box> Box::parse(std::string_view text) noexcept {
  detail::TextScanner in{text};
  Point a;
  Point b;
  if (!detail::scan_points(in, a, b) || !in.at_end()) return DecodeError::invalid;
  return Box{a, b};
}
inline void Box::append_to(std::string& out) const {
  high_.append_to(out);
  out.push_back(',');
  low_.append_to(out);
}

inline Decoded<Line> Line::parse(std::string_view text) noexcept {
  detail::TextScanner in{text};
  double a = 0;
  double b = 0;
  double c = 0;
  const bool read = in.accept('{') && detail::scan_coordinate(in, a) && in.accept(',') &&
                    detail::scan_coordinate(in, b) && in.accept(',') &&
                    detail::scan_coordinate(in, c) && in.accept('}');
  if (!read || !in.at_end()) return DecodeError::invalid;
  return Line{a, b, c};
}
inline void Line::append_to(std::string& out) const {
  out.push_back('{');
  detail::append_floating(out, a_);
  out.push_back(',');
  detail::append_floating(out, b_);
  out.push_back(',');
  detail::append_floating(out, c_);
  out.push_back('}');
}

inline Decoded<Circle> Circle::parse(std::string_view text) noexcept {
  detail::TextScanner in{text};
  Point center;
  double radius = 0;
  const bool read = in.accept('<') && detail::scan_point(in, center) && in.accept(',') &&
                    detail::scan_coordinate(in, radius) && in.accept('>');
  if (!read || !in.at_end()) return DecodeError::invalid;
  return Circle{center, radius};
}
inline void Circle::append_to(std::string& out) const {
  out.push_back('<');
  center_.append_to(out);
  out.push_back(',');
  detail::append_floating(out, radius_);
  out.push_back('>');
}

inline Decoded<Path> Path::parse(std::string_view text) {
  detail::TextScanner in{text};
  const End end = in.accept('(') ? End::closed : End::open;
  if (end == End::open && !in.accept('[')) return DecodeError::invalid;
  std::vector<Point> points;
  if (!detail::scan_points(in, end == End::closed ? ')' : ']', points)) return DecodeError::invalid;
  return Path{std::move(points), end};
}
inline void Path::append_to(std::string& out) const {
  out.push_back(is_closed() ? '(' : '[');
  detail::append_points(out, points_);
  out.push_back(is_closed() ? ')' : ']');
}

inline Decoded<Polygon> Polygon::parse(std::string_view text) {
  detail::TextScanner in{text};
  std::vector<Point> points;
  if (!in.accept('(') || !detail::scan_points(in, ')', points)) return DecodeError::invalid;
  return Polygon{std::move(points)};
}
inline void Polygon::append_to(std::string& out) const {
  out.push_back('(');
  detail::append_points(out, points_);
  out.push_back(')');
}

}  // namespace pgreactor
