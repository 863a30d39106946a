#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <pgreactor/values/all.hpp>
#include <string_view>
#include <vector>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

TEST(Geometric, GoesInBinaryToItsOwnTypeAlone) {
  EXPECT_EQ(parameter(Point(1, -2), oid::point), "binary 3ff0000000000000c000000000000000");
  EXPECT_EQ(parameter(Point(1, -2), oid::lseg), mismatch);
  EXPECT_EQ(parameter(Point(1, -2), 16'400), "text (1,-2)");
  EXPECT_EQ(parameter(Circle(Point(0, 0), 1), 16'400), "text <(0,0),1>");
  EXPECT_EQ(parameter(Path({Point(0, 0), Point(1, 1)}, Path::End::closed), 16'400),
            "text ((0,0),(1,1))");
}

TEST(Box, HasItsUpperRightCornerFirst) {
  EXPECT_EQ(Box(Point(1, 4), Point(3, 2)), Box(Point(3, 2), Point(1, 4)));
  EXPECT_EQ(Box(Point(1, 4), Point(3, 2)).high(), Point(3, 4));
  EXPECT_EQ(Box(Point(1, 4), Point(3, 2)).low(), Point(1, 2));
  const Box box{Point(std::nan(""), 0), Point(1, 1)};
  EXPECT_TRUE(std::isnan(box.high().x())) << "NaN is above all";
  const std::vector<Box> boxes{Box(Point(1, 1), Point(0, 0)), Box(Point(3, 3), Point(2, 2))};
  EXPECT_EQ(value_of(text_column<std::vector<Box>>("{(1,1),(0,0);(3,3),(2,2)}", oid::box_array)),
            boxes)
      << "boxes of an array stand apart by a semicolon";
}

TEST(Geometric, RefusesTextThatIsNone) {
  for (const std::string_view text :
       {"", "(", "(1", "(1,", "(1,2", "1,2", "(1,2) ", "(,2)", "(1,)", "(1;2)", "((1,2))", "(1,x)"})
    EXPECT_EQ(text_column<Point>(text, oid::point), DecodeError::invalid) << text;
  for (const std::string_view text :
       {"", "[(1,2)]", "[(1,2),(3,4)", "(1,2),(3,4)", "[(1,2)(3,4)]", "[(1,2),(3,4)]]"})
    EXPECT_EQ(text_column<LineSegment>(text, oid::lseg), DecodeError::invalid) << text;
  for (const std::string_view text : {"", "(1,2)", "(1,2),", "(1,2),(3,4),(5,6)"})
    EXPECT_EQ(text_column<Box>(text, oid::box), DecodeError::invalid) << text;
  for (const std::string_view text : {"", "{}", "{1,2}", "{1,2,3", "{1,2,3,4}"})
    EXPECT_EQ(text_column<Line>(text, oid::line), DecodeError::invalid) << text;
  for (const std::string_view text : {"", "<>", "<(1,2)>", "<(1,2),3", "<1,2,3>", "<(1,2),3>>"})
    EXPECT_EQ(text_column<Circle>(text, oid::circle), DecodeError::invalid) << text;
  for (const std::string_view text : {"", "()", "[]", "((1,2)", "((1,2)]", "[(1,2),]", "((1,2)) "})
    EXPECT_EQ(text_column<Path>(text, oid::path), DecodeError::invalid) << text;
  for (const std::string_view text : {"", "()", "[(1,2)]", "((1,2),)", "((1,2)"})
    EXPECT_EQ(text_column<Polygon>(text, oid::polygon), DecodeError::invalid) << text;
}

TEST(Path, BoundsItsCountByItsBytes) {
  EXPECT_EQ(binary_column<Path>("01 7fffffff", oid::path), DecodeError::truncated);
  EXPECT_EQ(binary_column<Path>("01 ffffffff", oid::path), DecodeError::invalid);
  EXPECT_EQ(binary_column<Path>("01 00000000", oid::path), DecodeError::invalid);
  EXPECT_EQ(binary_column<Path>("02 00000001 0000000000000000 0000000000000000", oid::path),
            DecodeError::invalid);
  EXPECT_EQ(binary_column<Polygon>("00000002 0000000000000000 0000000000000000", oid::polygon),
            DecodeError::truncated);
  EXPECT_EQ(binary_column<Polygon>("80000000", oid::polygon), DecodeError::invalid);
}

}  // namespace
}  // namespace pgreactor::testing
