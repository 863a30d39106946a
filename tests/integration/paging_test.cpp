#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/memory_tables.hpp>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/operator_fixture.hpp"

// Pages end, and have each row once; an order that no cursor can continue is refused at the start.
// The same on a server and in memory. And conditions of the size that programs build.
namespace pgreactor::integration {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Paging : public OperatorTest {
 protected:
  void SetUp() override {
    OperatorTest::SetUp();
    run([](DBConnector& db) -> Task<void> {
      co_await db.execute_script(
          "CREATE TYPE app.pair AS (a int, b int[]);"
          "CREATE DOMAIN app.row_of_ints AS int[];"
          "CREATE TABLE app.bounds (id int PRIMARY KEY, a int[], d app.row_of_ints, p app.pair,"
          " j json, b jsonb);"
          "INSERT INTO app.bounds (id, a) VALUES (1, '{1,2}'), (2, '[2:3]={1,2}'), (3, '{3}'),"
          " (4, '[0:1]={1,2}');"
          "CREATE TABLE app.keyed (key int[] PRIMARY KEY, n int)");
    });
  }
  static Task<std::string> refusal(TableOperations& db, std::string table, std::string column) {
    const auto page = co_await as_attempt(
        db.fetch_page(table, "", order_by(column), limit(1), in_schema(schema)));
    co_return page ? std::string("taken") : std::string(error_of<QueryError>(page).what());
  }
};

TEST_F(Paging, AnOrderThatNoCursorKeepsIsRefusedByTheNameOfItsColumn) {
  operate([](DBOperator& db) -> Task<void> {
    EXPECT_THAT(co_await refusal(db, "bounds", "a"), AllOf(HasSubstr("'a'"), HasSubstr("array")));
    EXPECT_THAT(co_await refusal(db, "bounds", "-a"), HasSubstr("'a'"));
    EXPECT_THAT(co_await refusal(db, "bounds", "d"), AllOf(HasSubstr("'d'"), HasSubstr("array")));
    EXPECT_THAT(co_await refusal(db, "bounds", "p"),
                AllOf(HasSubstr("'p'"), HasSubstr("composite")));
    EXPECT_THAT(co_await refusal(db, "bounds", "j"), AllOf(HasSubstr("'j'"), HasSubstr("json")));
    EXPECT_THAT(co_await refusal(db, "keyed", "n"), AllOf(HasSubstr("'key'"), HasSubstr("array")));
    EXPECT_EQ(co_await refusal(db, "bounds", "b"), "taken");
    EXPECT_EQ((co_await db.fetch("bounds", order_by("a"), in_schema(schema))).size(), 4u);
  });
}

TEST_F(Paging, InMemoryTheSameOrderIsRefused) {
  MemoryTables tables;
  MemoryTable& bounds = tables.table(schema, "bounds");
  bounds.column("id", "int").primary_key().column("a", "int[]").column("j", "json");
  Reactor reactor;
  DBOperator db(reactor, std::move(tables));
  const auto all = [&]() -> Task<void> {
    EXPECT_THAT(co_await refusal(db, "bounds", "a"), AllOf(HasSubstr("'a'"), HasSubstr("array")));
    EXPECT_THAT(co_await refusal(db, "bounds", "j"), AllOf(HasSubstr("'j'"), HasSubstr("json")));
    EXPECT_EQ(co_await refusal(db, "bounds", "id"), "taken");
  };
  reactor.run(with_timeout(patience, all()));
}

TEST_F(Paging, PagesInAnotherOrderGiveTheArraysToo) {
  operate([](DBOperator& db) -> Task<void> {
    std::vector<std::string> ids;
    std::string after;
    do {
      const Page page = co_await db.fetch_page("bounds", after, order_by("-id"), limit(1),
                                               columns("id", "a"), in_schema(schema));
      for (const Record& row : page.records()) ids.push_back(row["id"].to_string());
      after = page.next();
    } while (!after.empty() && ids.size() < 10);
    EXPECT_THAT(ids, ElementsAre("4", "3", "2", "1"));
  });
}

// A statement has 65,535 parameters at most.
TEST_F(Paging, ALongChainOfOrIsAnswered) {
  operate([](DBOperator& db) -> Task<void> {
    Condition any("id", eq(1));
    for (int i = 2; i < 50'000; ++i) any = std::move(any) || Condition("id", eq(i % 4));
    EXPECT_EQ(co_await db.count("bounds", where(any), in_schema(schema)), 3u);
    const Page page = co_await db.fetch_page("bounds", "", where(any), limit(2), in_schema(schema));
    const std::string& next = page.next();
    EXPECT_EQ((co_await db.fetch_page("bounds", next, where(any), limit(2), in_schema(schema)))
                  .records()
                  .size(),
              1u);
  });
}

/// As deep as a condition can be, and true where `id` is 1 or 0.
Condition deepest_condition() {
  Condition deep("id", eq(1));
  for (std::uint32_t level = 0; level < Condition::deepest; level += 2)
    deep = (std::move(deep) && Condition("id", lt(9))) || Condition("id", eq(0));
  return deep;
}

TEST_F(Paging, TheDeepestConditionIsAnsweredAndADeeperOneIsNotSent) {
  operate([](DBOperator& db) -> Task<void> {
    const Condition deep = deepest_condition();
    EXPECT_EQ(co_await db.count("bounds", where(deep), in_schema(schema)), 1u);
    EXPECT_THROW(static_cast<void>(!deep), QueryError);
  });
}

TEST_F(Paging, InMemoryLongAndDeepConditionsAreAnsweredToo) {
  MemoryTables tables;
  tables.table(schema, "bounds").column("id", "int").primary_key();
  Reactor reactor;
  DBOperator db(reactor, std::move(tables));
  const auto all = [&]() -> Task<void> {
    for (int id = 0; id < 4; ++id)
      co_await db.insert("bounds", record("id", id), in_schema(schema));
    const Condition deep = deepest_condition();
    EXPECT_EQ(co_await db.count("bounds", where(deep), in_schema(schema)), 2u);
    Condition any("id", eq(1));
    for (int i = 2; i < 50'000; ++i) any = std::move(any) || Condition("id", eq(i));
    EXPECT_EQ(co_await db.count("bounds", where(any), in_schema(schema)), 3u);
  };
  reactor.run(with_timeout(patience, all()));
}

}  // namespace
}  // namespace pgreactor::integration
