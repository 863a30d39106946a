#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/pgreactor.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "tests/integration/thing_fixture.hpp"

namespace pgreactor::integration {
namespace {

// Statements that are sent along each time: StatementMode::unnamed.
class Unnamed : public ThingTest {
 protected:
  ConnectionOptions unnamed(std::uint32_t connections) const {
    ConnectionOptions few = options_for(connections);
    few.statement_mode = StatementMode::unnamed;
    return few;
  }
};

TEST_F(Unnamed, NothingIsLeftBehind) {
  run_with(unnamed(1), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT n FROM thing WHERE id = $1");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(co_await db.execute(get, 1, fetch_val_as<int>), 1);
    RowStream rows = co_await db.stream(get, 1);
    while (co_await rows.next()) {
    }
    co_await db.transaction([&](Transaction& tx) -> Task<void> { co_await tx.execute(get, 1); });
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM pg_prepared_statements", fetch_val_as<int>),
              0);
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

// The types that it was sent with come back with its answer.
TEST_F(Unnamed, AnAnswerUnderWayDoesNotUndoTheDoubtOfAnothersTypes) {
  run_with(unnamed(1), [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE counted (n smallint)");
    const Statement insert = db.prepare("INSERT INTO counted VALUES ($1)");
    co_await db.execute(insert, 1);
    co_await db.execute("ALTER TABLE counted ALTER n TYPE int");
    const auto inserted = [&](int value) -> Task<bool> {
      const auto attempt = co_await as_attempt(db.execute(insert, value));
      co_return static_cast<bool>(attempt);
    };
    const auto [small, large] = co_await when_all(inserted(2), inserted(70'000));
    EXPECT_TRUE(small);
    EXPECT_FALSE(large) << "which the statement was known not to take";
    EXPECT_TRUE(co_await inserted(70'000));
  });
}

TEST_F(Unnamed, ManyWhoAskForTheFirstTimeAreAllAnswered) {
  run_with(unnamed(2), [](DBConnector& db) -> Task<void> {
    for (int round = 0; round < 3; ++round) {
      auto one = db.execute("SELECT $1::int4 + 1", 1, fetch_val_as<int>);
      auto two = db.execute("SELECT $1::int4 + 1", 2, fetch_val_as<int>);
      auto three = db.execute("SELECT $1::text", "x", fetch_val_as<std::string>);
      auto four = db.execute("SELECT $1::int4 + 1", 4, fetch_val_as<int>);
      auto five = db.execute("SELECT $1::text", "y", fetch_val_as<std::string>);
      const auto all = co_await when_all(std::move(one), std::move(two), std::move(three),
                                         std::move(four), std::move(five));
      EXPECT_EQ(all, std::tuple(2, 3, std::string("x"), 5, std::string("y")));
    }
  });
}

TEST_F(Unnamed, AFailureTouchesNoNeighbour) {
  run_with(unnamed(1), [](DBConnector& db) -> Task<void> {
    for (int round = 0; round < 2; ++round) {
      auto good = db.execute("SELECT 1", fetch_val_as<int>);
      auto bad = as_attempt(db.execute("SELECT 1 / $1::int4", 0));
      auto unreadable = as_attempt(db.execute("SELEC 1"));
      auto also_good = db.execute("SELECT 2", fetch_val_as<int>);
      const auto all = co_await when_all(std::move(good), std::move(bad), std::move(unreadable),
                                         std::move(also_good));
      EXPECT_EQ(std::get<0>(all), 1);
      EXPECT_EQ(error_of<QueryError>(std::get<1>(all)).sqlstate(), "22012");
      EXPECT_EQ(error_of<QueryError>(std::get<2>(all)).sqlstate(), "42601");
      EXPECT_EQ(std::get<3>(all), 2);
    }
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

// Requirement: P9
TEST_F(Unnamed, ATableThatHasChangedIsReadAsItIsNow) {
  run_with(unnamed(1), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT * FROM thing WHERE id = $1");
    for (const std::string_view change :
         {"SELECT 1", "ALTER TABLE thing ADD c text", "ALTER TABLE thing ALTER n TYPE float4",
          "ALTER TABLE thing ALTER id TYPE bigint", "ALTER TABLE thing ALTER id TYPE text",
          "ALTER TABLE thing DROP c"}) {
      co_await db.execute(change);
      for (int i = 0; i < 2; ++i) {
        auto run = db.execute(get, "1");
        auto attempt = co_await as_attempt(std::move(run));
        if (!attempt) {
          ADD_FAILURE() << change << attempt.error().what();
          continue;
        }
        const Result& rows = attempt.value();
        EXPECT_EQ(rows[0][0].as<std::string>(), "1") << change;
        EXPECT_EQ(rows[0][1].as<float>(), 1) << change;
      }
    }
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

TEST_F(Unnamed, ABatchDescribesEachStatement) {
  run_with(unnamed(1), [](DBConnector& db) -> Task<void> {
    const Statement get = db.prepare("SELECT * FROM thing");
    const Statement add = db.prepare("UPDATE thing SET n = n + $1 RETURNING n");
    int n = 1;
    for (const std::string_view change : {"SELECT 1", "ALTER TABLE thing ADD c text",
                                          "ALTER TABLE thing ALTER n TYPE bigint", "SELECT 1"}) {
      co_await db.execute(change);
      Batch batch(db);
      auto first = batch.add(add, 1, fetch_val_as<int>);
      auto second = batch.add(get);
      auto third = batch.add(add, 2, fetch_val_as<int>);
      const auto attempt = co_await as_attempt(batch.run());
      if (!attempt) {
        ADD_FAILURE() << change << attempt.error().what();
        continue;
      }
      EXPECT_EQ(first.get(), n + 1) << change;
      EXPECT_EQ(second.get()[0][1].as<int>(), n + 1) << change;
      EXPECT_EQ(third.get(), n + 3) << change;
      n += 3;
    }
    Batch failing(db);
    failing.add(add, 1);
    failing.add("SELECT 1 / 0");
    EXPECT_EQ(error_of<QueryError>(co_await as_attempt(failing.run())).sqlstate(), "22012");
    EXPECT_EQ(co_await db.execute("SELECT n FROM thing", fetch_val_as<int>), n);
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

TEST_F(Unnamed, AStatementServesPoolsOfBothModes) {
  run_with(unnamed(1), [this](DBConnector& one) -> Task<void> {
    Reactor& reactor = *(co_await detail::CurrentContext{}).reactor;
    DBConnector other(reactor, options_for_one_connection());
    const Statement first = one.prepare("SELECT $1::int4 + 1");
    const Statement second = other.prepare("SELECT $1::int4 + 2");
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(co_await one.execute(first, 1, fetch_val_as<int>), 2);
      EXPECT_EQ(co_await other.execute(first, 1, fetch_val_as<int>), 2);
      EXPECT_EQ(co_await one.execute(second, 1, fetch_val_as<int>), 3);
      EXPECT_EQ(co_await other.execute(second, 1, fetch_val_as<int>), 3);
    }
    co_await other.close();
  });
}

}  // namespace
}  // namespace pgreactor::integration
