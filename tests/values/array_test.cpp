#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/values/all.hpp>
#include <string>
#include <vector>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

using ::testing::ElementsAre;
using Ints = std::vector<int>;
using NullableInts = std::vector<std::optional<int>>;
using Texts = std::vector<std::string>;
using NullableTexts = std::vector<std::optional<std::string>>;

// dimensions flags type  { size lower bound }  { length bytes }
constexpr std::string_view one_null_three =
    "00000001 00000001 00000017 00000003 00000001 00000004 00000001 ffffffff 00000004 00000003";
constexpr std::string_view empty_ints = "00000000 00000000 00000017";
constexpr std::string_view two_by_two =
    "00000002 00000000 00000017 00000002 00000001 00000002 00000001 00000004 00000001 00000004 "
    "00000002 00000004 00000003 00000004 00000004";

TEST(Array, TravelsInBinaryWithItsNulls) {
  EXPECT_EQ(parameter(NullableInts{1, std::nullopt, 3}, oid::int4_array),
            "binary " + packed(one_null_three));
  EXPECT_EQ(parameter(Ints{}, oid::int4_array), "binary " + packed(empty_ints));
  EXPECT_THAT(value_of(binary_column<NullableInts>(one_null_three, oid::int4_array)),
              ElementsAre(1, std::nullopt, 3));
  EXPECT_TRUE(value_of(binary_column<Ints>(empty_ints, oid::int4_array)).empty());
}

TEST(Array, ConvertsItsElementsAsTheyWouldAlone) {
  EXPECT_EQ(parameter(std::vector<std::int64_t>{1}, oid::int2_array),
            "binary " + packed("000000010000000000000015 0000000100000001 000000020001"));
  EXPECT_EQ(parameter(std::vector<std::int64_t>{70'000}, oid::int2_array), out_of_range);
  EXPECT_EQ(parameter(Ints{1}, oid::date_array), mismatch);
  EXPECT_EQ(parameter(Texts{"\xff"}, oid::text_array), name_of(EncodeError::invalid_text));
  EXPECT_THAT(value_of(binary_column<std::vector<std::optional<std::int64_t>>>(one_null_three,
                                                                               oid::int4_array)),
              ElementsAre(1, std::nullopt, 3));
  EXPECT_EQ(text_column<std::vector<std::int8_t>>("{1,128}", oid::int4_array),
            DecodeError::out_of_range);
}

TEST(Array, OfBoolHasNoNeedOfReferences) {
  const std::vector<bool> flags{true, false};
  EXPECT_EQ(parameter(flags, oid::bool_array),
            "binary " + packed("000000010000000000000010 0000000200000001 0000000101 0000000100"));
  EXPECT_EQ(value_of(text_column<std::vector<bool>>("{t,f}", oid::bool_array)), flags);
}

TEST(Array, RefusesANullThatItCannotHold) {
  EXPECT_EQ(binary_column<Ints>(one_null_three, oid::int4_array), DecodeError::null_value);
  EXPECT_EQ(text_column<Ints>("{1,NULL}", oid::int4_array), DecodeError::null_value);
}

TEST(Array, GoesAsTextWhenItsElementsDo) {
  EXPECT_EQ(parameter(Texts{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}, oid::uuid_array),
            "text {\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"}");
  EXPECT_EQ(parameter(NullableTexts{"a\"b\\c", std::nullopt, "NULL", "", "{,}"}, 16'400),
            "text {\"a\\\"b\\\\c\",NULL,\"NULL\",\"\",\"{,}\"}");
  EXPECT_EQ(parameter(Ints{}, 16'400), "text {}");
  EXPECT_EQ(parameter(Ints{-1, 2}, 16'400), "text {\"-1\",\"2\"}");
  EXPECT_EQ(parameter(std::vector<const char*>{"x", nullptr}, oid::text_array),
            "binary " + packed("000000010000000100000019 0000000200000001 0000000178 ffffffff"));
}

TEST(Array, IsNoScalar) {
  EXPECT_EQ(parameter(Ints{1}, oid::int4), mismatch);
  EXPECT_EQ(parameter(Ints{1}, oid::text), mismatch);
  EXPECT_EQ(parameter(1, oid::int4_array), mismatch);
  EXPECT_EQ(text_column<Texts>("{a}", oid::text), DecodeError::type_mismatch);
  EXPECT_EQ(binary_column<Texts>(empty_ints, 16'400), DecodeError::type_mismatch);
  static_assert(!Value<std::vector<char>> && !Value<std::vector<std::optional<Ints>>>);
}

TEST(Array, OfBytesIsOneByteaAndOfThoseAnArray) {
  const std::vector<std::vector<std::byte>> two{bytes_of_hex("00ff"), {}};
  EXPECT_EQ(parameter(two, oid::bytea_array),
            "binary " + packed("000000010000000000000011 0000000200000001 0000000200ff 00000000"));
  EXPECT_EQ(value_of(text_column<std::vector<std::vector<std::byte>>>("{\"\\\\x00ff\",\"\\\\x\"}",
                                                                      oid::bytea_array)),
            two);
}

TEST(Array, AcceptsAnyLowerBound) {
  std::string shifted{one_null_three};
  shifted.replace(36, 8, "fffffffb");
  EXPECT_THAT(value_of(binary_column<NullableInts>(shifted, oid::int4_array)),
              ElementsAre(1, std::nullopt, 3));
  EXPECT_THAT(value_of(text_column<Ints>("[-5:-4]={7,8}", oid::int4_array)), ElementsAre(7, 8));
  shifted.replace(36, 8, "7fffffff");
  EXPECT_EQ(binary_column<NullableInts>(shifted, oid::int4_array), DecodeError::invalid);
}

TEST(Array, HasOneDimensionAsAVector) {
  EXPECT_EQ(binary_column<Ints>(two_by_two, oid::int4_array), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Ints>("{{1,2},{3,4}}", oid::int4_array), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Ints>("[0:0][0:0]={{1}}", oid::int4_array), DecodeError::out_of_range);
  EXPECT_EQ(value_of(binary_column<std::string>(two_by_two, oid::int4_array)), "{{1,2},{3,4}}");
}

// Requirement: W15
TEST(Array, BoundsItsCountsByItsBytes) {
  const auto refused = [](std::string_view hex) {
    const DecodeError as_vector = binary_column<NullableInts>(hex, oid::int4_array).error();
    EXPECT_EQ(binary_column<std::string>(hex, oid::int4_array), as_vector);
    return as_vector;
  };
  const std::string head = "0000000000000017";  // flags, element type
  EXPECT_EQ(refused("00000001" + head + "7fffffff 00000001"), DecodeError::truncated);
  EXPECT_EQ(refused("00000001" + head + "7fffffff 00000002"), DecodeError::invalid)
      << "an index beyond 2^31-1";
  EXPECT_EQ(refused("00000001" + head + "ffffffff 00000001"), DecodeError::invalid);
  EXPECT_EQ(refused("00000007" + head), DecodeError::invalid);
  EXPECT_EQ(refused("ffffffff" + head), DecodeError::invalid);
  EXPECT_EQ(refused("00000001 00000002 00000017 00000000 00000001"), DecodeError::invalid);
  EXPECT_EQ(refused("00000000 00000000 00000019"), DecodeError::invalid) << "text in int4[]";
  std::string six{"00000006" + head};
  for (int i = 0; i < 6; ++i) six += "7ffffffe 00000001";
  EXPECT_EQ(refused(six), DecodeError::truncated);
}

// Requirement: W15
TEST(Array, BoundsTheLengthOfAnElement) {
  const std::string one = "00000001 00000000 00000017 00000001 00000001";
  EXPECT_EQ(binary_column<Ints>(one + "7fffffff 00000001", oid::int4_array),
            DecodeError::truncated);
  EXPECT_EQ(binary_column<Ints>(one + "fffffffe 00000001", oid::int4_array), DecodeError::invalid);
  EXPECT_EQ(binary_column<Ints>(one + "00000003 000001", oid::int4_array), DecodeError::truncated);
  EXPECT_EQ(binary_column<Ints>(one + "00000004 00000001 00", oid::int4_array),
            DecodeError::trailing);
}

TEST(Array, WithADimensionOfSizeZeroIsEmpty) {
  const std::string none = "00000001 00000000 00000017 00000000 00000001";
  EXPECT_TRUE(value_of(binary_column<Ints>(none, oid::int4_array)).empty());
  EXPECT_EQ(value_of(binary_column<std::string>(none, oid::int4_array)), "{}");
}

TEST(Array, ReadsQuotedText) {
  EXPECT_THAT(value_of(text_column<NullableTexts>(R"({a,"",NULL,"NULL","q\"q","b\\s","{x}","a,b"})",
                                                  oid::text_array)),
              ElementsAre("a", "", std::nullopt, "NULL", "q\"q", "b\\s", "{x}", "a,b"));
  EXPECT_THAT(value_of(text_column<Texts>("{happy,sad}", 16'400)), ElementsAre("happy", "sad"));
  EXPECT_TRUE(value_of(text_column<Texts>("{}", oid::text_array)).empty());
}

TEST(Array, RefusesTextThatIsNone) {
  for (const std::string_view text :
       {"", "a", "{", "{a", "{a,", "{a,}", "{,a}", "{\"a}", "{\"a\"b}", "{a\"b\"}", "{\"a\\",
        "{a{b}}", "[1:2]", "[1:2]{a}", "[1]={a}", "[1:2]={a}", "{a}{b}", "{a} ",
        "[1:99999999999]={a}"})
    EXPECT_FALSE(text_column<Texts>(text, oid::text_array)) << text;
}

TEST(Array, OfViewsPointsIntoTheRow) {
  const auto bytes = bytes_of_hex("00000001 00000000 00000019 00000001 00000001 00000002 6162");
  const auto views =
      value_of(column<std::vector<std::string_view>>(bytes, oid::text_array, FormatCode::binary));
  ASSERT_THAT(views, ElementsAre("ab"));
  EXPECT_EQ(as_bytes(views[0]).data(), bytes.data() + bytes.size() - 2);
  EXPECT_EQ(text_column<std::vector<std::string_view>>("{ab}", oid::text_array),
            DecodeError::type_mismatch);
}

TEST(Optional, IsItsValueOrNull) {
  EXPECT_TRUE(is_null(std::optional<int>{}));
  EXPECT_FALSE(is_null(std::optional<int>{0}));
  EXPECT_TRUE(is_null(nullptr));
  EXPECT_TRUE(is_null(std::nullopt));
  EXPECT_TRUE(is_null(static_cast<const char*>(nullptr)));
  EXPECT_FALSE(is_null("text"));
  EXPECT_FALSE(is_null(0));
  EXPECT_EQ(unwrap(std::optional<int>{7}), 7);
  EXPECT_EQ(parameter(std::optional<int>{7}, oid::int2), "binary 0007");
  EXPECT_EQ(ValueCodec<std::optional<int>>::parameter_format(oid::date), FormatCode::text);
}

TEST(Optional, TakesANullColumnAndOthersDoNot) {
  std::optional<int> maybe = 1;
  EXPECT_EQ(decode_nullable(std::nullopt, oid::int4, FormatCode::binary, maybe), DecodeError::none);
  EXPECT_EQ(maybe, std::nullopt);
  int always = 1;
  EXPECT_EQ(decode_nullable(std::nullopt, oid::int4, FormatCode::binary, always),
            DecodeError::null_value);
  const auto seven = bytes_of_hex("00000007");
  EXPECT_EQ(decode_nullable(Bytes{seven}, oid::int4, FormatCode::binary, maybe), DecodeError::none);
  EXPECT_EQ(maybe, 7);
}

}  // namespace
}  // namespace pgreactor::testing
