#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <pgreactor/values/floating.hpp>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

using Doubles = std::numeric_limits<double>;
using Floats = std::numeric_limits<float>;

template <class F>
std::string text_of(F value) {
  std::string text;
  detail::append_floating(text, value);
  return text;
}

TEST(Floating, TravelsAsItsBits) {
  EXPECT_EQ(parameter(1.5, oid::float8), "binary 3ff8000000000000");
  EXPECT_EQ(parameter(1.5f, oid::float4), "binary 3fc00000");
  EXPECT_EQ(parameter(-0.0, oid::float8), "binary 8000000000000000");
  EXPECT_EQ(parameter(Doubles::infinity(), oid::float8), "binary 7ff0000000000000");
  EXPECT_TRUE(std::isnan(value_of(binary_column<double>("7ff8000000000000", oid::float8))));
  EXPECT_TRUE(std::signbit(value_of(binary_column<double>("8000000000000000", oid::float8))));
}

TEST(Floating, WidensAndRoundsOnTheWayOut) {
  EXPECT_EQ(parameter(1.5f, oid::float8), "binary 3ff8000000000000");
  EXPECT_EQ(parameter(0.1, oid::float4), "binary 3dcccccd");
  EXPECT_EQ(parameter(1e39, oid::float4), out_of_range);
  EXPECT_EQ(parameter(1e-60, oid::float4), out_of_range) << "the server's cast refuses it too";
  EXPECT_EQ(parameter(-Doubles::infinity(), oid::float4), "binary ff800000");
  EXPECT_EQ(parameter(Doubles::quiet_NaN(), oid::float4), "binary 7fc00000");
}

TEST(Floating, BecomesTheShortestNumeric) {
  EXPECT_EQ(parameter(0.1, oid::numeric), "binary 0001ffff0000000103e8");
  EXPECT_EQ(parameter(0.1f, oid::numeric), "binary 0001ffff0000000103e8");
  EXPECT_EQ(parameter(-12.5, oid::numeric), "binary 0002000040000001000c1388");
  EXPECT_EQ(parameter(Doubles::quiet_NaN(), oid::numeric), "binary 00000000c0000000");
  EXPECT_EQ(parameter(-Doubles::infinity(), oid::numeric), "binary 00000000f0000000");
}

TEST(Floating, RefusesIntegersTextAndTheRest) {
  for (const Oid type : {oid::int4, oid::int8, oid::text, oid::boolean, oid::date})
    EXPECT_EQ(parameter(1.0, type), mismatch) << type;
  EXPECT_EQ(parameter(1e15, 16'400), "text 1e+15");
}

TEST(Floating, NarrowsAColumnOnlyWhenNothingIsLost) {
  EXPECT_EQ(value_of(binary_column<float>("3ff8000000000000", oid::float8)), 1.5f);
  EXPECT_EQ(binary_column<float>("3fb999999999999a", oid::float8), DecodeError::out_of_range);
  EXPECT_EQ(text_column<float>("0.1", oid::float8), DecodeError::out_of_range);
  EXPECT_TRUE(std::isnan(value_of(binary_column<float>("7ff8000000000000", oid::float8))));
  EXPECT_EQ(value_of(binary_column<double>("3dcccccd", oid::float4)), double{0.1f});
  EXPECT_EQ(value_of(text_column<double>("0.1", oid::float4)), double{0.1f});
}

TEST(Floating, ReadsIntegersThatAreExact) {
  EXPECT_EQ(value_of(binary_column<double>("80000000", oid::int4)), -2'147'483'648.0);
  EXPECT_EQ(value_of(binary_column<double>("8000000000000000", oid::int8)), -0x1p63);
  EXPECT_EQ(binary_column<double>("0020000000000001", oid::int8), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<float>("01000001", oid::int4), DecodeError::out_of_range);
  EXPECT_EQ(value_of(text_column<double>("-7", oid::int8)), -7.0);
  EXPECT_EQ(text_column<double>("9007199254740993", oid::int8), DecodeError::out_of_range);
}

TEST(Floating, ReadsTheNearestOfANumeric) {
  EXPECT_EQ(value_of(binary_column<double>("0001ffff0000000103e8", oid::numeric)), 0.1);
  EXPECT_EQ(value_of(text_column<double>("0.1000000000000000055511151231257827", oid::numeric)),
            0.1);
  EXPECT_EQ(value_of(text_column<double>("-Infinity", oid::numeric)), -Doubles::infinity());
  EXPECT_EQ(text_column<double>("1" + std::string(400, '0'), oid::numeric),
            DecodeError::out_of_range);
  // 1e400 and 1e-400 in binary: the server's cast to float8 refuses both
  EXPECT_EQ(binary_column<double>("00010064000000000001", oid::numeric), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<double>("0001ff9c000001900001", oid::numeric), DecodeError::out_of_range);
}

TEST(Floating, ReadsTheServersWordsOnly) {
  EXPECT_TRUE(std::isnan(value_of(text_column<double>("NaN", oid::float8))));
  EXPECT_EQ(value_of(text_column<float>("-Infinity", oid::float4)), -Floats::infinity());
  for (const std::string_view text : {"", "-", "inf", "nan", "-nan", "infinity", "1e", "1.5 ", " 1",
                                      "+1", "0x10", "1,5", "nan(1)"})
    EXPECT_EQ(text_column<double>(text, oid::float8), DecodeError::invalid) << text;
  EXPECT_EQ(text_column<double>("1e999", oid::float8), DecodeError::out_of_range);
  EXPECT_EQ(text_column<double>("1", oid::text), DecodeError::type_mismatch);
}

TEST(Floating, IsPlainOrScientificAsOnTheServer) {
  EXPECT_EQ(text_of(999999.0f), "999999");
  EXPECT_EQ(text_of(1e6f), "1e+06");
  EXPECT_EQ(text_of(1e14), "100000000000000");
  EXPECT_EQ(text_of(1e15), "1e+15");
  EXPECT_EQ(text_of(-123.25), "-123.25");
  EXPECT_EQ(text_of(0.00012), "0.00012");
  EXPECT_EQ(text_of(0.000012), "1.2e-05");
  EXPECT_EQ(text_of(1e100), "1e+100");
}

TEST(Floating, NeverPrintsADecimalHalfwayToANeighbour) {
  // Each has a shorter decimal that rounds back to it only because its mantissa is even.
  EXPECT_EQ(text_of(18014398509481992.0), "1.8014398509481992e+16");
  EXPECT_EQ(text_of(26064900622087408.0), "2.6064900622087408e+16");
  EXPECT_EQ(text_of(69981995729495744.0), "6.9981995729495744e+16");
  EXPECT_EQ(text_of(132682784.0f), "1.32682784e+08");
  EXPECT_EQ(text_of(974915968.0f), "9.7491597e+08");
}

}  // namespace
}  // namespace pgreactor::testing
