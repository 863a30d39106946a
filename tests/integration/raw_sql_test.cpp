#include "tests/integration/operator_fixture.hpp"

namespace pgreactor::integration {
namespace {

using ::testing::HasSubstr;

class RawSql : public OperatorTest {};

const auto in_app_schema = [] { return in_schema("app"); };

// Checklist: C36
TEST_F(RawSql, HasEveryFetchMode) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.insert("users", record("name", "a", "age", 41), in_app_schema());
    const Result all = co_await db.execute_raw("SELECT name, age FROM app.users");
    EXPECT_EQ(all.front().get<int>(1), 41);
    EXPECT_EQ(co_await db.execute_raw("SELECT age + $1 FROM app.users", 1, fetch_val_as<int>), 42);
  });
}

TEST_F(RawSql, MaySeeASchemaForItsStatementAlone) {
  operate([](DBOperator& db) -> Task<void> {
    co_await db.insert("users", record("name", "a", "age", 41), in_app_schema());
    EXPECT_EQ(co_await db.execute_raw("SELECT age + $1 FROM users", in_app_schema(), 1,
                                      fetch_val_as<int>),
              42);
    for (int i = 0; i < 8; ++i) {
      const auto outside = co_await as_attempt(db.execute_raw("SELECT * FROM users"));
      EXPECT_FALSE(outside);
    }
    const auto none = co_await as_attempt(db.execute_raw("SELECT 1", in_schema("none")));
    EXPECT_THAT(error_of<SchemaError>(none).what(), HasSubstr("'none'"));
  });
}

TEST_F(RawSql, ThatFailsInASchemaLeavesItsTransactionUsable) {
  operate([](DBOperator& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    const auto failed = co_await as_attempt(db.on(tx).execute_raw("SELECT 1/0", in_app_schema()));
    EXPECT_EQ(error_of<QueryError>(failed).sqlstate(), "22012");
    EXPECT_EQ(co_await tx.execute("SELECT 1", fetch_val_as<int>), 1);
    co_await tx.commit();
  });
}

}  // namespace
}  // namespace pgreactor::integration
