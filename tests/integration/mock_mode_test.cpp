#include "tests/integration/operator_fixture.hpp"
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

/// The same in both worlds.
class MockDifference : public OperatorTest {
 protected:
  static constexpr char create_locked[] =
      "CREATE TABLE app.parents (id int PRIMARY KEY, code int UNIQUE, v int);"
      "CREATE TABLE app.children (parent int REFERENCES app.parents (id));";
  static MemoryTables locked_tables() {
    MemoryTables tables;
    tables.table(schema, "parents")
        .column("id", "int")
        .primary_key()
        .column("code", "int")
        .unique()
        .column("v", "int");
    tables.table(schema, "children")
        .column("parent", "int")
        .references(QualifiedName(schema, "parents"), "id");
    return tables;
  }
};

constexpr RowLock row_locks[] = {RowLock::update, RowLock::no_key_update, RowLock::share,
                                 RowLock::key_share};
constexpr LockWait impatient[] = {LockWait::no_wait, LockWait::skip_locked};
constexpr int ways_to_lock = 8;

/// Each locks the row in its way: the four locks, then what writes.
Task<void> lock_by(TableOperations& db, int way) {
  const auto in_app = in_schema("app");
  const auto it = where("id", 1);
  if (way < 4)
    co_await db.fetch("parents", it, row_lock(row_locks[way]), in_app);
  else if (way == 4)
    co_await db.update("parents", record("v", 2), it, in_app);
  else if (way == 5)
    co_await db.update("parents", record("code", 2), it, in_app);
  else if (way == 6)
    co_await db.remove("parents", it, in_app);
  else
    co_await db.insert("children", record("parent", 1), in_app);
}

/// What a second transaction then gets of the row: how many, or the SQLSTATE.
Task<std::string> locked_after(DBOperator& db, int way, RowLock lock, LockWait wait) {
  Transaction holds = co_await db.begin();
  Transaction asks = co_await db.begin();
  auto in_first = db.on(holds);
  co_await lock_by(in_first, way);
  auto in_second = db.on(asks);
  const auto it = where("id", 1);
  auto rows =
      co_await as_attempt(in_second.fetch("parents", it, row_lock(lock, wait), in_schema("app")));
  co_await asks.rollback();
  co_await holds.rollback();
  co_return rows ? std::to_string(rows.value().size())
                 : std::string(rows.error().sqlstate().view());
}

Task<std::vector<std::string>> locked_in_every_way(DBOperator& db) {
  std::vector<std::string> all;
  co_await db.insert("parents", record("id", 1, "code", 1, "v", 1), in_schema("app"));
  for (int way = 0; way < ways_to_lock; ++way)
    for (const RowLock lock : row_locks)
      for (const LockWait wait : impatient) {
        const std::string found = co_await locked_after(db, way, lock, wait);
        all.push_back(std::to_string(way) + ": " + found);
      }
  co_return all;
}

TEST_F(MockDifference, LocksStandAgainstTheSameLocksAsOnTheServer) {
  std::vector<std::string> server, memory;
  operate([&](DBOperator& db) -> Task<void> {
    co_await db.connector().execute_script(create_locked);
    server = co_await locked_in_every_way(db);
  });
  mock([&](DBOperator& db) -> Task<void> { memory = co_await locked_in_every_way(db); },
       locked_tables());
  EXPECT_EQ(memory, server);
  EXPECT_EQ(memory.size(), ways_to_lock * std::size(row_locks) * std::size(impatient));
}

/// Refused by the client, after which the transaction goes on.
Task<void> refuses_unsent(DBOperator& db) {
  const auto in_app = in_schema("app");
  Transaction transaction = co_await db.begin();
  auto within = db.on(transaction);
  const Record large = record("id", 3'000'000'000);
  const auto refused = co_await as_attempt(within.insert("parents", large, in_app));
  EXPECT_EQ(error_of<QueryError>(refused).report(), nullptr);
  EXPECT_THAT(error_of<QueryError>(refused).what(), HasSubstr("the value is out of range"));
  EXPECT_EQ(co_await within.count("parents", in_app), 0u);
  const auto list =
      co_await as_attempt(within.count("parents", where("id", in(1, 3'000'000'000)), in_app));
  EXPECT_EQ(error_of<QueryError>(list).report(), nullptr);
  EXPECT_EQ(co_await within.count("parents", in_app), 0u);
  co_await transaction.rollback();
}

TEST_F(MockDifference, AValueThatCannotBeSentLeavesTheTransactionUsable) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.connector().execute_script(create_locked);
    co_await refuses_unsent(db);
  });
  mock([](DBOperator& db) -> Task<void> { co_await refuses_unsent(db); }, locked_tables());
}

TEST_F(MockDifference, WhatAServerRefusesOfSavedTablesMockModeRefusesToo) {
  std::string saved;
  operate([&](DBOperator& db) -> Task<void> {
    co_await db.connector().execute_script(
        "CREATE TABLE app.odd (k int UNIQUE DEFERRABLE, word text COLLATE \"C\");"
        "CREATE VIEW app.seen AS SELECT k, k * 2 AS twice FROM app.odd");
    const auto odd = co_await db.describe_table("odd", in_schema(schema));
    const auto seen = co_await db.describe_table("seen", in_schema(schema));
    saved = "[" + table_to_json(*odd) + ", " + table_to_json(*seen) + "]";
  });
  mock(
      [](DBOperator& db) -> Task<void> {
        const auto in_app = in_schema(schema);
        const auto upsert = co_await as_attempt(db.upsert("odd", record("k", 1), "k", in_app));
        EXPECT_THAT(error_of<SchemaError>(upsert).what(), HasSubstr("no unique key"));
        co_await db.insert("odd", record("k", 1, "word", "a"), in_app);
        const auto order = co_await as_attempt(db.fetch("odd", order_by("word"), in_app));
        EXPECT_THAT(error_of<MockModeError>(order).what(), HasSubstr("a collation of its own"));
        const auto view = co_await as_attempt(db.insert("seen", record("twice", 2), in_app));
        EXPECT_THAT(error_of<MockModeError>(view).what(), HasSubstr("which is a view"));
      },
      tables_from_json(saved));
}

/// The third has the NULL of the first.
Task<void> refuses_a_second_null(DBOperator& db) {
  const auto in_app = in_schema("app");
  co_await db.insert("rare", record("n", nullptr), in_app);
  co_await db.insert("rare", record("n", 1), in_app);
  const auto again = co_await as_attempt(db.insert("rare", record("n", nullptr), in_app));
  EXPECT_EQ(error_of<UniqueViolation>(again).report()->detail, "Key (n)=(null) already exists.");
}

TEST_F(MockDifference, AKeyInWhichNullIsLikeNullIsSavedAsSuch) {
  constexpr int first_version = 15;
  if (version_of(server()) < first_version) GTEST_SKIP() << "there are no such keys";
  std::string saved;
  operate([&](DBOperator& db) -> Task<void> {
    co_await db.connector().execute_script(
        "CREATE TABLE app.rare (n int UNIQUE NULLS NOT DISTINCT)");
    co_await refuses_a_second_null(db);
    const auto rare = co_await db.describe_table("rare", in_schema(schema));
    saved = "[" + table_to_json(*rare) + "]";
  });
  mock([](DBOperator& db) -> Task<void> { co_await refuses_a_second_null(db); },
       tables_from_json(saved));
}

}  // namespace
}  // namespace pgreactor::integration
