#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <pgreactor/datum.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/record.hpp>
#include <sstream>

namespace pgreactor {
namespace {

using testing::HasSubstr;
using Kind = Datum::Kind;

std::string json_of(const Datum& datum) {
  std::string text;
  datum.append_json(text);
  return text;
}

/// What a parameter of that type would carry, without its length.
std::string bytes_of(const Datum& datum, Oid type) {
  ByteBuffer out;
  EXPECT_EQ(ValueCodec<Datum>::append(out, datum, type), EncodeError::none) << datum;
  return std::string(as_text(out.bytes())).substr(4);
}

TEST(Datum, TakesTheKindThatItsValueHas) {
  EXPECT_EQ(Datum().kind(), Kind::null);
  EXPECT_EQ(Datum(nullptr).kind(), Kind::null);
  EXPECT_EQ(Datum(std::optional<int>()).kind(), Kind::null);
  EXPECT_EQ(Datum(static_cast<const char*>(nullptr)).kind(), Kind::null);
  EXPECT_EQ(Datum(column_default).kind(), Kind::default_value);
  EXPECT_EQ(Datum(true).kind(), Kind::boolean);
  EXPECT_EQ(Datum(std::uint8_t{7}), Datum(std::int64_t{7}));
  EXPECT_EQ(Datum(std::optional<int>(7)), Datum(7));
  EXPECT_EQ(Datum(1.5).kind(), Kind::floating);
  EXPECT_EQ(Datum("text"), Datum(std::string("text")));
  EXPECT_EQ(Datum(std::string_view("text")), Datum("text"));
  EXPECT_EQ(Datum(std::vector<std::byte>{}).kind(), Kind::bytes);
  EXPECT_EQ(Datum(std::vector<int>{1, 2}), array(1, 2));
  EXPECT_EQ(Datum(std::vector<std::vector<int>>{{1}, {2}}), array(array(1), array(2)));
}

TEST(Datum, AnUnsignedNumberBeyondInt64IsANumeric) {
  const Datum datum(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(datum.kind(), Kind::numeric);
  EXPECT_EQ(datum.to_string(), "18446744073709551615");
  EXPECT_EQ(datum.as<std::uint64_t>(), std::numeric_limits<std::uint64_t>::max());
}

TEST(Datum, AFloatIsTheDoubleOfTheSameText) {
  EXPECT_EQ(*Datum(0.1f).if_is<double>(), 0.1);
  EXPECT_TRUE(std::isinf(*Datum(std::numeric_limits<float>::infinity()).if_is<double>()));
  EXPECT_TRUE(std::isnan(*Datum(std::numeric_limits<float>::quiet_NaN()).if_is<double>()));
  EXPECT_TRUE(std::signbit(*Datum(-0.0f).if_is<double>()));
  EXPECT_EQ(*Datum(std::numeric_limits<float>::denorm_min()).if_is<double>(), 1e-45);
}

TEST(Datum, AFloatComesOutAsItWentIn) {
  for (const float value : {0.1f, -3.3f, 1e-40f, 3.4028235e38f, 16777216.0f, -0.0f})
    EXPECT_EQ(Datum(value).as<float>(), value);
  EXPECT_TRUE(std::isnan(Datum(std::numeric_limits<float>::quiet_NaN()).as<float>()));
  EXPECT_EQ(Datum(std::vector<float>{0.1f}).as<std::vector<float>>(), std::vector<float>{0.1f});
  EXPECT_EQ(Datum(0.5).as<float>(), 0.5f);
  EXPECT_THROW(static_cast<void>(Datum(0.1234567890123).as<float>()), QueryError)
      << "more digits than a float has";
}

TEST(Datum, AValueOfAnotherTypeIsItsText) {
  EXPECT_EQ(Datum(*Inet::parse("10.0.0.1/8")), Datum("10.0.0.1/8"));
  EXPECT_EQ(Datum(*Inet::parse("10.0.0.1/8")).as<Inet>(), *Inet::parse("10.0.0.1/8"));
}

TEST(Datum, ConvertsAsAFieldDoes) {
  EXPECT_EQ(Datum(41).as<std::int16_t>(), 41);
  EXPECT_EQ(Datum(41).as<std::string>(), "41");
  EXPECT_EQ(Datum("41").as<int>(), 41);
  EXPECT_EQ(Datum(*Numeric::parse("12.00")).as<int>(), 12);
  EXPECT_EQ(Datum(nullptr).as<std::optional<int>>(), std::nullopt);
  EXPECT_EQ(array(1, 2).as<std::vector<int>>(), (std::vector<int>{1, 2}));
  EXPECT_EQ(array(1, nullptr).as<std::vector<std::optional<int>>>(),
            (std::vector<std::optional<int>>{1, std::nullopt}));
}

TEST(Datum, WhatDoesNotConvertIsRefusedWithTheValue) {
  const auto message_of = [](const auto& convert) -> std::string {
    try {
      convert();
    } catch (const QueryError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message_of([] { (void)Datum(70'000).as<std::int16_t>(); }), HasSubstr("'70000'"));
  EXPECT_THAT(message_of([] { (void)Datum("x1").as<int>(); }), HasSubstr("'x1'"));
  EXPECT_THAT(message_of([] { (void)Datum().as<int>(); }), HasSubstr("NULL"));
  EXPECT_THAT(message_of([] { (void)Datum(true).as<Uuid>(); }), HasSubstr("type mismatch"));
}

TEST(Datum, TextOfAnArrayIsTheServers) {
  EXPECT_EQ(array(1, nullptr, 3).to_string(), "{1,NULL,3}");
  EXPECT_EQ(array("a b", "", "NULL", "q\"\\", "x,y").to_string(),
            R"({"a b","","NULL","q\"\\","x,y"})");
  EXPECT_EQ(array(array(1, 2), array(3, 4)).to_string(), "{{1,2},{3,4}}");
}

// A document keeps what its readers might not.
TEST(Datum, ANumberThatIsStoredAsJsonKeepsItsDigitsOrIsRefused) {
  const std::string digits = "12345678901234567890.125";
  EXPECT_EQ(bytes_of(*Numeric::parse(digits), oid::json), digits);
  EXPECT_EQ(bytes_of(array(1, array(*Numeric::parse(digits)), nullptr, "a"), oid::json),
            "[1,[" + digits + "],null,\"a\"]");
  ByteBuffer out;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Datum& none : {Datum(nan), Datum(*Numeric::parse("NaN")),
                            Datum(*Numeric::parse("-Infinity")), array(1, array(nan))})
    EXPECT_EQ(ValueCodec<Datum>::append(out, none, oid::jsonb), EncodeError::out_of_range) << none;
}

TEST(Datum, BoxesInAnArrayStandBetweenSemicolons) {
  const std::string box = "(1,1),(0,0)";
  EXPECT_EQ(bytes_of(array(box, array(box)), oid::box_array), "{" + box + ";{" + box + "}}");
}

TEST(Datum, AParameterTakesTheServersType) {
  EXPECT_EQ(bytes_of(7, oid::int4), std::string("\0\0\0\7", 4));
  EXPECT_EQ(bytes_of(7, oid::int2), std::string("\0\7", 2));
  EXPECT_EQ(bytes_of("2020-01-01", oid::date), "2020-01-01");
  EXPECT_EQ(ValueCodec<Datum>::format_of("2020-01-01", oid::date), FormatCode::text);
  EXPECT_EQ(bytes_of(array(1, 2), oid::int4_array), "{1,2}");
  EXPECT_EQ(bytes_of(array(1, "a"), oid::jsonb), R"([1,"a"])");
  EXPECT_EQ(ValueCodec<Datum>::format_of(array(1), oid::jsonb), FormatCode::text);
  EXPECT_EQ(bytes_of(18, oid::jsonb), "18");
  EXPECT_EQ(ValueCodec<Datum>::format_of(18, oid::jsonb), FormatCode::text);
  EXPECT_EQ(bytes_of(R"({"a":1})", oid::jsonb), R"({"a":1})");
  ByteBuffer out;
  EXPECT_EQ(ValueCodec<Datum>::append(out, 70'000, oid::int2), EncodeError::out_of_range);
  EXPECT_EQ(ValueCodec<Datum>::append(out, true, oid::uuid), EncodeError::type_mismatch);
  EXPECT_EQ(ValueCodec<Datum>::append(out, column_default, oid::int4), EncodeError::type_mismatch);
}

// What one value of the type would be refused for, an array is refused for: the server would round
// or cut the text.
TEST(Datum, TheElementsOfAnArrayAreParametersOfTheirType) {
  const std::int64_t inexact = 9007199254740993;
  const Timestamp time = *Timestamp::parse("2024-02-29 23:59:59");
  const auto error_of = [](const Datum& datum, Oid type) {
    ByteBuffer out;
    return ValueCodec<Datum>::append(out, datum, type);
  };
  EXPECT_EQ(error_of(array(time), oid::date_array), EncodeError::type_mismatch);
  EXPECT_EQ(error_of(array(5, inexact), oid::float8_array), EncodeError::out_of_range);
  EXPECT_EQ(error_of(array(array(70'000)), oid::int2_array), EncodeError::out_of_range);
  EXPECT_EQ(error_of(array(5), oid::bytea_array), EncodeError::type_mismatch);
  EXPECT_EQ(error_of(array(2.0), oid::int4_array), EncodeError::type_mismatch);
  EXPECT_EQ(error_of(array(true), oid::text_array), EncodeError::type_mismatch);
  EXPECT_EQ(error_of(array(*Date::parse("2024-02-29")), oid::jsonb_array),
            EncodeError::type_mismatch);
  EXPECT_EQ(error_of(array("a", column_default), oid::text_array), EncodeError::type_mismatch);

  EXPECT_EQ(bytes_of(array(inexact, "5"), oid::int8_array), "{9007199254740993,5}");
  EXPECT_EQ(bytes_of(array(0.1, 5, "x"), oid::float4_array), "{0.1,5,x}");
  EXPECT_EQ(bytes_of(array(*Numeric::parse("3.00")), oid::int4_array), "{3}") << "which reads it";
  EXPECT_EQ(bytes_of(array(*Numeric::parse("3.00")), oid::numeric_array), "{3.00}");
  EXPECT_EQ(bytes_of(array(5, "a b"), oid::text_array), R"({5,"a b"})");
  EXPECT_EQ(bytes_of(array(time, true, 2.0), oid::unspecified), R"({"2024-02-29 23:59:59",t,2})")
      << "a type of the application's";
  EXPECT_EQ(bytes_of(std::vector<std::byte>(1), oid::bytea), std::string(1, '\0'));
  EXPECT_EQ(bytes_of(array(std::vector<std::byte>(1)), oid::bytea_array), R"({"\\x00"})");
}

TEST(Datum, TheElementsOfAnArrayOfJsonAreDocuments) {
  EXPECT_EQ(bytes_of(array(true, 5, "\"x\"", Json("{\"a\": 1}"), nullptr), oid::jsonb_array),
            R"({true,5,"\"x\"","{\"a\": 1}",NULL})");
  EXPECT_EQ(bytes_of(array(array(1, true)), oid::json_array), "{{1,true}}") << "a dimension more";
}

TEST(Datum, JsonKeepsWhatADoubleWouldLose) {
  EXPECT_EQ(json_of(nullptr), "null");
  EXPECT_EQ(json_of(true), "true");
  EXPECT_EQ(json_of(std::int64_t{9007199254740993}), "9007199254740993");
  EXPECT_EQ(json_of(1.5), "1.5");
  EXPECT_EQ(json_of(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(json_of(*Numeric::parse("12.50")), "12.50");
  EXPECT_EQ(json_of(*Numeric::parse("0.12345678901234567890")), R"("0.12345678901234567890")");
  EXPECT_EQ(json_of("a\"\\\n\x01\xff"), "\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\"");
  EXPECT_EQ(json_of(Json(R"({"a":1})")), R"({"a":1})");
  EXPECT_EQ(json_of(array(1, array("x"), nullptr)), R"([1,["x"],null])");
  EXPECT_EQ(json_of(*Uuid::parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
            R"("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")");
}

TEST(Datum, NumbersOfDifferentKindsAreNotEqual) {
  EXPECT_NE(Datum(1), Datum(1.0));
  EXPECT_EQ(Datum(), Datum(nullptr));
  std::ostringstream out;
  out << Datum(1) << ' ' << Datum();
  EXPECT_EQ(out.str(), "1 NULL");
}

}  // namespace
}  // namespace pgreactor
