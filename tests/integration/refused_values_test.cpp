#include "tests/integration/operator_fixture.hpp"

namespace pgreactor::integration {
namespace {

using ::testing::StartsWith;

const auto in_app = [] { return in_schema("app"); };

/// A value that its column cannot have: the error says which column, whoever finds it out.
class RefusedValues : public OperatorTest {
 protected:
  /// What the error of `operation` begins with, and its SQLSTATE: XXXXX when nothing was sent.
  template <class T>
  static Task<void> expect_refusal(Task<T> operation, const char* beginning, const char* state) {
    const auto refused = co_await as_attempt(std::move(operation));
    const QueryError& error = error_of<QueryError>(refused);
    EXPECT_THAT(error.what(), StartsWith(beginning));
    EXPECT_EQ(error.sqlstate().view(), state) << error.what();
  }
};

TEST_F(RefusedValues, ThatNoParameterCanCarryNameTheColumn) {
  operate([](DBOperator& db) -> Task<void> {
    co_await expect_refusal(
        db.insert("users", record("name", "x", "age", 3'000'000'000), in_app()),
        "insert into app.users: column 'age' (integer): the value is out of range", "XXXXX");
    co_await expect_refusal(
        db.fetch("users", where("age", gt(3'000'000'000)), in_app()),
        "fetch from app.users: column 'age' (integer): the value is out of range", "XXXXX");
    co_await expect_refusal(
        db.update("users", record("name", std::string("a\0b", 3)), where("age", 1), in_app()),
        "update of app.users: column 'name' (text): ", "XXXXX");
    EXPECT_EQ(co_await db.count("users", in_app()), 0u);
  });
}

TEST_F(RefusedValues, ThatTheServerCannotReadNameTheColumn) {
  if (version_of(server()) < 14)
    GTEST_SKIP() << "before PostgreSQL 14 the server does not say which parameter it is";
  operate([](DBOperator& db) -> Task<void> {
    co_await expect_refusal(db.insert("users", record("name", "x", "age", "old"), in_app()),
                            "insert into app.users: column 'age' (integer): ERROR 22P02", "22P02");
    co_await expect_refusal(db.insert("users", record("name", "x", "mood", "angry"), in_app()),
                            "insert into app.users: column 'mood' (app.mood): ERROR 22P02",
                            "22P02");
    co_await expect_refusal(db.count("users", where("age", "old"), in_app()),
                            "count of app.users: column 'age' (integer): ERROR 22P02", "22P02");
    co_await expect_refusal(db.remove("users", where("score", "much"), in_app()),
                            "delete from app.users: column 'score' (numeric(8,2)): ERROR 22P02",
                            "22P02");
  });
}

TEST_F(RefusedValues, OfManyRowsNameTheColumn) {
  if (version_of(server()) < 14)
    GTEST_SKIP() << "before PostgreSQL 14 the server does not say which parameter it is";
  operate([](DBOperator& db) -> Task<void> {
    std::vector<Record> rows;
    for (int i = 0; i < 60; ++i) rows.push_back(record("name", "x", "age", "7"));
    rows.back().set("age", "old");
    co_await expect_refusal(db.insert_many("users", rows, in_app()),
                            "insert into app.users: column 'age' (integer): ERROR 22P02", "22P02");
    EXPECT_EQ(co_await db.count("users", in_app()), 0u);
  });
}

}  // namespace
}  // namespace pgreactor::integration
