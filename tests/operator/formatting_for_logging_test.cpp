#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <pgreactor/formatting.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace pgreactor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string repeated(std::string_view text, std::size_t times) {
  std::string whole;
  for (std::size_t i = 0; i < times; ++i) whole.append(text);
  return whole;
}

// Checklist: C46
TEST(FormatForLogging, ARecordIsJsonAndAValueIsBare) {
  EXPECT_EQ(format_for_logging(record("name", "Jane", "age", 31, "email", nullptr)),
            R"({"name":"Jane","age":31,"email":null})");
  EXPECT_EQ(format_for_logging("it's \"text\""), "it's \"text\"");
  EXPECT_EQ(format_for_logging(42), "42");
  EXPECT_EQ(format_for_logging(Datum(true)), "true");
  EXPECT_EQ(format_for_logging(nullptr), "null");
  EXPECT_EQ(format_for_logging(std::vector<int>{1, 2}), "[1,2]");
  EXPECT_EQ(format_for_logging(std::vector<Record>{record("a", 1), record("a", 2)}),
            R"([{"a":1},{"a":2}])");
  EXPECT_EQ(format_for_logging(Record()), "{}");
}

// Checklist: C48
TEST(FormatForLogging, ATextIsCutBehindCodePointsAndNotBytes) {
  EXPECT_EQ(format_for_logging(std::string(500, 'a')), std::string(500, 'a'));
  EXPECT_EQ(format_for_logging(std::string(537, 'a')),
            std::string(500, 'a') + "... [truncated 37 chars]");
  EXPECT_EQ(format_for_logging(repeated("é", 500)), repeated("é", 500));
  EXPECT_EQ(format_for_logging(repeated("😀", 501)),
            repeated("😀", 500) + "... [truncated 1 chars]");
  EXPECT_EQ(format_for_logging("äöü", 2), "äö... [truncated 1 chars]");
  EXPECT_EQ(format_for_logging("äöü", 0), "... [truncated 3 chars]");
  EXPECT_EQ(format_for_logging(record("a", "12345"), 3), R"({"a":"123... [truncated 2 chars]"})");
}

// Checklist: C40
TEST(FormatForLogging, TwentyItemsAreShownAndTheRestIsCounted) {
  const std::vector<int> twenty(20, 7);
  EXPECT_THAT(format_for_logging(twenty), Not(HasSubstr("more")));
  EXPECT_EQ(format_for_logging(std::vector<int>(25, 7)),
            "[" + repeated("7,", 20) + "\"... (+5 more)\"]");
  EXPECT_THAT(format_for_logging(std::vector<Record>(21, record("a", 1))),
              HasSubstr(",\"... (+1 more)\"]"));
}

// Checklist: C49
TEST(FormatForLogging, SixLevelsAreShown) {
  EXPECT_EQ(format_for_logging(Json("[[[[[[1]]]]]]")), "[[[[[[1]]]]]]");
  EXPECT_EQ(format_for_logging(Json("[[[[[[[1,2]]]]]]]")), R"([[[[[["[... 2 items]"]]]]]])");
  EXPECT_EQ(format_for_logging(Json("[[[[[[{\"a\":1}]]]]]]")), R"([[[[[["{... 1 fields}"]]]]]])");
  EXPECT_EQ(format_for_logging(Json("[[[[[[[]]]]]]]")), "[[[[[[[]]]]]]]");
  EXPECT_EQ(format_for_logging(record("a", Json("[[[[[[1]]]]]]"))),
            R"({"a":[[[[["[... 1 items]"]]]]]})");
}

TEST(FormatForLogging, SecretsAreMaskedByTheirKeysInAnyStyle) {
  for (const std::string_view key :
       {"password", "PASSWORD", "userPassword", "user_password", "API-Key", "api_key", "apiKey",
        "x.api.key", "client secret", "Set-Cookie", "Authorization", "refreshToken", "token2",
        "pass_word", "pass\xe2\x80\x8bword"})
    EXPECT_THAT(format_for_logging(record(key, "hunter2")), HasSubstr(R"(:"***"})")) << key;
  for (const std::string_view key : {"name", "key", "api", "author", "pass", "word", ""})
    EXPECT_THAT(format_for_logging(record(key, "hunter2")), HasSubstr(R"(:"hunter2"})")) << key;
}

TEST(FormatForLogging, ASecretIsMaskedWhateverItsValueIs) {
  EXPECT_EQ(format_for_logging(record("token", nullptr, "cookie", std::vector<int>{1}, "secret",
                                      Json(R"({"a":1})"), "password", 1)),
            R"({"token":"***","cookie":"***","secret":"***","password":"***"})");
}

TEST(FormatForLogging, ASecretWithinADocumentIsMasked) {
  EXPECT_EQ(format_for_logging(record("config", Json(R"({"db": [{"password": "hunter2"}]})"))),
            R"({"config":{"db":[{"password":"***"}]}})");
  EXPECT_EQ(format_for_logging(Json(R"({"p\u0061ssword": "hunter2"})")), R"({"password":"***"})");
  EXPECT_EQ(format_for_logging(R"( {"password": "hunter2"} )"), R"({"password":"***"})");
  EXPECT_EQ(format_for_logging(record("body", R"({"password":"hunter2"})")),
            R"({"body":"{\"password\":\"***\"}"})");
}

TEST(FormatForLogging, ASecretIsMaskedHoweverOftenItsDocumentIsQuoted) {
  std::string text = R"({"password":"hunter2"})";
  for (int i = 0; i < 5; ++i) text = record("body", text).to_json();
  const std::string shown = format_for_logging(text, 10'000);
  EXPECT_THAT(shown, HasSubstr("***"));
  EXPECT_THAT(shown, Not(HasSubstr("hunter2")));
}

TEST(FormatForLogging, ASecretIsMaskedInADocumentWithBytesThatAreNoText) {
  EXPECT_EQ(format_for_logging("{\"a\":\"\xff\",\"password\":\"hunter2\"}"),
            "{\"a\":\"\xef\xbf\xbd\",\"password\":\"***\"}");
  EXPECT_EQ(format_for_logging(Json(std::string_view("{\"password\":\0\"hunter2\"}", 23))),
            R"({"password":"***"})");
  EXPECT_EQ(format_for_logging(Json(R"({"a":"\ud800","password":"hunter2"})")),
            "{\"a\":\"\xef\xbf\xbd\",\"password\":\"***\"}");
}

TEST(FormatForLogging, OfADocumentThatCannotBeReadOnlyTheSizeIsShown) {
  EXPECT_EQ(format_for_logging(record("a", Json("{\"b\":"))), R"({"a":"<document of 5 bytes>"})");
  EXPECT_EQ(format_for_logging(Json("-{\"password\":\"hunter2\"}")), "<document of 23 bytes>");
  EXPECT_EQ(format_for_logging("{not json"), "<document of 9 bytes>");
  EXPECT_EQ(format_for_logging(" {'password': 'hunter2'}"), "<document of 24 bytes>");
  EXPECT_EQ(format_for_logging(R"(["a", {"password":"hunter2"})"), "<document of 28 bytes>");
  EXPECT_EQ(format_for_logging(R"(["\u007b\"password\":\"hunter2\"}")"), "<document of 34 bytes>");
  EXPECT_EQ(format_for_logging(R"("password":"hunter2")"), "<document of 20 bytes>");
  EXPECT_EQ(format_for_logging(record("a", R"("{\"password\":\"hunter2\")")),
            R"({"a":"<document of 26 bytes>"})");
}

TEST(FormatForLogging, TextThatOnlyBeginsAsADocumentIsShown) {
  EXPECT_EQ(format_for_logging("[info] started"), "[info] started");
  EXPECT_EQ(format_for_logging("\"yes\" he said"), "\"yes\" he said");
  EXPECT_EQ(format_for_logging("\"yes\""), "\"yes\"");
  EXPECT_EQ(format_for_logging(record("a", "\"yes\"")), R"({"a":"\"yes\""})");
}

TEST(FormatForLogging, ASecretIsHiddenHoweverDeepItsDocumentIs) {
  for (const std::size_t depth : {10u, 1'000u, 1'023u, 1'024u, 1'100u, 2'000u, 100'000u}) {
    const std::string deep =
        R"({"password":"hunter2","d":)" + repeated("[", depth) + repeated("]", depth) + "}";
    for (const std::string& shown :
         {format_for_logging(record("body", Json(deep))), format_for_logging(Json(deep)),
          format_for_logging(record("body", deep)), format_for_logging(deep)}) {
      EXPECT_THAT(shown, Not(HasSubstr("hunter2"))) << depth;
      EXPECT_LT(shown.size(), 600u) << depth;
    }
  }
}

TEST(FormatForLogging, ASecretIsMaskedBehindWhatCannotBeSeen) {
  for (const std::string before : {"\xef\xbb\xbf", " \xef\xbb\xbf\n\xef\xbb\xbf", "\x01\x7f"}) {
    const std::string text = before + R"({"password":"hunter2"})";
    EXPECT_EQ(format_for_logging(text), R"({"password":"***"})");
    EXPECT_EQ(format_for_logging(record("body", text)), R"({"body":"{\"password\":\"***\"}"})");
  }
  EXPECT_EQ(format_for_logging(Json("\xef\xbb\xbf{\"password\":\"hunter2\"}")),
            "<document of 25 bytes>");
}

TEST(FormatForLogging, ASecretIsMaskedInAStringThatHoldsItsDocument) {
  EXPECT_EQ(format_for_logging(R"("{\"password\":\"hunter2\"}")"), R"("{\"password\":\"***\"}")");
  EXPECT_EQ(format_for_logging(record("body", R"("{\"password\":\"hunter2\"}")")),
            R"({"body":"\"{\\\"password\\\":\\\"***\\\"}\""})");
  EXPECT_EQ(format_for_logging(Json(R"("{\"password\":\"hunter2\"}")")), R"({"password":"***"})");
  std::string text = R"({"password":"hunter2"})";
  for (int i = 0; i < 18; ++i) {
    EXPECT_THAT(format_for_logging(text, 10'000'000), Not(HasSubstr("hunter2"))) << i;
    std::string quoted;
    Datum(text).append_json(quoted);
    text = std::move(quoted);
  }
}

TEST(FormatForLogging, EveryKindOfValueIsShown) {
  EXPECT_EQ(format_for_logging(std::vector<std::byte>(16)), "<bytes 16>");
  EXPECT_EQ(format_for_logging(record("a", std::vector<std::byte>(3))), R"({"a":"<bytes 3>"})");
  EXPECT_EQ(format_for_logging(record("a", std::numeric_limits<double>::quiet_NaN())),
            R"({"a":"NaN"})");
  EXPECT_EQ(format_for_logging(record("a", column_default)), R"({"a":"DEFAULT"})");
  EXPECT_EQ(format_for_logging(Uuid()), "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(format_for_logging(TimestampTz()), "2000-01-01T00:00:00+00:00");
}

TEST(FormatForLogging, AValueIsOneLineOfText) {
  EXPECT_EQ(format_for_logging(std::string_view("a\nb\0\x1b[31m\x7f\t", 11)),
            "a\\nb\\u0000\\u001b[31m\\u007f\\t");
  EXPECT_EQ(format_for_logging("a\xff\xc3("), "a\xef\xbf\xbd\xef\xbf\xbd(");
}

TEST(FormatForLogging, HugeAndHostileInputIsShort) {
  EXPECT_LT(format_for_logging(std::string(1'000'000, 'x')).size(), 600u);
  EXPECT_LT(format_for_logging(std::string(1'000'000, '\xff')).size(), 2000u);
  EXPECT_LT(format_for_logging(std::string(1'000'000, '[')).size(), 600u);
  EXPECT_LT(format_for_logging(record(std::string(1'000'000, 'k'), 1)).size(), 600u);
  EXPECT_LT(format_for_logging(repeated("[", 1'000) + repeated("]", 1'000)).size(), 600u);
  Datum deep = std::vector<int>{1};
  for (int i = 0; i < 2'000; ++i) {
    Datum::Array outer;
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  EXPECT_EQ(format_for_logging(deep), R"([[[[[["[... 1 items]"]]]]]])");
}

class Lines {
 public:
  DataLog log(LogMode mode) {
    return {[this](std::string_view line) { lines.emplace_back(line); }, mode};
  }
  std::vector<std::string> lines;
};

TEST(DataLog, OffPrintsNothing) {
  Lines seen;
  seen.log(LogMode::off).log_data("inserting", record("a", 1));
  EXPECT_THAT(seen.lines, IsEmpty());
}

TEST(DataLog, NormalPrintsTheMessageAndNeverTheData) {
  Lines seen;
  seen.log(LogMode::normal).log_data("inserting", record("name", "Jane"));
  EXPECT_THAT(seen.lines, ElementsAre("inserting: <data not shown>"));
}

// Checklist: C41
TEST(DataLog, VerbosePrintsTheFormattedData) {
  Lines seen;
  const DataLog log = seen.log(LogMode::verbose);
  log.log_data("inserting", record("name", "Jane", "password", "hunter2"));
  log.log_data("text", "Jane");
  EXPECT_THAT(seen.lines,
              ElementsAre(R"(inserting: {"name":"Jane","password":"***"})", "text: Jane"));
}

TEST(DataLog, AValueIsMadeOnlyForALineThatShowsIt) {
  Lines seen;
  int made = 0;
  const auto make = [&made] { return record("a", ++made); };
  seen.log(LogMode::off).log_data("off", make);
  seen.log(LogMode::normal).log_data("normal", make);
  EXPECT_EQ(made, 0);
  seen.log(LogMode::verbose).log_data("verbose", make);
  EXPECT_THAT(seen.lines, ElementsAre("normal: <data not shown>", R"(verbose: {"a":1})"));
}

TEST(DataLog, DataThatCannotBeFormattedIsSaidToBeSo) {
  Lines seen;
  const auto fail = []() -> Record { throw std::runtime_error("no data"); };
  seen.log(LogMode::verbose).log_data("inserting", fail);
  EXPECT_THAT(seen.lines, ElementsAre("inserting: <data cannot be formatted>"));
}

TEST(DataLog, ASinkThatThrowsLosesItsLineAndNothingElse) {
  int calls = 0;
  const DataLog log(
      [&calls](std::string_view) {
        ++calls;
        throw std::runtime_error("disk full");
      },
      LogMode::verbose);
  log.log_data("inserting", record("a", 1));
  log.log_data("inserting", record("a", 2));
  EXPECT_EQ(calls, 2);
}

TEST(DataLog, WithoutASinkItIsOff) {
  EXPECT_EQ(DataLog().mode(), LogMode::off);
  const DataLog log(nullptr, LogMode::verbose);
  EXPECT_EQ(log.mode(), LogMode::off);
  log.log_data("inserting", "text");
}

TEST(DataLog, VerboseNeedsLoggingEnabled) {
  EXPECT_EQ(log_mode(false, false), LogMode::off);
  EXPECT_EQ(log_mode(false, true), LogMode::off);
  EXPECT_EQ(log_mode(true, false), LogMode::normal);
  EXPECT_EQ(log_mode(true, true), LogMode::verbose);
}

}  // namespace
}  // namespace pgreactor
