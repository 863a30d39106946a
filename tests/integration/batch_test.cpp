#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/batch.hpp>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class Batches : public DatabaseTest {
 public:
  static Task<void> create(DBConnector& db) {
    co_await db.execute("CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE)");
  }
};

TEST_F(Batches, GiveEachStatementItsOwnAnswer) {
  run([](DBConnector& db) -> Task<void> {
    co_await create(db);
    Batch batch(db);
    auto id =
        batch.add("INSERT INTO users (name) VALUES ($1) RETURNING id", "one", fetch_val_as<int>);
    auto none = batch.add("SELECT id FROM users WHERE name = $1", "nobody", fetch_row);
    auto inserted = batch.add(
        "INSERT INTO users (name) SELECT 'n' || i FROM generate_series(1, $1) "
        "AS i",
        5);
    auto empty = batch.add("");
    auto all = batch.add("SELECT id, name FROM users ORDER BY id");
    EXPECT_EQ(batch.size(), 5U);
    co_await batch.run();
    EXPECT_EQ(id.get(), 1);
    EXPECT_FALSE(none.get().has_value());
    EXPECT_EQ(inserted.get().affected_rows(), 5U);
    EXPECT_TRUE(empty.get().empty());
    const Result rows = all.get();
    EXPECT_EQ(rows.size(), 6U);
    EXPECT_EQ(rows[5].get<std::string>("name"), "n5");
  });
}

TEST_F(Batches, AreOneRoundTripOnceTheirStatementsAreKnown) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const Statement square = db.prepare("SELECT $1::int4 * $1");
    Batch batch(db);
    for (int round = 0; round < 3; ++round) {
      std::vector<BatchItem<FetchValAs<int>>> squares;
      for (int i = 0; i < 1000; ++i) squares.push_back(batch.add(square, i, fetch_val_as<int>));
      co_await batch.run();
      for (int i = 0; i < 1000; ++i) EXPECT_EQ(squares[static_cast<std::size_t>(i)].get(), i * i);
      batch.clear();
    }
    co_await batch.run();  // of nothing
  });
}

TEST_F(Batches, AreAllOrNothing) {
  run([](DBConnector& db) -> Task<void> {
    co_await create(db);
    Batch batch(db);
    batch.add("INSERT INTO users (name) VALUES ('a')");
    batch.add("INSERT INTO users (name) VALUES ('a')");
    batch.add("INSERT INTO users (name) VALUES ('b')");
    const auto attempt = co_await as_attempt(batch.run());
    const auto& error = error_of<QueryError>(attempt);
    EXPECT_EQ(error.sqlstate(), "23505");
    EXPECT_THAT(error.what(), HasSubstr("VALUES ('a')"));
    EXPECT_EQ(error.outcome(), Outcome::rolled_back);
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM users", fetch_val_as<int>), 0);
  });
}

TEST_F(Batches, SendNothingWhenAValueDoesNotFit) {
  run([](DBConnector& db) -> Task<void> {
    co_await create(db);
    const auto count = db.prepare("INSERT INTO users (id, name) VALUES ($1, $2)");
    Batch batch(db);
    batch.add(count, 1, "fits");
    batch.add(count, 5'000'000'000, "does not");
    const auto attempt = co_await as_attempt(batch.run());
    EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("$1"));
    Batch short_one(db);
    short_one.add(count, 1);
    const auto missing = co_await as_attempt(short_one.run());
    EXPECT_THAT(error_of<QueryError>(missing).what(), HasSubstr("2 parameters"));
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM users", fetch_val_as<int>), 0);
  });
}

TEST_F(Batches, WithATextThatDoesNotParseFailByName) {
  run([](DBConnector& db) -> Task<void> {
    co_await create(db);
    Batch batch(db);
    batch.add("INSERT INTO users (name) VALUES ('a')");
    batch.add("SELECT no_such_column FROM users");
    const auto attempt = co_await as_attempt(batch.run());
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "42703");
    EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("no_such_column FROM"));
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM users", fetch_val_as<int>), 0);
  });
}

TEST_F(Batches, WithinATransactionArePartOfIt) {
  run([](DBConnector& db) -> Task<void> {
    co_await create(db);
    Transaction tx = co_await db.begin();
    Batch batch(tx);
    for (int i = 0; i < 10; ++i)
      batch.add("INSERT INTO users (name) VALUES ($1)", std::to_string(i));
    co_await batch.run();
    EXPECT_EQ(co_await tx.execute("SELECT count(*) FROM users", fetch_val_as<int>), 10);
    co_await tx.rollback();
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM users", fetch_val_as<int>), 0);
  });
}

TEST_F(Batches, MayNotUseMoreStatementsThanAConnectionKeeps) {
  ConnectionOptions few = options_for_one_connection();
  few.statement_cache_capacity = 4;
  run_with(few, [](DBConnector& db) -> Task<void> {
    for (int round = 0; round < 3; ++round) {
      Batch batch(db);
      std::vector<BatchItem<FetchValAs<int>>> items;
      for (int i = round; i < round + 4; ++i)
        items.push_back(batch.add("SELECT " + std::to_string(i), fetch_val_as<int>));
      co_await batch.run();
      for (std::size_t i = 0; i < items.size(); ++i)
        EXPECT_EQ(items[i].get(), round + static_cast<int>(i));
      batch.clear();
      for (int i = 0; i < 5; ++i) batch.add("SELECT " + std::to_string(i));
      const auto attempt = co_await as_attempt(batch.run());
      EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("statement_cache_capacity"));
    }
  });
}

TEST_F(Batches, MayNotBeginATransactionThatOthersWouldRunIn) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    Batch batch(db);
    batch.add("SELECT 1");
    batch.add("BEGIN");
    const auto attempt = co_await as_attempt(batch.run());
    EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("began a transaction"));
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

TEST_F(Batches, RunOnceForWhatWasAdded) {
  run([](DBConnector& db) -> Task<void> {
    Batch batch(db);
    auto one = batch.add("SELECT 1", fetch_val_as<int>);
    co_await batch.run();
    const auto again = co_await as_attempt(batch.run());
    EXPECT_THAT(error_of<QueryError>(again).what(), HasSubstr("clear()"));
    EXPECT_THROW(batch.add("SELECT 2"), QueryError);
    EXPECT_EQ(one.get(), 1);
    batch.clear();
    auto two = batch.add("SELECT 2", fetch_val_as<int>);
    co_await batch.run();
    EXPECT_EQ(two.get(), 2);
  });
}

// More answers than a session can await at a time: the rest have to wait.
TEST_F(Batches, OfAnySizeWaitForEachOther) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const Statement statement = db.prepare("SELECT $1::int4");
    Transaction tx = co_await db.begin();  // which sends all that it is given
    const auto large = [&]() -> Task<void> {
      Batch batch(tx);
      auto last = batch.add(statement, 0, fetch_val_as<int>);
      for (int i = 1; i < 100'000; ++i) last = batch.add(statement, i, fetch_val_as<int>);
      EXPECT_THROW(batch.add(statement, 0), QueryError);
      co_await batch.run();
      EXPECT_EQ(last.get(), 99'999);
    };
    std::vector<Task<void>> all;
    for (int i = 0; i < 7; ++i) all.push_back(large());
    co_await when_all(std::move(all));
    co_await tx.commit();
    EXPECT_EQ(db.statistics().opened, 1U);
  });
}

TEST_F(Batches, GivenUpLeaveTheConnectionUsable) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    // Connected, so that the time is the batch's alone.
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    {
      Batch batch(db);
      batch.add("SELECT pg_sleep(0.3)");
      batch.add("SELECT generate_series(1, 1000)");
      const auto attempt = co_await as_attempt(batch.run(timeout(30ms)));
      EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::unknown);
    }
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    EXPECT_EQ(db.statistics().opened, 1U);
  });
}

TEST_F(Batches, MayEndWithTheTaskThatWaitsForThem) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    const auto run_one = [&]() -> Task<void> {
      Batch batch(db);
      batch.add("SELECT pg_sleep(0.1)");
      batch.add("SELECT generate_series(1, 1000)");
      co_await batch.run();
    };
    const detail::TaskContext context = co_await detail::CurrentContext{};
    for (const bool is_sent : {false, true}) {
      Task<void> waiting = run_one();
      waiting.frame().promise().set_context(&context);
      waiting.frame().resume();
      if (is_sent) co_await sleep_for(10ms);
    }
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    EXPECT_EQ(db.statistics().opened, 1U);
  });
}

TEST_F(Batches, MayBeUsedAgainWhenTheTaskThatWaitedWasDestroyed) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    Batch batch(db);
    const auto run_all = [&]() -> Task<void> { co_await batch.run(timeout(50ms)); };
    const detail::TaskContext context = co_await detail::CurrentContext{};
    for (const auto limit : {detail::no_timeout, std::chrono::nanoseconds(patience)}) {
      {
        batch.add("SELECT pg_sleep(0.01)");
        Task<void> waiting = run_all();
        waiting.frame().promise().set_context(&context);
        waiting.frame().resume();
      }
      batch.clear();
      auto one = batch.add("SELECT 1 FROM pg_sleep(0.1)", fetch_val_as<int>);
      const Timeout within(limit);
      co_await batch.run(within);  // the first one's time is over meanwhile
      EXPECT_EQ(one.get(), 1);
      batch.clear();
    }
  });
}

TEST_F(Batches, TheStopOfAnEarlierRunIsNothingToTheNext) {
  run([](DBConnector& db) -> Task<void> {
    Batch batch(db);
    std::stop_source stop;
    const detail::TaskContext& context = co_await detail::CurrentContext{};
    const detail::TaskContext stoppable{context.reactor, stop.get_token(), nullptr};
    const auto run_all = [&]() -> Task<void> { co_await batch.run(); };
    batch.add("SELECT 1");
    Task<void> first = run_all();
    first.frame().promise().set_context(&stoppable);
    first.frame().resume();
    co_await db.execute("SELECT pg_sleep(0.05)");
    EXPECT_TRUE(first.frame().done());
    batch.clear();
    batch.add("SELECT pg_sleep(0.05)");
    const auto stop_soon = [&]() -> Task<void> {
      co_await sleep_for(10ms);
      stop.request_stop();
    };
    co_await when_all(run_all(), stop_soon());
  });
}

}  // namespace
}  // namespace pgreactor::integration
