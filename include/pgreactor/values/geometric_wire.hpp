#pragma once
#include <bit>
#include <cstdint>
#include <pgreactor/values/geometric.hpp>
#include <pgreactor/values/wire_value.hpp>

// The binary forms of the geometric types: float8 after float8, in the order of their texts.
namespace pgreactor {

namespace detail {

inline void append_coordinate(ByteBuffer& out, double value) {
  append_fixed(out, std::bit_cast<std::uint64_t>(value));
}
inline void append_coordinates(ByteBuffer& out, Point point) {
  append_coordinate(out, point.x());
  append_coordinate(out, point.y());
}
inline double read_coordinate(ValueReader& in) noexcept {
  return std::bit_cast<double>(in.number<std::uint64_t>());
}
inline Point read_point(ValueReader& in) noexcept {
  const double x = read_coordinate(in);
  return Point{x, read_coordinate(in)};
}

struct PointLayout {
  static void write(ByteBuffer& out, Point value) { append_coordinates(out, value); }
  static DecodeError read(Bytes in, Point& value) noexcept {
    ValueReader reader{in};
    value = read_point(reader);
    return reader.error();
  }
};

struct LineSegmentLayout {
  static void write(ByteBuffer& out, const LineSegment& value) {
    append_coordinates(out, value.first());
    append_coordinates(out, value.second());
  }
  static DecodeError read(Bytes in, LineSegment& value) noexcept {
    ValueReader reader{in};
    const Point first = read_point(reader);
    value = LineSegment{first, read_point(reader)};
    return reader.error();
  }
};

struct BoxLayout {
  static void write(ByteBuffer& out, const Box& value) {
    append_coordinates(out, value.high());
    append_coordinates(out, value.low());
  }
  static DecodeError read(Bytes in, Box& value) noexcept {
    ValueReader reader{in};
    const Point high = read_point(reader);
    value = Box{high, read_point(reader)};
    return reader.error();
  }
};

struct LineLayout {
  static void write(ByteBuffer& out, const Line& value) {
    append_coordinate(out, value.a());
    append_coordinate(out, value.b());
    append_coordinate(out, value.c());
  }
  static DecodeError read(Bytes in, Line& value) noexcept {
    ValueReader reader{in};
    const double a = read_coordinate(reader);
    const double b = read_coordinate(reader);
    value = Line{a, b, read_coordinate(reader)};
    return reader.error();
  }
};

struct CircleLayout {
  static void write(ByteBuffer& out, const Circle& value) {
    append_coordinates(out, value.center());
    append_coordinate(out, value.radius());
  }
  static DecodeError read(Bytes in, Circle& value) noexcept {
    ValueReader reader{in};
    const Point center = read_point(reader);
    value = Circle{center, read_coordinate(reader)};
    return reader.error();
  }
};

inline void append_counted_points(ByteBuffer& out, const std::vector<Point>& points) {
  append_fixed(out, static_cast<std::int32_t>(points.size()));
  for (const Point& point : points) append_coordinates(out, point);
}

/// Reads i32 count and as many points. Their number is bounded by the bytes that are left.
inline DecodeError read_counted_points(ValueReader& in, std::vector<Point>& points) {
  const auto count = in.number<std::int32_t>();
  if (in.ran_short()) return DecodeError::truncated;
  if (count <= 0) return DecodeError::invalid;
  constexpr std::size_t point_size = 2 * sizeof(double);
  if (static_cast<std::size_t>(count) > in.remaining() / point_size) return DecodeError::truncated;
  points.clear();
  points.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) points.push_back(read_point(in));
  return in.error();
}

// u8 closed, i32 count, points
struct PathLayout {
  static void write(ByteBuffer& out, const Path& value) {
    append_fixed(out, std::uint8_t{value.is_closed() ? std::uint8_t{1} : std::uint8_t{0}});
    append_counted_points(out, value.points());
  }
  static DecodeError read(Bytes in, Path& value) {
    ValueReader reader{in};
    const auto closed = reader.number<std::uint8_t>();
    if (closed > 1) return DecodeError::invalid;
    std::vector<Point> points;
    const DecodeError error = read_counted_points(reader, points);
    if (error == DecodeError::none)
      value = Path{std::move(points), closed == 1 ? Path::End::closed : Path::End::open};
    return error;
  }
};

// i32 count, points
struct PolygonLayout {
  static void write(ByteBuffer& out, const Polygon& value) {
    append_counted_points(out, value.points());
  }
  static DecodeError read(Bytes in, Polygon& value) {
    ValueReader reader{in};
    std::vector<Point> points;
    const DecodeError error = read_counted_points(reader, points);
    if (error == DecodeError::none) value = Polygon{std::move(points)};
    return error;
  }
};

}  // namespace detail

/// Each of these <-> the server's type of that name alone.
template <>
struct ValueCodec<Point> : detail::SingleTypeCodec<Point, oid::point, detail::PointLayout> {};
template <>
struct ValueCodec<LineSegment>
    : detail::SingleTypeCodec<LineSegment, oid::lseg, detail::LineSegmentLayout> {};
template <>
struct ValueCodec<Box> : detail::SingleTypeCodec<Box, oid::box, detail::BoxLayout> {};
template <>
struct ValueCodec<Line> : detail::SingleTypeCodec<Line, oid::line, detail::LineLayout> {};
template <>
struct ValueCodec<Circle> : detail::SingleTypeCodec<Circle, oid::circle, detail::CircleLayout> {};
template <>
struct ValueCodec<Path> : detail::SingleTypeCodec<Path, oid::path, detail::PathLayout> {};
template <>
struct ValueCodec<Polygon> : detail::SingleTypeCodec<Polygon, oid::polygon, detail::PolygonLayout> {
};

}  // namespace pgreactor
