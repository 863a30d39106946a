#include <gtest/gtest.h>

#include <pgreactor/detail/json_tree.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/record.hpp>
#include <string>

namespace pgreactor::detail {
namespace {

std::string again(std::string_view text) {
  const std::optional<JsonTree> tree = JsonTree::parse(text);
  if (!tree) return "no JSON";
  std::string written;
  tree->append_to(written);
  return written;
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(JsonTree, WritesWhatItReadWithoutBlanks) {
  EXPECT_EQ(again(" { \"b\" : [ 1 , true, null ,\"x\\n\"] , \"a\": {} } "),
            "{\"b\":[1,true,null,\"x\\n\"],\"a\":{}}");
  EXPECT_EQ(again("[]"), "[]");
  EXPECT_EQ(again("{\"a\":1,\"a\":2}"), "{\"a\":1,\"a\":2}");
}

TEST(JsonTree, AScalarIsADocumentToo) {
  for (const std::string_view text : {"42", "-0.50e+3", "true", "false", "null", "\"\"", "\"x\""})
    EXPECT_EQ(again(text), text);
}

TEST(JsonTree, NumbersKeepTheirDigits) {
  for (const std::string_view text :
       {"123456789012345678901234567890", "0.1000", "1e999999", "[1.00,-0]"})
    EXPECT_EQ(again(text), text);
}

TEST(JsonTree, WhatIsNoJsonIsRefused) {
  for (const std::string_view text :
       {"",          " ",       "1,2",       "1],[2",    "]",     "[",     "{",
        "{\"a\":1",  "[1,]",    "[,1]",      "{\"a\"}",  "{a:1}", "01",    "1.",
        "-",         "1e",      "+1",        "nul",      "nulls", "tru e", "truex",
        "\"a",       "'a'",     "[1 2]",     "1 2",      "{} {}", "{},",   "[1}",
        "{\"a\":1]", "\"\\x\"", "\"\\u12\"", "\"a\nb\"", "NaN",   "\xff",  "\"\xed\xa0\x80\"",
        "//",        "\\"})
    EXPECT_EQ(again(text), "no JSON") << text;
  EXPECT_EQ(again(std::string_view("1\0", 2)), "no JSON");
}

TEST(JsonTree, HalfASurrogatePairIsReplaced) {
  EXPECT_EQ(again("\"\\ud83d\\ude00\""), "\"\xf0\x9f\x98\x80\"");
  EXPECT_EQ(again("\"a\\ud83db\""),
            "\"a\xef\xbf\xbd"
            "b\"");
  EXPECT_EQ(again("\"\\ude00\\ud83d\""), "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(again("\"\\ud83d\\ud83d\\ude00\""), "\"\xef\xbf\xbd\xf0\x9f\x98\x80\"");
  EXPECT_EQ(again("{\"\\uDC00\":1}"), "{\"\xef\xbf\xbd\":1}");
  EXPECT_EQ(again("\"\\\\ud800\""), "\"\\\\ud800\"");  // a backslash, and five letters
}

TEST(JsonTree, DepthIsBounded) {
  EXPECT_EQ(again(nested(JsonTree::deepest)), nested(JsonTree::deepest));
  EXPECT_EQ(again(nested(JsonTree::deepest + 1)), "no JSON");
  EXPECT_EQ(again(nested(1'000'000)), "no JSON");
  EXPECT_EQ(again(std::string(1'000'000, '[')), "no JSON");
}

TEST(RecordFromJson, DepthIsBounded) {
  const auto within_a_record = [](const std::string& text) {
    return Record::from_json("{\"a\":" + text + "}").to_json();
  };
  EXPECT_EQ(within_a_record(nested(1000)), "{\"a\":" + nested(1000) + "}");
  EXPECT_THROW(within_a_record(nested(1'000'000)), QueryError);
  EXPECT_THROW(within_a_record("{\"b\":" + nested(1'000'000) + "}"), QueryError);
}

}  // namespace
}  // namespace pgreactor::detail
