#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <pgreactor/values/geometric_text.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The geometric types. Their numbers are float8 and may be NaN and infinite, as on the server; two
// are equal when their numbers are, without the server's tolerance of 1e-6.
// Source  postgresql.org/docs/current/datatype-geometric.html
namespace pgreactor {

/// point: "(1.5,-2)".
class Point {
 public:
  constexpr Point() = default;
  constexpr Point(double x, double y) noexcept : x_(x), y_(y) {}
  /// Errors  invalid for what is no point. So for the parse() of all types here.
  static Decoded<Point> parse(std::string_view text) noexcept;

  constexpr double x() const noexcept { return x_; }
  constexpr double y() const noexcept { return y_; }
  void append_to(std::string& out) const { detail::append_pair(out, x_, y_); }
  friend constexpr bool operator==(const Point&, const Point&) = default;

 private:
  double x_ = 0;
  double y_ = 0;
};

/// lseg: the line between two points, "[(0,0),(1,1)]".
class LineSegment {
 public:
  constexpr LineSegment() = default;
  constexpr LineSegment(Point first, Point second) noexcept : first_(first), second_(second) {}
  static Decoded<LineSegment> parse(std::string_view text) noexcept;

  constexpr Point first() const noexcept { return first_; }
  constexpr Point second() const noexcept { return second_; }
  void append_to(std::string& out) const;
  friend constexpr bool operator==(const LineSegment&, const LineSegment&) = default;

 private:
  Point first_;
  Point second_;
};

/// box: "(1,1),(0,0)", the upper right corner first, whichever corners it was made of.
class Box {
 public:
  constexpr Box() = default;
  /// Two opposite corners.
  Box(Point a, Point b) noexcept
      : high_(below(a.x(), b.x()) ? b.x() : a.x(), below(a.y(), b.y()) ? b.y() : a.y()),
        low_(below(a.x(), b.x()) ? a.x() : b.x(), below(a.y(), b.y()) ? a.y() : b.y()) {}
  static Decoded<Box> parse(std::string_view text) noexcept;

  constexpr Point high() const noexcept { return high_; }
  constexpr Point low() const noexcept { return low_; }
  void append_to(std::string& out) const;
  friend constexpr bool operator==(const Box&, const Box&) = default;

 private:
  /// The server's order of float8: NaN above all others.
  static bool below(double a, double b) noexcept {
    return !std::isnan(a) && (std::isnan(b) || a < b);
  }
  Point high_;
  Point low_;
};

/// line: all points with a*x + b*y + c = 0, "{a,b,c}". The server refuses a = b = 0.
class Line {
 public:
  /// x = 0
  constexpr Line() = default;
  constexpr Line(double a, double b, double c) noexcept : a_(a), b_(b), c_(c) {}
  static Decoded<Line> parse(std::string_view text) noexcept;

  constexpr double a() const noexcept { return a_; }
  constexpr double b() const noexcept { return b_; }
  constexpr double c() const noexcept { return c_; }
  void append_to(std::string& out) const;
  friend constexpr bool operator==(const Line&, const Line&) = default;

 private:
  double a_ = 1;
  double b_ = 0;
  double c_ = 0;
};

/// circle: "<(0,0),1>". The server refuses a radius below zero.
class Circle {
 public:
  constexpr Circle() = default;
  constexpr Circle(Point center, double radius) noexcept : center_(center), radius_(radius) {}
  static Decoded<Circle> parse(std::string_view text) noexcept;

  constexpr Point center() const noexcept { return center_; }
  constexpr double radius() const noexcept { return radius_; }
  void append_to(std::string& out) const;
  friend constexpr bool operator==(const Circle&, const Circle&) = default;

 private:
  Point center_;
  double radius_ = 0;
};

/// path: points in order, "((0,0),(1,1))" when the last is joined to the first, "[(0,0),(1,1)]"
/// when not. The server refuses one without points.
class Path {
 public:
  enum class End : bool { open, closed };

  Path() = default;
  Path(std::vector<Point> points, End end) noexcept : points_(std::move(points)), end_(end) {}
  static Decoded<Path> parse(std::string_view text);

  const std::vector<Point>& points() const noexcept { return points_; }
  bool is_closed() const noexcept { return end_ == End::closed; }
  void append_to(std::string& out) const;
  friend bool operator==(const Path&, const Path&) = default;

 private:
  std::vector<Point> points_;
  End end_ = End::open;
};

/// polygon: its corners in order, "((0,0),(1,0),(1,1))". The server refuses one without corners.
class Polygon {
 public:
  Polygon() = default;
  explicit Polygon(std::vector<Point> points) noexcept : points_(std::move(points)) {}
  static Decoded<Polygon> parse(std::string_view text);

  const std::vector<Point>& points() const noexcept { return points_; }
  void append_to(std::string& out) const;
  friend bool operator==(const Polygon&, const Polygon&) = default;

 private:
  std::vector<Point> points_;
};

}  // namespace pgreactor

#include <pgreactor/values/geometric_shapes.hpp>
#include <pgreactor/values/geometric_wire.hpp>
