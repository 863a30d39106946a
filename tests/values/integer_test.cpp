#include <gtest/gtest.h>

#include <limits>
#include <pgreactor/values/boolean.hpp>
#include <pgreactor/values/integer.hpp>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

constexpr Oid application_type = 16'400;

TEST(Boolean, IsOneByteOfZeroOrOne) {
  EXPECT_EQ(parameter(true, oid::boolean), "binary 01");
  EXPECT_EQ(parameter(false, oid::boolean), "binary 00");
  EXPECT_TRUE(value_of(binary_column<bool>("01", oid::boolean)));
  EXPECT_FALSE(value_of(binary_column<bool>("00", oid::boolean)));
  EXPECT_EQ(binary_column<bool>("02", oid::boolean), DecodeError::invalid);
  EXPECT_EQ(binary_column<bool>("", oid::boolean), DecodeError::truncated);
  EXPECT_EQ(binary_column<bool>("0100", oid::boolean), DecodeError::trailing);
}

TEST(Boolean, IsTOrFInText) {
  EXPECT_TRUE(value_of(text_column<bool>("t", oid::boolean)));
  EXPECT_FALSE(value_of(text_column<bool>("f", oid::boolean)));
  EXPECT_EQ(text_column<bool>("1", oid::boolean), DecodeError::invalid);
  EXPECT_EQ(text_column<bool>(std::string_view("\x01", 1), oid::boolean), DecodeError::invalid);
  EXPECT_EQ(parameter(true, application_type), "text t");
}

TEST(Boolean, IsNoNumber) {
  EXPECT_EQ(parameter(true, oid::int4), mismatch);
  EXPECT_EQ(parameter(1, oid::boolean), mismatch);
  EXPECT_EQ(binary_column<bool>("00000001", oid::int4), DecodeError::type_mismatch);
  EXPECT_EQ(binary_column<int>("01", oid::boolean), DecodeError::type_mismatch);
}

TEST(Integer, TakesTheWidthOfTheServersType) {
  EXPECT_EQ(parameter(std::int64_t{-2}, oid::int2), "binary fffe");
  EXPECT_EQ(parameter(std::int64_t{-2}, oid::int4), "binary fffffffe");
  EXPECT_EQ(parameter(std::int16_t{-2}, oid::int8), "binary fffffffffffffffe");
  EXPECT_EQ(parameter(std::uint64_t{4'294'967'295}, oid::oid), "binary ffffffff");
  EXPECT_EQ(parameter(7LL, oid::xid), "binary 00000007");
  EXPECT_EQ(parameter(std::uint8_t{200}, oid::int2), "binary 00c8");
}

TEST(Integer, IsCheckedAgainstTheServersRange) {
  EXPECT_EQ(parameter(32'767, oid::int2), "binary 7fff");
  EXPECT_EQ(parameter(32'768, oid::int2), out_of_range);
  EXPECT_EQ(parameter(-32'769, oid::int2), out_of_range);
  EXPECT_EQ(parameter(std::int64_t{2'147'483'648}, oid::int4), out_of_range);
  EXPECT_EQ(parameter(std::uint64_t{1} << 63, oid::int8), out_of_range);
  EXPECT_EQ(parameter(-1, oid::oid), out_of_range);
  EXPECT_EQ(parameter(std::int64_t{4'294'967'296}, oid::oid), out_of_range);
}

TEST(Integer, BecomesANumeric) {
  EXPECT_EQ(parameter(0, oid::numeric), "binary 0000000000000000");
  EXPECT_EQ(parameter(10'000, oid::numeric), "binary 00010001000000000001");
  EXPECT_EQ(parameter(-12'345, oid::numeric), "binary 000200014000000000010929");
  // numeric_send(18446744073709551615), numeric_send(-9223372036854775808)
  EXPECT_EQ(parameter(std::numeric_limits<std::uint64_t>::max(), oid::numeric),
            "binary 000500040000000007341a5802e103bb064f");
  EXPECT_EQ(parameter(std::numeric_limits<std::int64_t>::min(), oid::numeric),
            "binary 0005000440000000039a0d2c0170156516b0");
}

TEST(Integer, BecomesAFloatOnlyWhenThatIsExact) {
  EXPECT_EQ(parameter(3, oid::float8), "binary 4008000000000000");
  EXPECT_EQ(parameter(-3, oid::float4), "binary c0400000");
  EXPECT_EQ(parameter(16'777'216, oid::float4), "binary 4b800000");
  EXPECT_EQ(parameter(16'777'217, oid::float4), out_of_range);
  EXPECT_EQ(parameter((std::int64_t{1} << 53) + 1, oid::float8), out_of_range);
  EXPECT_EQ(parameter(std::numeric_limits<std::int64_t>::min(), oid::float8),
            "binary c3e0000000000000");
  EXPECT_EQ(parameter(std::numeric_limits<std::uint64_t>::max(), oid::float8), out_of_range);
}

TEST(Integer, BecomesDecimalTextForTextAndApplicationTypes) {
  EXPECT_EQ(parameter(-42, oid::text), "binary 2d3432");
  EXPECT_EQ(parameter(std::numeric_limits<std::int64_t>::min(), application_type),
            "text -9223372036854775808");
  EXPECT_EQ(parameter(std::numeric_limits<std::uint64_t>::max(), application_type),
            "text 18446744073709551615");
  EXPECT_EQ(parameter(std::int8_t{-128}, application_type), "text -128");
}

TEST(Integer, RefusesEverythingElse) {
  for (const Oid type : {oid::date, oid::uuid, oid::jsonb, oid::bytea, oid::int4_array})
    EXPECT_EQ(parameter(1, type), mismatch) << type;
}

TEST(Integer, ReadsEveryIntegerColumnThatFits) {
  EXPECT_EQ(value_of(binary_column<std::int64_t>("fffe", oid::int2)), -2);
  EXPECT_EQ(value_of(binary_column<std::int64_t>("80000000", oid::int4)), -2'147'483'648);
  EXPECT_EQ(value_of(binary_column<std::int64_t>("ffffffff", oid::oid)), 4'294'967'295);
  EXPECT_EQ(value_of(binary_column<std::int32_t>("000000007fffffff", oid::int8)), 2'147'483'647);
  EXPECT_EQ(binary_column<std::int32_t>("0000000080000000", oid::int8), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<std::uint32_t>("ffffffff", oid::int4), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<std::int8_t>("0080", oid::int2), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<std::int32_t>("ffffffff", oid::oid), DecodeError::out_of_range);
}

TEST(Integer, ReadsANumericWithoutAFraction) {
  EXPECT_EQ(value_of(binary_column<int>("0001000100000000"
                                        "0001",
                                        oid::numeric)),
            10'000);
  EXPECT_EQ(value_of(text_column<int>("-12.00", oid::numeric)), -12);
  EXPECT_EQ(text_column<int>("12.5", oid::numeric), DecodeError::out_of_range);
  EXPECT_EQ(text_column<int>("NaN", oid::numeric), DecodeError::out_of_range);
  EXPECT_EQ(text_column<int>("1e131071", oid::numeric), DecodeError::out_of_range);
  EXPECT_EQ(value_of(text_column<std::uint64_t>("18446744073709551615", oid::numeric)),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(text_column<std::uint64_t>("18446744073709551616", oid::numeric),
            DecodeError::out_of_range);
  EXPECT_EQ(value_of(text_column<std::int64_t>("-9223372036854775808", oid::numeric)),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(text_column<std::int64_t>("9223372036854775808", oid::numeric),
            DecodeError::out_of_range);
  EXPECT_EQ(text_column<std::uint8_t>("-1", oid::numeric), DecodeError::out_of_range);
}

TEST(Integer, ReadsNoFloat) {
  EXPECT_EQ(binary_column<int>("4008000000000000", oid::float8), DecodeError::type_mismatch);
  EXPECT_EQ(text_column<int>("3", oid::float8), DecodeError::type_mismatch);
  EXPECT_EQ(text_column<int>("3", oid::text), DecodeError::type_mismatch);
}

TEST(Integer, ReadsDecimalTextAndNothingAroundIt) {
  EXPECT_EQ(value_of(text_column<int>("-42", oid::int8)), -42);
  for (const std::string_view text : {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "one"})
    EXPECT_EQ(text_column<int>(text, oid::int4), DecodeError::invalid) << text;
  EXPECT_EQ(text_column<std::int64_t>("9223372036854775808", oid::int8), DecodeError::out_of_range);
  EXPECT_EQ(text_column<unsigned>("-1", oid::int4), DecodeError::out_of_range);
}

TEST(Integer, HasACounterpartThatHoldsAllOfIt) {
  EXPECT_EQ(ValueCodec<std::uint8_t>::natural_type, oid::int2);
  EXPECT_EQ(ValueCodec<std::uint16_t>::natural_type, oid::int4);
  EXPECT_EQ(ValueCodec<std::int64_t>::natural_type, oid::int8);
  EXPECT_EQ(ValueCodec<std::uint64_t>::natural_type, oid::numeric);
  static_assert(!detail::Integer<char> && !Value<wchar_t> && !Value<char8_t>);
}

}  // namespace
}  // namespace pgreactor::testing
