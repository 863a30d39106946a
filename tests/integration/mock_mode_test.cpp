#include "tests/integration/database_fixture.hpp"
#include "tests/operator/upsert_rules.hpp"

// The operator on tables in memory: no server is started for these.
namespace pgreactor::integration {
namespace {

using ::testing::HasSubstr;

MemoryTables shop() {
  MemoryTables tables;
  tables.table("public", "users")
      .column("id", "uuid")
      .default_random_uuid()
      .primary_key()
      .column("name", "text")
      .not_null()
      .column("email", "text")
      .unique()
      .column("role", "text")
      .default_value("user")
      .column("age", "integer");
  return tables;
}

template <class F>
void mock(F body, MemoryTables tables = shop()) {
  Reactor reactor;
  DBOperator db(reactor, std::move(tables));
  reactor.run(body(db));
  reactor.run(db.close());
}

TEST(MockMode, RunsEveryStandardMethodWithoutAServer) {
  mock([](DBOperator& db) -> Task<void> {
    EXPECT_EQ(db.mode(), TestMode::mock);
    const Inserted user = co_await db.insert("users", record("name", "Jane", "Email", "j@x"));
    EXPECT_EQ(user.get<std::string>("role"), "user");
    const auto found = co_await db.get_by_uuid("users", user.id());
    EXPECT_EQ(found.value_or(Record()), user);
    EXPECT_TRUE((co_await db.get_by_name("users", "Jane")).has_value());
    EXPECT_TRUE((co_await db.get_by_column("users", "email", "j@x")).has_value());
    std::vector<Record> rows;
    for (int age = 0; age < 5; ++age) rows.push_back(record("name", "n", "age", age));
    co_await db.insert_many("users", rows);
    EXPECT_EQ((co_await db.fetch("users", where("age", gt(1)), order_by("-age"), limit(2))).size(),
              2u);
    EXPECT_EQ((co_await db.update("users", record("role", "x"), where("age", 3))).size(), 1u);
    const Inserted again =
        co_await db.upsert("users", record("email", "j@x", "name", "Joan"), "email");
    EXPECT_EQ(again.inserted(), false);
    EXPECT_EQ(again.id(), user.id());
    EXPECT_EQ(co_await db.count("users", where("name", like("J%"))), 1u);
    const Page page = co_await db.fetch_page("users", "", order_by("age"), limit(4));
    EXPECT_TRUE(page.has_more());
    EXPECT_EQ(co_await db.remove("users", where("role", "x")), 1u);
    EXPECT_TRUE(co_await db.table_exists("users"));
    EXPECT_FALSE(co_await db.schema_exists("app"));
    co_await db.create_schema("app");
    EXPECT_TRUE(co_await db.schema_exists("app"));
  });
}

TEST(MockMode, RefusesAsAServerDoes) {
  mock([](DBOperator& db) -> Task<void> {
    co_await db.insert("users", record("name", "a", "email", "e"));
    const auto unique = co_await as_attempt(db.insert("users", record("name", "b", "email", "e")));
    EXPECT_EQ(error_of<QueryError>(unique).sqlstate(), Sqlstate("23505"));
    const auto missing = co_await as_attempt(db.insert("users", record("age", 1)));
    EXPECT_EQ(error_of<QueryError>(missing).sqlstate(), Sqlstate("23502"));
    const auto text = co_await as_attempt(db.insert("users", record("name", "c", "age", "old")));
    EXPECT_EQ(error_of<QueryError>(text).sqlstate(), Sqlstate("22P02"));
    const auto column = co_await as_attempt(db.fetch("users", where("nam", "a")));
    EXPECT_THAT(error_of<ColumnMatchError>(column).what(), HasSubstr("Did you mean: name?"));
    const auto table = co_await as_attempt(db.fetch("user"));
    EXPECT_THAT(error_of<SchemaError>(table).what(), HasSubstr("Did you mean: users?"));
    const auto all = co_await as_attempt(db.remove("users", where()));
    EXPECT_FALSE(all);
    EXPECT_EQ(co_await db.count("users"), 1u);
  });
}

TEST(MockMode, WhatMemoryCannotAnswerIsSaid) {
  mock([](DBOperator& db) -> Task<void> {
    co_await db.insert("users", record("name", "a"));
    const auto pattern = co_await as_attempt(db.fetch("users", where("name", regex("a"))));
    EXPECT_THAT(error_of<MockModeError>(pattern).what(), HasSubstr("regular expression"));
    const auto sql = co_await as_attempt(db.fetch_one("SELECT 1"));
    EXPECT_THAT(error_of<MockModeError>(sql).what(), HasSubstr("mock mode"));
    EXPECT_THROW(static_cast<void>(db.connector()), MockModeError);
    const auto raw = co_await as_attempt(db.count("users", raw_condition("age = $1", 1)));
    EXPECT_THAT(error_of<MockModeError>(raw).what(), HasSubstr("SQL: age = $1"));
    const auto unused = co_await as_attempt(db.count("users", raw_condition("age = $1", 1, 2)));
    EXPECT_THAT(error_of<QueryError>(unused).what(), HasSubstr("2 values and no parameter $2"));
    EXPECT_EQ(error_of<QueryError>(unused).outcome(), Outcome::not_sent);
  });
  Reactor reactor;
  EXPECT_EQ(DBOperator(reactor, TestMode::mock).mode(), test_mode("mock"));
}

class MockUpserts : public ::testing::TestWithParam<UpsertRule> {};

TEST_P(MockUpserts, InMemory) {
  mock([rule = GetParam()](DBOperator& db) -> Task<void> { co_await rule.holds(db); },
       upsert_tables_in_memory());
}
INSTANTIATE_TEST_SUITE_P(MockMode, MockUpserts, ::testing::ValuesIn(upsert_rules), name_of_rule);

}  // namespace
}  // namespace pgreactor::integration
