#include "tests/specification/specification_fixture.hpp"

// The heading "Error Handling": the same types and SQLSTATEs in both worlds.
namespace pgreactor::specification {
namespace {

using ::testing::HasSubstr;

// In memory there is no connection that could fail.
TEST_P(Snippets, ErrorHandlingConnectionError) {
  if (in_memory()) return operate([](DBOperator& db) -> Task<void> { co_await db.count("users"); });
  Reactor reactor;
  ConnectionOptions nowhere = server_options();
  nowhere.database = "there_is_no_such_database";
  DBOperator db(reactor, nowhere);
  const auto body = [&]() -> Task<void> {
    const auto refused = co_await as_attempt(db.count("users"));
    EXPECT_EQ(error_of<ConnectionError>(refused).sqlstate(), Sqlstate("3D000"));
    co_await db.close();
  };
  reactor.run(with_timeout(patience, body()));
}

TEST_P(Snippets, ErrorHandlingQueryError) {
  operate([this](DBOperator& db) -> Task<void> {
    co_await db.insert("users", record("name", "a", "email", "e"));
    const auto unique = co_await as_attempt(db.insert("users", record("name", "b", "email", "e")));
    EXPECT_EQ(error_of<UniqueViolation>(unique).sqlstate(), Sqlstate("23505"));
    const auto missing = co_await as_attempt(db.insert("users", record("email", "f")));
    EXPECT_EQ(error_of<NotNullViolation>(missing).sqlstate(), Sqlstate("23502"));
    const std::string nobody = "650e8400-e29b-41d4-a716-446655440000";
    const auto target = co_await as_attempt(db.insert("profiles", record("user_id", nobody)));
    EXPECT_EQ(error_of<ForeignKeyViolation>(target).sqlstate(), Sqlstate("23503"));
    const auto check =
        co_await as_attempt(db.insert("accounts", record("user_id", 1, "balance", -1)));
    EXPECT_EQ(error_of<CheckViolation>(check).sqlstate(), Sqlstate("23514"));
    EXPECT_THAT(check.error().what(), HasSubstr("solvent"));
    const auto number =
        co_await as_attempt(db.insert("accounts", record("user_id", "one", "balance", 0)));
    EXPECT_EQ(error_of<QueryError>(number).sqlstate(), Sqlstate("22P02"));
    const auto syntax = co_await as_attempt(db.execute_raw("SELEC 1"));
    EXPECT_EQ(error_of<QueryError>(syntax).sqlstate(), Sqlstate(in_memory() ? "" : "42601"));
    EXPECT_EQ(co_await db.count("users"), 1u);
  });
}

TEST_P(Snippets, ErrorHandlingSchemaError) {
  operate([](DBOperator& db) -> Task<void> {
    const auto table = co_await as_attempt(db.fetch("user"));
    EXPECT_THAT(error_of<SchemaError>(table).what(), HasSubstr("Did you mean: users?"));
    const auto schema = co_await as_attempt(db.fetch("users", in_schema("none")));
    EXPECT_THAT(error_of<SchemaError>(schema).what(), HasSubstr("Schema 'none' not found"));
    const auto key = co_await as_attempt(db.upsert("users", record("name", "a"), "name"));
    EXPECT_THAT(error_of<SchemaError>(key).what(), HasSubstr("email"));
  });
}

TEST_P(Snippets, ErrorHandlingColumnMatchError) {
  operate([](DBOperator& db) -> Task<void> {
    const auto inserted = co_await as_attempt(db.insert("users", record("nam", "a")));
    EXPECT_THAT(error_of<ColumnMatchError>(inserted).what(), HasSubstr("Did you mean: name?"));
    const auto ordered = co_await as_attempt(db.fetch("users", order_by("-creatd_at")));
    EXPECT_THAT(error_of<ColumnMatchError>(ordered).what(), HasSubstr("created_at"));
    const auto all = co_await as_attempt(db.remove("users", where("nobody", 1)));
    EXPECT_THAT(error_of<ColumnMatchError>(all).what(), HasSubstr("'nobody'"));
  });
}

}  // namespace
}  // namespace pgreactor::specification
