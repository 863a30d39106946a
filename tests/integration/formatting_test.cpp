#include <limits>
#include <pgreactor/formatting.hpp>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

class FormattingOnAServer : public DatabaseTest {};

TEST_F(FormattingOnAServer, WhatIsPreparedIsWhatJsonbTakes) {
  const std::vector<std::string> hostile{
      "",
      "not json",
      R"({"a":"\u0000","b":"\ud800","c":1e999999999,"a\u0000":2})",
      "{\"\xff\":\"\xed\xa0\x80\"}",
      std::string("\0{\"a\"\0:1}", 9),
      std::string(2'000, '[') + std::string(2'000, ']'),
      std::string(1'000, '[') + std::string(1'000, ']'),
      "[" + std::string(200'000, '9') + "]",
      "[123456789012345678901234567890.5]",
      std::string(1'000'000, 'x')};
  run([&](DBConnector& db) -> Task<void> {
    for (const std::string& text : hostile) {
      const Json prepared(prepare_variables_for_storage(text));
      const bool same = co_await db.execute("select $1::jsonb = $2::text::jsonb", prepared,
                                            prepared.text(), fetch_val_as<bool>);
      EXPECT_TRUE(same) << text.substr(0, 60);
    }
  });
}

TEST_F(FormattingOnAServer, ATimestampIsReadBackAsTheSameMoment) {
  run([](DBConnector& db) -> Task<void> {
    for (const char* const written : {"2024-02-29 12:00:00.123456+00", "0044-03-15 12:00:00+00 BC",
                                      "294276-12-31 23:59:59+00", "infinity", "-infinity"}) {
      const TimestampTz moment = *TimestampTz::parse(written);
      const std::string stored = format_variable(moment);
      const auto read =
          co_await db.execute("select $1::text::timestamptz", stored, fetch_val_as<TimestampTz>);
      EXPECT_EQ(read, moment) << stored;
    }
  });
}

TEST_F(FormattingOnAServer, ACleanResponseIsATextThatTheServerTakes) {
  const std::string response("\xef\xbb\xbf```json\r\n{\"a\": \"\\u0000\xff\"}\0\r\n```", 34);
  const std::string clean = clean_response_for_storage(response);
  run([&](DBConnector& db) -> Task<void> {
    const auto read =
        co_await db.execute("select $1::text::jsonb ->> 'a'", clean, fetch_val_as<std::string>);
    EXPECT_EQ(read, "\xef\xbf\xbd");
  });
}

}  // namespace
}  // namespace pgreactor::integration
