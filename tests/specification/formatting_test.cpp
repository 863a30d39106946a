#include "tests/specification/specification_fixture.hpp"

// The heading "Formatting Utilities". What is formatted is stored and read back, in both worlds.
namespace pgreactor::specification {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// What a jsonb column of b2b_saas.content holds of a document that was stored in it.
Task<std::string> stored(DBOperator& db, std::string document) {
  const Inserted row =
      co_await db.insert("content", record("title", "t", "variables", Json(std::move(document))),
                         in_schema("b2b_saas"));
  const auto read = co_await db.get_by_uuid("content", row.id(), in_schema("b2b_saas"));
  co_return read.value_or(Record()).get<Json>("variables").text();
}

TEST_P(Snippets, FormatForLogging) {
  operate([](DBOperator& db) -> Task<void> {
    const Inserted user = co_await db.insert("users", record("name", std::string(600, 'x')));
    const std::string shown = DBOperator::format_for_logging(user);
    EXPECT_THAT(shown, HasSubstr("... [truncated 100 chars]"));
    EXPECT_THAT(DBOperator::format_for_logging(record("password", "p")), HasSubstr("***"));
  });
}

TEST_P(Snippets, LogData) {
  operate([](DBOperator& db) -> Task<void> {
    std::vector<std::string> lines;
    const auto sink = [&lines](std::string_view line) { lines.emplace_back(line); };
    const Inserted user = co_await db.insert("users", record("name", "Jane"));
    db.log_data("nobody listens", user);
    db.set_log(DataLog(sink, log_mode(true, false)));
    db.log_data("created", user);
    db.set_log(DataLog(sink, log_mode(true, true)));
    db.log_data("created", user);
    EXPECT_EQ(lines.size(), 2u);
    EXPECT_THAT(lines.at(0), Not(HasSubstr("Jane")));
    EXPECT_THAT(lines.at(1), HasSubstr("Jane"));
  });
}

TEST_P(Snippets, FormatVariable) {
  operate([](DBOperator& db) -> Task<void> {
    const TimestampTz moment = *TimestampTz::parse("2024-02-29 13:00:00.5+01");
    const Inserted user = co_await db.insert("users", record("name", "n", "created_at", moment));
    EXPECT_EQ(DBOperator::format_variable(user["created_at"]), "2024-02-29T12:00:00.5+00:00");
    const auto again = co_await db.fetch_one(
        "users", where("created_at", DBOperator::format_variable(user["created_at"])));
    EXPECT_EQ(again.value_or(Record()), user);
    EXPECT_EQ(DBOperator::format_variable(std::string(10'001, 'x')).substr(10'000),
              "... [truncated 1 chars]");
  });
}

TEST_P(Snippets, PrepareVariablesForStorage) {
  operate([](DBOperator& db) -> Task<void> {
    const Record variables =
        record("topic", "a \"b\"", "nested", Json(R"({"list":[1,{"deep":true}]})"));
    const std::string prepared = DBOperator::prepare_variables_for_storage(variables);
    EXPECT_EQ(co_await stored(db, prepared),
              R"({"topic": "a \"b\"", "nested": {"list": [1, {"deep": true}]}})");
    EXPECT_EQ(co_await stored(db, DBOperator::prepare_variables_for_storage("")), "{}");
    EXPECT_EQ(co_await stored(db, DBOperator::prepare_variables_for_storage("no JSON")),
              R"("no JSON")");
  });
}

TEST_P(Snippets, FormatAndCleanResponseForStorage) {
  operate([](DBOperator& db) -> Task<void> {
    const std::string text =
        DBOperator::format_response_for_storage(record("content", "```json\n{\"a\": 1}\n```"));
    const std::string clean = DBOperator::clean_response_for_storage(text);
    const Inserted row = co_await db.insert("content", record("title", "t", "content", clean),
                                            in_schema("b2b_saas"));
    EXPECT_EQ(row.get<std::string>("content"), R"({"a":1})");
  });
}

}  // namespace
}  // namespace pgreactor::specification
