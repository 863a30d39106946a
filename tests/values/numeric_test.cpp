#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <pgreactor/values/numeric.hpp>
#include <string>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

Numeric number(std::string_view text) { return value_of(Numeric::parse(text)); }

TEST(Numeric, KeepsItsValueAndItsScale) {
  struct Case {
    std::string_view written;
    std::string_view shown;
    unsigned scale;
  };
  constexpr Case cases[] = {
      {"0", "0", 0},           {"-0", "0", 0},
      {"0.00", "0.00", 2},     {"12.50", "12.50", 2},
      {"+1", "1", 0},          {".5", "0.5", 1},
      {"5.", "5", 0},          {"-.25", "-0.25", 2},
      {"0001.10", "1.10", 2},  {"1e3", "1000", 0},
      {"1.5E-3", "0.0015", 4}, {"12e-1", "1.2", 1},
      {"1e+05", "100000", 0},  {"0e-3", "0.000", 3},
      {"100e-2", "1.00", 2},   {"10000", "10000", 0},
      {"0.0001", "0.0001", 4}, {"100000000.00000001", "100000000.00000001", 8}};
  for (const Case& each : cases) {
    EXPECT_EQ(number(each.written).to_string(), each.shown) << each.written;
    EXPECT_EQ(number(each.written).scale(), each.scale) << each.written;
  }
}

TEST(Numeric, RefusesWhatIsNoNumber) {
  for (const std::string_view text :
       {"",   ".",  "-",   "+",    "e5",  "1e",   "1e+",  "1e+-5", "1e-+5", "1..2",  "1.2.3", "1,5",
        " 1", "1 ", "--1", "0x10", "nan", "+NaN", "-NaN", "NaN0",  "inf",   "1e5.5", "1_000"})
    EXPECT_EQ(Numeric::parse(text), DecodeError::invalid) << text;
}

TEST(Numeric, EndsWhereTheServersDoes) {
  const Numeric greatest = number("1e131071");
  EXPECT_EQ(greatest.to_string(), "1" + std::string(131'071, '0'));
  EXPECT_EQ(Numeric::parse("1e131072"), DecodeError::out_of_range);
  EXPECT_EQ(Numeric::parse("1" + std::string(131'072, '0')), DecodeError::out_of_range);
  EXPECT_EQ(number("1e-16383").to_string(), "0." + std::string(16'382, '0') + "1");
  EXPECT_EQ(Numeric::parse("1e-16384"), DecodeError::out_of_range);
  EXPECT_EQ(Numeric::parse("0." + std::string(16'384, '0')), DecodeError::out_of_range);
  EXPECT_EQ(Numeric::parse("1e99999999999"), DecodeError::out_of_range);
  EXPECT_EQ(Numeric::parse("1e-2147483648"), DecodeError::out_of_range);
  EXPECT_EQ(number("0e2147483647").to_string(), "0");
  EXPECT_EQ(number(std::string(200'000, '0') + "7").to_string(), "7");
}

TEST(Numeric, HasTheServersBytesAtItsEnds) {
  EXPECT_EQ(parameter(number("1e131071"), oid::numeric), "binary 00017fff0000000003e8");
  EXPECT_EQ(parameter(number("1e-16383"), oid::numeric), "binary 0001f00000003fff000a");
  EXPECT_EQ(value_of(binary_column<Numeric>("0001f00000003fff000a", oid::numeric)),
            number("1e-16383"));
}

TEST(Numeric, OrdersAsTheServerDoes) {
  const Numeric ascending[] = {Numeric::minus_infinity(),
                               number("-1e100"),
                               number("-10000"),
                               number("-2"),
                               number("-1.5"),
                               number("-0.0001"),
                               number("0"),
                               number("0.00000001"),
                               number("0.0001"),
                               number("1"),
                               number("1.0001"),
                               number("9999"),
                               number("10000"),
                               number("10000.5"),
                               number("1e100"),
                               Numeric::infinity(),
                               Numeric::nan()};
  for (const Numeric& a : ascending)
    for (const Numeric& b : ascending) {
      EXPECT_EQ(a < b, &a < &b) << a.to_string() << ' ' << b.to_string();
      EXPECT_EQ(a == b, &a == &b) << a.to_string() << ' ' << b.to_string();
    }
}

TEST(Numeric, IsEqualWhateverItsScale) {
  EXPECT_EQ(number("1.0"), number("1.000"));
  EXPECT_EQ(number("-0.0"), number("0"));
  EXPECT_EQ(number("1e4"), Numeric{10'000});
  EXPECT_EQ(Numeric::nan(), Numeric::nan());
  EXPECT_TRUE(number("-0.0") <= Numeric{} && number("-0.0") >= Numeric{});
}

TEST(Numeric, ComesFromNumbers) {
  EXPECT_EQ(Numeric{std::numeric_limits<std::int64_t>::min()}.to_string(), "-9223372036854775808");
  EXPECT_EQ(Numeric{std::numeric_limits<std::uint64_t>::max()}.to_string(), "18446744073709551615");
  EXPECT_EQ(Numeric{0.1}.to_string(), "0.1");
  EXPECT_EQ(Numeric{0.1f}.to_string(), "0.1");
  EXPECT_EQ(Numeric{-5e-324}.to_string(), "-0." + std::string(323, '0') + "5");
  EXPECT_EQ(Numeric{1e22}.to_string(), "10000000000000000000000");
  EXPECT_EQ(Numeric{-std::numeric_limits<double>::infinity()}, Numeric::minus_infinity());
}

TEST(Numeric, TellsWhatItIs) {
  EXPECT_TRUE(number("12.00").is_integral());
  EXPECT_FALSE(number("12.01").is_integral());
  EXPECT_FALSE(Numeric::infinity().is_integral());
  EXPECT_TRUE(Numeric::minus_infinity().is_negative());
  EXPECT_FALSE(Numeric::nan().is_finite());
  EXPECT_TRUE(number("0.000").is_zero());
}

TEST(Numeric, ConvertsToIntegersInRange) {
  EXPECT_EQ(value_of(number("-9223372036854775808").to_int64()),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(number("9223372036854775808").to_int64(), DecodeError::out_of_range);
  EXPECT_EQ(number("1e30").to_int64(), DecodeError::out_of_range);
  EXPECT_EQ(number("0.5").to_int64(), DecodeError::out_of_range);
  EXPECT_EQ(Numeric::nan().to_int64(), DecodeError::out_of_range);
  EXPECT_EQ(value_of(number("-128").to_integer<std::int8_t>()), -128);
  EXPECT_EQ(number("-129").to_integer<std::int8_t>(), DecodeError::out_of_range);
  EXPECT_EQ(number("-1").to_integer<std::uint64_t>(), DecodeError::out_of_range);
}

TEST(Numeric, ConvertsToTheNearestDouble) {
  EXPECT_EQ(value_of(number("0.1").to_double()), 0.1);
  EXPECT_EQ(value_of(number("-123456789012345678901234567890").to_double()),
            -123456789012345678901234567890.0);
  EXPECT_EQ(value_of(number("1e308").to_double()), 1e308);
  EXPECT_EQ(value_of(number("5e-324").to_double()), 5e-324);
  EXPECT_EQ(number("1e309").to_double(), DecodeError::out_of_range);
  EXPECT_EQ(number("1e-400").to_double(), DecodeError::out_of_range);
  EXPECT_EQ(number("1e131071").to_double(), DecodeError::out_of_range);
  EXPECT_EQ(value_of(Numeric{}.to_double()), 0.0);
}

TEST(Numeric, GoesToIntegerTypesWithoutAFraction) {
  EXPECT_EQ(parameter(number("12.00"), oid::int4), "binary 0000000c");
  EXPECT_EQ(parameter(number("12.5"), oid::int4), out_of_range);
  EXPECT_EQ(parameter(number("32768"), oid::int2), out_of_range);
  EXPECT_EQ(parameter(Numeric::nan(), oid::int8), out_of_range);
  EXPECT_EQ(parameter(number("1"), oid::float8), mismatch);
  EXPECT_EQ(parameter(number("1"), oid::text), mismatch);
  EXPECT_EQ(parameter(number("1.50"), 16'400), "text 1.50");
}

TEST(Numeric, ReadsIntegerColumns) {
  EXPECT_EQ(value_of(binary_column<Numeric>("fffe", oid::int2)), Numeric{-2});
  EXPECT_EQ(value_of(binary_column<Numeric>("ffffffff", oid::oid)), Numeric{4'294'967'295});
  EXPECT_EQ(binary_column<Numeric>("3ff8000000000000", oid::float8), DecodeError::type_mismatch);
}

TEST(Numeric, IsWrittenInAsManyCharactersAsItHasDigits) {
  for (const std::string text :
       {"0", "12.50", "-7", "1e131071", "-123456789e4000", "1e-16383", "-15e-400", "120e-300",
        "1e200", "99999999e60", "NaN", "-Infinity"}) {
    const Numeric number = *Numeric::parse(text);
    std::string compact;
    number.append_compact_to(compact);
    EXPECT_LE(compact.size(), std::max<std::size_t>(text.size() + 8, 80)) << text;
    const Numeric same = *Numeric::parse(compact);
    EXPECT_EQ(same, number) << compact;
    EXPECT_EQ(same.scale(), number.scale()) << compact;
  }
  std::string ordinary;
  Numeric::parse("12.50")->append_compact_to(ordinary);
  EXPECT_EQ(ordinary, "12.50");
}

// groups weight sign scale group...
TEST(Numeric, RefusesBytesThatAreNoNumber) {
  EXPECT_EQ(binary_column<Numeric>("0001000000000000", oid::numeric), DecodeError::truncated);
  EXPECT_EQ(binary_column<Numeric>("ffff000000000000"
                                   "0001",
                                   oid::numeric),
            DecodeError::truncated);
  EXPECT_EQ(binary_column<Numeric>("00010000000000002710", oid::numeric), DecodeError::invalid)
      << "a group of 10000";
  EXPECT_EQ(binary_column<Numeric>("0001000000000000ffff", oid::numeric), DecodeError::invalid);
  EXPECT_EQ(binary_column<Numeric>("00010000800000000001", oid::numeric), DecodeError::invalid)
      << "no such sign";
  EXPECT_EQ(binary_column<Numeric>("00010000000040000001", oid::numeric), DecodeError::invalid)
      << "scale 16384";
  EXPECT_EQ(binary_column<Numeric>("0001ffff000000010001", oid::numeric), DecodeError::invalid)
      << "0.0001 with one decimal";
  EXPECT_EQ(binary_column<Numeric>("00010000c00000000001", oid::numeric), DecodeError::invalid)
      << "NaN with digits";
  EXPECT_EQ(binary_column<Numeric>("0000000000000000"
                                   "00",
                                   oid::numeric),
            DecodeError::trailing);
  EXPECT_EQ(binary_column<Numeric>("00000000c0000000"
                                   "00",
                                   oid::numeric),
            DecodeError::trailing);
}

// Requirement: W16
TEST(Numeric, ReadsZerosInAnyNumberOfGroups) {
  for (const std::size_t groups : {1u, 2u, 1000u, 32'767u, 65'535u})
    for (const std::string_view weight : {"0000", "7fff", "8000", "ffff"})
      for (const std::string_view sign : {"0000", "4000"}) {
        std::string hex = hex_of(
            std::array{static_cast<std::byte>(groups >> 8), static_cast<std::byte>(groups & 0xff)});
        hex.append(weight).append(sign).append("0002").append(4 * groups, '0');
        const Numeric zero = value_of(binary_column<Numeric>(hex, oid::numeric));
        EXPECT_EQ(zero, Numeric{});
        EXPECT_EQ(zero.to_string(), "0.00");
      }
}

TEST(Numeric, ReadsZeroGroupsAroundItsDigits) {
  // 0000 0012 5000 0000 at weight 1 is 12.5000; the same number without the zeros
  const Numeric padded =
      value_of(binary_column<Numeric>("00040001000000020000000c13880000", oid::numeric));
  EXPECT_EQ(padded, number("12.5"));
  EXPECT_EQ(padded.to_string(), "12.50");
  EXPECT_EQ(parameter(padded, oid::numeric), "binary 0002000000000002000c1388");
}

}  // namespace
}  // namespace pgreactor::testing
