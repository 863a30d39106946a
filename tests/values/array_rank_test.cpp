#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/values/all.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

using ::testing::ElementsAre;
using Rows = std::vector<std::vector<int>>;
using IntArray = Array<int>;

constexpr std::string_view two_by_two_bytes =
    "00000002 00000000 00000017 00000002 00000001 00000002 00000001 00000004 00000001 00000004 "
    "00000002 00000004 00000003 00000004 00000004";

TEST(ArrayOfAnyRank, KeepsDimensionsAndLowerBounds) {
  const IntArray array({{1, -5}, {2, 0}}, {7, 8});
  const std::string hex = packed(
      "00000002 00000000 00000017 00000001 fffffffb 00000002 00000000 00000004 00000007 "
      "00000004 00000008");
  EXPECT_EQ(parameter(array, oid::int4_array), "binary " + hex);
  EXPECT_EQ(value_of(binary_column<IntArray>(hex, oid::int4_array)), array);
  EXPECT_EQ(value_of(binary_column<std::string>(hex, oid::int4_array)), "[-5:-5][0:1]={{7,8}}");
  EXPECT_EQ(value_of(text_column<IntArray>("[-5:-5][0:1]={{7,8}}", oid::int4_array)), array);
  EXPECT_EQ(parameter(array, 16'400), "text [-5:-5][0:1]={{\"7\",\"8\"}}");
  EXPECT_EQ(parameter(IntArray(), oid::int4_array),
            "binary " + packed("00000000 00000000 00000017"));
  EXPECT_EQ(parameter(IntArray(), 16'400), "text {}");
  EXPECT_EQ(parameter(array, oid::int4), mismatch);
}

TEST(ArrayOfAnyRank, HasElementsForItsDimensions) {
  EXPECT_THROW(IntArray({{2, 1}}, {1}), std::invalid_argument);
  EXPECT_THROW(IntArray({}, {1}), std::invalid_argument);
  EXPECT_THROW(IntArray({{0, 1}}, {}), std::invalid_argument);
  EXPECT_THROW(IntArray({{-1, 1}, {-1, 1}}, {1}), std::invalid_argument);
  EXPECT_THROW(IntArray({{2, 0x7fffffff}}, {1, 2}), std::invalid_argument);
  EXPECT_THROW(IntArray(std::vector<ArrayDimension>(7, {1, 1}), {1}), std::invalid_argument);
  EXPECT_THROW(IntArray(std::vector<ArrayDimension>(6, {0x7fffffff, 1}), {1}),
               std::invalid_argument);
}

TEST(ArrayOfAnyRank, WritesABraceWhereADimensionBegins) {
  const Array<std::optional<std::string>> cube({{2, 1}, {2, 1}, {1, 1}},
                                               {"a", std::nullopt, "NULL", "\""});
  constexpr std::string_view text = R"([1:2][1:2][1:1]={{{"a"},{NULL}},{{"NULL"},{"\""}}})";
  EXPECT_EQ(parameter(cube, 16'400), "text " + std::string(text));
  EXPECT_EQ(value_of(text_column<Array<std::optional<std::string>>>(text, 16'400)), cube);
}

TEST(ArrayOfAnyRank, RefusesTextThatIsNone) {
  for (const std::string_view text : {"",
                                      "1",
                                      "{",
                                      "{1",
                                      "{1,",
                                      "{1,}",
                                      "{,1}",
                                      "{{1}",
                                      "{{1},2}",
                                      "{1,{2}}",
                                      "{{1,2},{3}}",
                                      "{{1},{2,3}}",
                                      "{{}}",
                                      "{{},{}}",
                                      "{1}}",
                                      "{1}{2}",
                                      "[1:1]={}",
                                      "[1:2]={1}",
                                      "[1:1]{1}",
                                      "[1:1][1:1]={1}",
                                      "[2:1]={1}",
                                      "[1:9999999999]={1}",
                                      "[0:0]={{1}}",
                                      "{1} ",
                                      "{{1}{2}}",
                                      "{{{{{{{1}}}}}}}",
                                      "[1:1][1:1][1:1][1:1][1:1][1:1][1:1]={1}"})
    EXPECT_FALSE(text_column<IntArray>(text, oid::int4_array)) << text;
  EXPECT_TRUE(text_column<IntArray>("{{{{{{1}}}}}}", oid::int4_array));
}

TEST(NestedVector, IsAnArrayOfAsManyDimensions) {
  const Rows rows{{1, 2}, {3, 4}};
  EXPECT_EQ(parameter(rows, oid::int4_array), "binary " + packed(two_by_two_bytes));
  EXPECT_EQ(value_of(binary_column<Rows>(two_by_two_bytes, oid::int4_array)), rows);
  EXPECT_EQ(value_of(text_column<Rows>("{{1,2},{3,4}}", oid::int4_array)), rows);
  EXPECT_EQ(value_of(text_column<std::vector<Rows>>("{{{1},{2}}}", oid::int4_array)),
            (std::vector<Rows>{{{1}, {2}}}));
  EXPECT_EQ(parameter(std::vector<std::vector<bool>>{{true}}, 16'400), "text [1:1][1:1]={{\"t\"}}");
  EXPECT_TRUE(value_of(text_column<Rows>("{}", oid::int4_array)).empty());
}

TEST(NestedVector, RefusesWhatIsNotRectangular) {
  EXPECT_EQ(parameter(Rows{{1, 2}, {3}}, oid::int4_array), out_of_range);
  EXPECT_EQ(parameter(Rows{{1}, {2, 3}}, oid::int4_array), out_of_range);
  EXPECT_EQ(parameter(Rows{{}, {1}}, oid::int4_array), out_of_range);
  EXPECT_EQ(parameter(Rows{{1}, {}}, oid::int4_array), out_of_range);
  EXPECT_EQ(parameter(Rows{{}, {}}, oid::int4_array), parameter(IntArray(), oid::int4_array));
  EXPECT_EQ(parameter(Rows{}, oid::int4_array), parameter(IntArray(), oid::int4_array));
  EXPECT_EQ(parameter(std::vector<Rows>{{{}}, {{}}}, oid::int4_array),
            parameter(IntArray(), oid::int4_array));
}

TEST(NestedVector, RefusesAnArrayOfAnotherRank) {
  EXPECT_EQ(text_column<Rows>("{1,2}", oid::int4_array), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Rows>("{{{1}}}", oid::int4_array), DecodeError::out_of_range);
}

TEST(ArrayOfAnyRank, CutShortIsRefused) {
  const auto bytes = bytes_of_hex(two_by_two_bytes);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const Bytes cut = Bytes{bytes}.first(length);
    EXPECT_EQ(column<IntArray>(cut, oid::int4_array, FormatCode::binary), DecodeError::truncated);
    EXPECT_EQ(column<Rows>(cut, oid::int4_array, FormatCode::binary), DecodeError::truncated);
  }
}

TEST(Array, OfADomainIsReadAsItsElementsCounterpart) {
  EXPECT_THAT(value_of(text_column<std::vector<int>>("{1,2}", 16'400)), ElementsAre(1, 2));
  EXPECT_EQ(value_of(text_column<Rows>("{{1},{2}}", 16'400)), (Rows{{1}, {2}}));
}

}  // namespace
}  // namespace pgreactor::testing
