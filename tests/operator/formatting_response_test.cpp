#include <gtest/gtest.h>

#include <pgreactor/formatting.hpp>
#include <string>
#include <vector>

namespace pgreactor {
namespace {

// Checklist: C44
TEST(FormatResponse, TheContentOfAnObjectIsWhatIsStored) {
  EXPECT_EQ(format_response_for_storage(record("role", "assistant", "content", "Hi \"you\"")),
            "Hi \"you\"");
  EXPECT_EQ(format_response_for_storage(Json(R"({"content": "line\nend"})")), "line\nend");
  EXPECT_EQ(format_response_for_storage(Json(R"({"content": [{"text": "a"}]})")),
            R"([{"text":"a"}])");
  EXPECT_EQ(format_response_for_storage(record("content", nullptr)), "");
  EXPECT_EQ(format_response_for_storage(record("content", 7)), "7");
  EXPECT_EQ(format_response_for_storage(Json(R"({"content": 1, "content": "last"})")), "last");
}

TEST(FormatResponse, TextIsAsItIsAndAnythingElseJson) {
  EXPECT_EQ(format_response_for_storage(R"( {"content": "a"} )"), R"( {"content": "a"} )");
  EXPECT_EQ(format_response_for_storage(Datum(" text ")), " text ");
  EXPECT_EQ(format_response_for_storage(record("text", "a")), R"({"text":"a"})");
  EXPECT_EQ(format_response_for_storage(Json("[1, 2]")), "[1,2]");
  EXPECT_EQ(format_response_for_storage(std::vector<Record>{record("content", "a")}),
            R"([{"content":"a"}])");
  EXPECT_EQ(format_response_for_storage(true), "true");
}

TEST(FormatResponse, NullIsEmpty) {
  EXPECT_EQ(format_response_for_storage(nullptr), "");
  EXPECT_EQ(format_response_for_storage(Datum()), "");
  EXPECT_EQ(format_response_for_storage(Json("null")), "");
}

TEST(FormatResponse, NoLengthIsTooLong) {
  const std::string text(100'000, 'a');
  EXPECT_EQ(format_response_for_storage(record("content", text)), text);
  EXPECT_EQ(format_response_for_storage(record("a", text)), "{\"a\":\"" + text + "\"}");
}

// Checklist: C45
TEST(CleanResponse, BlanksMarksAndControlsGo) {
  EXPECT_EQ(clean_response_for_storage(" \n text \t\r\n"), "text");
  EXPECT_EQ(clean_response_for_storage("\xef\xbb\xbf text"), "text");
  EXPECT_EQ(clean_response_for_storage("  \xef\xbb\xbf\xef\xbb\xbf text"), "text");
  EXPECT_EQ(clean_response_for_storage(std::string_view("a\0b\x1b[31m\x7f\x01", 10)), "ab[31m");
  EXPECT_EQ(clean_response_for_storage("a\xc2\x85\xc2\xa0\xc3\x80z"), "a\xc2\xa0\xc3\x80z");
  EXPECT_EQ(clean_response_for_storage("a\tb\nc\rd"), "a\tb\nc\rd");
  EXPECT_EQ(clean_response_for_storage("a\xff"), "a\xef\xbf\xbd");
  EXPECT_EQ(clean_response_for_storage(""), "");
}

TEST(CleanResponse, LineEndsArePlain) {
  EXPECT_EQ(clean_response_for_storage("a\r\nb\r\r\nc"), "a\nb\nc");
}

TEST(CleanResponse, OneSurroundingFenceIsUnwrapped) {
  EXPECT_EQ(clean_response_for_storage("```\ntext\n```"), "text");
  EXPECT_EQ(clean_response_for_storage("```json\r\n{\"a\": 1}\r\n```\n"), R"({"a":1})");
  EXPECT_EQ(clean_response_for_storage("```JSON {\"a\": 1}```"), R"({"a":1})");
  EXPECT_EQ(clean_response_for_storage("```{\"a\": 1}```"), R"({"a":1})");
  EXPECT_EQ(clean_response_for_storage("```json\n{\"a\": \"```\"}\n```"), R"({"a":"```"})");
  EXPECT_EQ(clean_response_for_storage("```\n```"), "");
}

TEST(CleanResponse, WhatIsNoOneFenceAroundAllStays) {
  for (const std::string_view text :
       {"before ```\na\n```", "```\na\n``` behind", "```\na\n```\nb\n```\nc\n```",
        "```sql\nselect 1\n```", "```jsonl\n{}\n```", "```code```", "`````", "```",
        "````\na\n````"})
    EXPECT_EQ(clean_response_for_storage(text), text);
}

TEST(CleanResponse, JsonIsWrittenAgain) {
  EXPECT_EQ(clean_response_for_storage(" { \"b\" : 1.0 ,\n \"a\" : [ ] } "), R"({"b":1.0,"a":[]})");
  EXPECT_EQ(clean_response_for_storage(R"({"a":"x\u0000y"})"), R"({"a":"xy"})");
  EXPECT_EQ(clean_response_for_storage("12345678901234567890123"), "12345678901234567890123");
  EXPECT_EQ(clean_response_for_storage("{not json}"), "{not json}");
}

TEST(CleanResponse, NoWordIsFiltered) {
  const std::string_view text = "'; DROP TABLE users; -- $(rm -rf /) && <script>";
  EXPECT_EQ(clean_response_for_storage(text), text);
}

TEST(CleanResponse, HugeAndHostileInputIsTakenInOnePass) {
  std::string lines;
  for (int i = 0; i < 500'000; ++i) lines += "\r\n";
  EXPECT_EQ(clean_response_for_storage(lines), "");
  EXPECT_EQ(clean_response_for_storage("a" + lines + "b").size(), 500'002u);
  EXPECT_EQ(clean_response_for_storage(std::string(1'000'000, '\0')), "");
  EXPECT_EQ(clean_response_for_storage(std::string(1'000'000, '\xff')).size(), 3'000'000u);
  EXPECT_EQ(clean_response_for_storage(std::string(1'000'000, '`')).size(), 1'000'000u);
  EXPECT_EQ(clean_response_for_storage(std::string(1'000'000, '[')).size(), 1'000'000u);
}

}  // namespace
}  // namespace pgreactor
