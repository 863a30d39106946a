#include <gtest/gtest.h>

#include <pgreactor/values/text.hpp>
#include <pgreactor/values/utf8.hpp>
#include <string>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

TEST(Text, GoesToTheTextFamilyAsItsBytes) {
  for (const Oid type : {oid::text, oid::varchar, oid::bpchar, oid::name, oid::unknown}) {
    EXPECT_EQ(parameter(std::string("n\xc3\xa9"), type), "binary 6ec3a9");
    EXPECT_EQ(parameter(std::string_view("x"), type), "binary 78");
  }
  EXPECT_EQ(parameter<const char*>("x", oid::text), "binary 78");
}

TEST(Text, GoesToEveryOtherTypeAsText) {
  EXPECT_EQ(parameter(std::string("2020-01-01"), oid::date), "text 2020-01-01");
  EXPECT_EQ(parameter<const char*>("{1,2}", oid::int4_array), "text {1,2}");
  EXPECT_EQ(parameter(std::string("happy"), 16'400), "text happy");
  EXPECT_EQ(parameter(std::string("x"), oid::character), "text x");
  EXPECT_EQ(parameter(std::string("<a/>"), oid::xml), "text <a/>");
  EXPECT_EQ(parameter(std::string("1"), oid::unspecified), "text 1");
}

TEST(Text, NeverHoldsNulOrBrokenUtf8) {
  EXPECT_EQ(parameter(std::string("a\0b", 3), oid::text), name_of(EncodeError::embedded_nul));
  EXPECT_EQ(parameter(std::string("a\xff"), oid::date), name_of(EncodeError::invalid_text));
  EXPECT_EQ(parameter(std::string(), oid::text), "binary ");
}

TEST(Text, ViewsWhatIsTextAlready) {
  EXPECT_EQ(value_of(text_column<std::string_view>("2020-01-01", oid::date)), "2020-01-01");
  const std::vector<std::byte> jsonb = bytes_of_hex("015b5d");
  EXPECT_EQ(value_of(column<std::string_view>(jsonb, oid::jsonb, FormatCode::binary)), "[]");
  const std::vector<std::byte> text = bytes_of_hex("6162");
  EXPECT_EQ(value_of(column<std::string_view>(text, oid::text, FormatCode::binary)), "ab");
  EXPECT_EQ(binary_column<std::string_view>("00000000", oid::date), DecodeError::type_mismatch);
}

TEST(Text, OwnsTheServersTextOfAnyType) {
  EXPECT_EQ(value_of(binary_column<std::string>("00002279", oid::date)), "2024-02-29");
  EXPECT_EQ(value_of(binary_column<std::string>("01", oid::boolean)), "t");
  EXPECT_EQ(value_of(text_column<std::string>("$1.00", oid::money)), "$1.00");
  EXPECT_EQ(binary_column<std::string>("00", oid::money), DecodeError::type_mismatch);
  EXPECT_EQ(binary_column<std::string>("0000", oid::int4), DecodeError::truncated);
}

TEST(Text, FromAPointerIsAParameterOnly) {
  EXPECT_EQ(text_column<const char*>("a", oid::text), DecodeError::type_mismatch);
  char writable[] = "w";
  EXPECT_EQ(parameter<char*>(writable, oid::text), "binary 77");
}

TEST(Utf8, AcceptsEveryLengthAndEveryEdge) {
  for (const std::string_view text :
       {"", "plain", "exactly8", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_EQ(check_text(text), EncodeError::none) << hex_of(as_bytes(text));
}

TEST(Utf8, RefusesEveryBrokenKindAtEveryPlaceInAStep) {
  for (const std::string_view broken :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xfe", "\xff"})
    for (std::size_t before = 0; before < 70; ++before)
      for (const std::size_t after : {0u, 1u, 8u, 40u}) {
        const std::string text =
            std::string(before, 'a') + std::string(broken) + std::string(after, '\'');
        EXPECT_EQ(check_text(text), EncodeError::invalid_text) << hex_of(as_bytes(text));
      }
}

TEST(Utf8, FindsANulAtEveryPlaceOfEveryLength) {
  for (std::size_t length = 1; length <= 80; ++length) {
    std::string text(length, '\x01');
    EXPECT_EQ(check_text(text), EncodeError::none) << length;
    for (std::size_t at = 0; at < length; ++at) {
      text[at] = '\0';
      EXPECT_EQ(check_text(text), EncodeError::embedded_nul) << length << ' ' << at;
      text[at] = '\x7f';
    }
  }
}

TEST(Utf8, TakesOtherThanAsciiAtEveryPlaceOfEveryLength) {
  for (std::size_t length = 0; length <= 80; ++length)
    for (std::size_t at = 0; at <= length; ++at)
      EXPECT_EQ(check_text(std::string(at, 'a') + "\xc3\xa9" + std::string(length - at, 'z')),
                EncodeError::none)
          << length << ' ' << at;
}

TEST(Utf8, ReadsNoFurtherThanTheView) {
  const std::string text = "abc\xc3\xa9";
  EXPECT_EQ(check_text(std::string_view(text).substr(0, 4)), EncodeError::invalid_text);
}

TEST(Utf8, NamesTheFirstFault) {
  EXPECT_EQ(check_text(std::string_view("\0\xff", 2)), EncodeError::embedded_nul);
  EXPECT_EQ(check_text(std::string_view("\xff\0", 2)), EncodeError::invalid_text);
}

}  // namespace
}  // namespace pgreactor::testing
