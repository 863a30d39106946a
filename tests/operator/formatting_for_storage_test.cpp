#include <gtest/gtest.h>

#include <limits>
#include <pgreactor/detail/json_tree.hpp>
#include <pgreactor/formatting.hpp>
#include <string>
#include <vector>

namespace pgreactor {
namespace {

constexpr std::string_view replaced = "\xef\xbf\xbd";  // U+FFFD

template <class T>
T read(std::string_view text) {
  const auto value = T::parse(text);
  EXPECT_TRUE(value) << text;
  return *value;
}

// Checklist: C47
TEST(FormatVariable, TimestampsAreIsoAndNeverWithoutAZone) {
  EXPECT_EQ(format_variable(read<TimestampTz>("2024-02-29 12:00:00.5+05:30")),
            "2024-02-29T06:30:00.5+00:00");
  EXPECT_EQ(format_variable(read<Timestamp>("2024-02-29 12:00:00")), "2024-02-29T12:00:00+00:00");
  EXPECT_EQ(format_variable(read<TimestampTz>("0044-03-15 12:00:00+00 BC")),
            "0044-03-15T12:00:00+00:00 BC");
  EXPECT_EQ(format_variable(read<Timestamp>("0044-03-15 12:00:00 BC")),
            "0044-03-15T12:00:00+00:00 BC");
  EXPECT_EQ(format_variable(TimestampTz::infinity()), "infinity");
  EXPECT_EQ(format_variable(Timestamp::minus_infinity()), "-infinity");
  EXPECT_EQ(format_variable(record("at", TimestampTz())), R"({"at":"2000-01-01T00:00:00+00:00"})");
}

// Checklist: C42
TEST(FormatVariable, WhatJsonHasNoKindForIsText) {
  const Uuid id = read<Uuid>("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  EXPECT_EQ(format_variable(id), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  EXPECT_EQ(format_variable(record("id", id)), R"({"id":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"})");
  EXPECT_EQ(format_variable(record("d", read<Date>("2024-02-29"))), R"({"d":"2024-02-29"})");
  EXPECT_EQ(format_variable(record("b", std::vector<std::byte>{std::byte{1}, std::byte{255}})),
            R"({"b":"\\x01ff"})");
}

TEST(FormatVariable, ANumericIsANumberOnlyWhereADoubleIsTheSame) {
  EXPECT_EQ(format_variable(record("a", read<Numeric>("12.50"))), R"({"a":12.50})");
  EXPECT_EQ(format_variable(record("a", read<Numeric>("12345678901234567890.123456789"))),
            R"({"a":"12345678901234567890.123456789"})");
  EXPECT_EQ(format_variable(read<Numeric>("12345678901234567890.123456789")),
            "12345678901234567890.123456789");
}

TEST(FormatVariable, NumbersThatJsonDoesNotHaveAreNullAndCounted) {
  StorageLosses losses;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(format_variable(record("a", nan, "b", -infinite, "c", Numeric::nan(), "d",
                                   std::vector<double>{1.5, infinite}),
                            100, &losses),
            R"({"a":null,"b":null,"c":null,"d":[1.5,null]})");
  EXPECT_EQ(losses, StorageLosses{.not_finite = 4});
  EXPECT_EQ(format_variable(nan), "null");
}

TEST(FormatVariable, NulCharactersAndInvalidBytesAreCounted) {
  StorageLosses losses;
  EXPECT_EQ(format_variable(std::string_view("a\0b\xff\xed\xa0\x80", 7), 100, &losses),
            "ab" + std::string(replaced) + std::string(replaced) + std::string(replaced) +
                std::string(replaced));
  EXPECT_EQ(losses, (StorageLosses{.nul_characters = 1, .invalid_bytes = 4}));
  losses = {};
  EXPECT_EQ(
      format_variable(record(std::string_view("n\0", 2), std::string_view("\0", 1)), 100, &losses),
      R"({"n":""})");
  EXPECT_EQ(losses.nul_characters, 2u);
}

TEST(FormatVariable, EscapesThatJsonbRefusesAreTakenOutOfADocument) {
  StorageLosses losses;
  EXPECT_EQ(format_variable(Json(R"({"a":"x\u0000y","b\u0000":"\ud83d","c":"\ud83d\ude00"})"), 100,
                            &losses),
            "{\"a\":\"xy\",\"b\":\"" + std::string(replaced) + "\",\"c\":\"😀\"}");
  EXPECT_EQ(losses.nul_characters, 2u);
}

TEST(FormatVariable, StringsAreCutAndCounted) {
  StorageLosses losses;
  EXPECT_EQ(format_variable(std::string(10'001, 'a'), 10'000, &losses),
            std::string(10'000, 'a') + "... [truncated 1 chars]");
  EXPECT_EQ(losses, StorageLosses{.cut_strings = 1});
  EXPECT_EQ(format_variable(std::string(10'001, 'a')),
            std::string(10'000, 'a') + "... [truncated 1 chars]");
  EXPECT_EQ(format_variable(Json(R"(["äöü"])"), 2), R"(["äö... [truncated 1 chars]"])");
}

TEST(FormatVariable, NothingIsMaskedOrShortened) {
  EXPECT_EQ(format_variable(Json(R"({"password": "p", "deep": [[[[[[[[1]]]]]]]]})")),
            R"({"password":"p","deep":[[[[[[[[1]]]]]]]]})");
  EXPECT_EQ(format_variable(std::vector<int>(30, 7)).size(), 61u);
}

TEST(FormatVariable, NumbersOfADocumentKeepTheirDigits) {
  EXPECT_EQ(format_variable(Json("[123456789012345678901234567890, 1.0, 1e400, -0]")),
            "[123456789012345678901234567890,1.0,1e400,-0]");
  EXPECT_EQ(format_variable(Json("[1e999999999]")), R"(["1e999999999"])");
}

TEST(FormatVariable, OfANameThatStandsTwiceTheLastCounts) {
  StorageLosses losses;
  EXPECT_EQ(format_variable(Json(R"({"a":1,"b":2,"a":3})"), 100, &losses), R"({"b":2,"a":3})");
  EXPECT_EQ(losses, StorageLosses{.repeated_names = 1});
  EXPECT_EQ(format_variable(Json(R"([{"a":1,"a\u0000":2}])")), R"([{"a":2}])");
}

TEST(FormatVariable, ArraysBeyondAnyReaderAreCutAndCounted) {
  Datum deep = std::vector<int>{1};
  for (int i = 0; i < 2'000; ++i) {
    Datum::Array outer;
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  StorageLosses losses;
  const std::string text = format_variable(deep, 100, &losses);
  EXPECT_EQ(losses, StorageLosses{.too_deep = 1});
  EXPECT_TRUE(detail::JsonTree::parse(text));
}

TEST(PrepareVariables, NothingIsAnEmptyObject) {
  EXPECT_EQ(prepare_variables_for_storage(Record()), "{}");
  EXPECT_EQ(prepare_variables_for_storage(""), "{}");
  EXPECT_EQ(prepare_variables_for_storage(" \n\t"), "{}");
  EXPECT_EQ(prepare_variables_for_storage(nullptr), "{}");
  EXPECT_EQ(prepare_variables_for_storage(Datum("")), "{}");
}

TEST(PrepareVariables, NamesAreSortedAtEveryDepth) {
  EXPECT_EQ(
      prepare_variables_for_storage(record("b", 1, "a", Json(R"({"d":1,"c":[{"f":1,"e":2}]})"))),
      R"({"a":{"c":[{"e":2,"f":1}],"d":1},"b":1})");
  EXPECT_EQ(prepare_variables_for_storage(R"( {"b": 1, "a": 2} )"), R"({"a":2,"b":1})");
}

// Checklist: C43
TEST(PrepareVariables, TextIsReadAsJson) {
  EXPECT_EQ(prepare_variables_for_storage("[1, 2]"), "[1,2]");
  EXPECT_EQ(prepare_variables_for_storage("42"), "42");
  EXPECT_EQ(prepare_variables_for_storage("null"), "null");
  EXPECT_EQ(prepare_variables_for_storage("\"x\""), "\"x\"");
  EXPECT_EQ(prepare_variables_for_storage(Datum("{\"a\": 1}")), R"({"a":1})");
  EXPECT_EQ(prepare_variables_for_storage(R"({"a":1,"a":2})"), R"({"a":2})");
}

TEST(PrepareVariables, InvalidTextIsAJsonString) {
  EXPECT_EQ(prepare_variables_for_storage("hello \"you\""), R"("hello \"you\"")");
  EXPECT_EQ(prepare_variables_for_storage("{'a': 1}"), R"("{'a': 1}")");
  EXPECT_EQ(prepare_variables_for_storage(record("a", Json("{"))), R"({"a":"{"})");
}

TEST(PrepareVariables, WhateverComesInTheResultIsJson) {
  const std::string deep = std::string(2'000, '[') + std::string(2'000, ']');
  for (const std::string& text :
       {std::string(1'000'000, 'x'), std::string(1'000'000, '['), std::string(1'000'000, '\xff'),
        std::string(1'000'000, '\0'), std::string(1'000'000, '"'), std::string("\xed\xa0\x80"),
        std::string("\"\\ud800\""), std::string("{\"a\":\"\xff\"}"), deep}) {
    const std::string stored = prepare_variables_for_storage(text);
    EXPECT_TRUE(detail::JsonTree::parse(stored)) << stored.substr(0, 60);
  }
  EXPECT_EQ(prepare_variables_for_storage("{\"a\":\"\xff\"}"),
            "{\"a\":\"" + std::string(replaced) + "\"}");
  EXPECT_EQ(prepare_variables_for_storage(deep), "\"" + deep + "\"");
}

}  // namespace
}  // namespace pgreactor
