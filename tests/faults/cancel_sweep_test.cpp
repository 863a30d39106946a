#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <pgreactor/batch.hpp>
#include <pgreactor/pgreactor.hpp>

#include "tests/integration/database_fixture.hpp"

// Every operation is stopped at the loop's first turn, its second, and so on until it ends before;
// from the 64th on some are left out, for a log-in is thousands of turns that find nothing to do.
// It ends with CancelledError or with its value, and the pool's only connection serves the next
// one.
namespace pgreactor::faults {
namespace {

class CancelSweep : public integration::DatabaseTest {
 protected:
  /// `operation(db)` is a Task<void>.
  template <class F>
  void sweep(F operation) {
    run_with(strict_options(), [&](DBConnector& db) -> Task<void> {
      co_await db.execute("CREATE TABLE thing (id int)");
      co_await db.execute("INSERT INTO thing SELECT generate_series(1, 100)");
      const auto stopped = [&]() -> Task<void> { co_await operation(db); };
      const auto next = [&](int number) -> Task<void> { co_await expect_fit(db, number); };
      co_await sweep_all(stopped, next);
      EXPECT_EQ(db.statistics().lent, 0u);
    });
  }
  /// Stops `operation()` at each turn in turn; `next(number)` is awaited after each.
  template <class F, class Next>
  static Task<void> sweep_all(F& operation, Next& next) {
    int ended_in_a_row = 0, stops = 0;
    for (int turns = 0; turns < most_turns && ended_in_a_row < 3; turns += 1 + turns / 64) {
      bool cancelled = false;
      const auto watched = [&]() -> Task<void> {
        const auto attempt = co_await as_attempt(operation());
        if (attempt) co_return;
        cancelled = dynamic_cast<const CancelledError*>(&attempt.error()) != nullptr;
        if (!cancelled) ADD_FAILURE() << "turn " << turns << ": " << attempt.error().what();
      };
      const auto ended = co_await when_any(watched(), turn(turns));
      stops += cancelled ? 1 : 0;
      ended_in_a_row = ended.index() == 0 ? ended_in_a_row + 1 : 0;
      co_await next(turns);
    }
    EXPECT_EQ(ended_in_a_row, 3) << "the stop always came first: this is not the whole sweep";
    EXPECT_GT(stops, 0) << "nothing was stopped: this shows nothing";
  }
  // The right answer; and in a transaction of somebody else BEGIN would be warned of.
  static Task<void> expect_fit(DBConnector& db, int number) {
    EXPECT_EQ(co_await db.execute("SELECT $1::int4", number, fetch_val_as<int>), number);
    Transaction transaction = co_await db.begin();
    co_await transaction.rollback();
  }
  /// One connection, and a failure when a transaction begins within another. (What cleans up after
  /// somebody who left in the middle may say ROLLBACK where there is nothing to roll back.)
  ConnectionOptions strict_options() const {
    ConnectionOptions strict = options_for_one_connection();
    strict.on_notice = [](const ServerReport& notice) {
      EXPECT_NE(notice.sqlstate, "25001") << notice.message;
    };
    return strict;
  }

 private:
  static constexpr int most_turns = 20'000;
  static Task<void> turn(int turns) {
    for (int i = 0; i < turns; ++i) co_await sleep_for(std::chrono::nanoseconds(0));
  }
};

TEST_F(CancelSweep, AStatementIsStoppedAnywhere) {
  sweep([](DBConnector& db) -> Task<void> { co_await db.execute("SELECT id FROM thing"); });
}

TEST_F(CancelSweep, AFetchOfOneRowIsStoppedAnywhere) {
  sweep([](DBConnector& db) -> Task<void> {
    const auto row = co_await db.execute("SELECT $1::int4", 7, fetch_row);
    EXPECT_EQ(row->get<int>(0), 7);
  });
}

TEST_F(CancelSweep, AStreamIsStoppedAnywhere) {
  sweep([](DBConnector& db) -> Task<void> {
    RowStream rows = co_await db.stream("SELECT id FROM thing");
    int seen = 0;
    for (auto row = co_await rows.next(); row; row = co_await rows.next()) ++seen;
    EXPECT_EQ(seen, 100);
  });
}

TEST_F(CancelSweep, ABatchIsStoppedAnywhere) {
  sweep([](DBConnector& db) -> Task<void> {
    Batch batch(db);
    auto one = batch.add("SELECT $1::int4", 1, fetch_val_as<int>);
    auto two = batch.add("SELECT $1::int4 + 0", 2, fetch_val_as<int>);
    co_await batch.run();
    EXPECT_EQ(one.get(), 1);
    EXPECT_EQ(two.get(), 2);
  });
}

TEST_F(CancelSweep, ACopyInIsStoppedAnywhere) {
  sweep([](DBConnector& db) -> Task<void> {
    CopyIn copy = co_await db.copy_in("thing", columns("id"));
    for (int i = 0; i < 100; ++i) co_await copy.row(i);
    EXPECT_EQ(co_await copy.finish(), 100u);
  });
}

TEST_F(CancelSweep, ACopyOutIsStoppedAnywhere) {
  sweep([](DBConnector& db) -> Task<void> {
    CopyOut copy = co_await db.copy_out("COPY thing TO STDOUT");
    int seen = 0;
    for (auto line = co_await copy.next(); line; line = co_await copy.next()) ++seen;
    EXPECT_EQ(seen, 100);
  });
}

TEST_F(CancelSweep, AScriptIsStoppedAnywhere) {
  sweep([](DBConnector& db) -> Task<void> {
    co_await db.execute_script("BEGIN; SELECT 1; COMMIT; SELECT 2");
  });
}

// Requirement: P2
TEST_F(CancelSweep, ATransactionWithASavepointIsStoppedAnywhereUpToItsCommit) {
  sweep([](DBConnector& db) -> Task<void> {
    Transaction transaction = co_await db.begin();
    Transaction savepoint = co_await transaction.begin();
    co_await savepoint.execute("SELECT 1");
    co_await savepoint.commit();
    co_await transaction.commit();
  });
}

TEST_F(CancelSweep, ATransactionWithASavepointIsStoppedAnywhereUpToItsRollback) {
  sweep([](DBConnector& db) -> Task<void> {
    Transaction transaction = co_await db.begin();
    Transaction savepoint = co_await transaction.begin();
    co_await savepoint.rollback();
    co_await transaction.rollback();
  });
}

// Requirement: P3
TEST_F(CancelSweep, AWaitForTheOnlyConnectionIsStoppedAnywhere) {
  sweep([](DBConnector& db) -> Task<void> {
    Transaction holder = co_await db.begin();
    const auto holding = [&]() -> Task<void> { co_await holder.rollback(); };
    const auto waiting = [&]() -> Task<void> {
      Transaction transaction = co_await db.begin();
      co_await transaction.rollback();
    };
    co_await when_all(waiting(), holding());
  });
}

TEST_F(CancelSweep, TheBeginOfAListenerIsStoppedAnywhere) {
  sweep([](DBConnector& db) -> Task<void> { Listener listener = co_await db.listen("news"); });
}

TEST_F(CancelSweep, AWarmUpIsStoppedAnywhere) {
  run([&](DBConnector&) -> Task<void> {
    std::optional<DBConnector> db;
    const detail::TaskContext& context = co_await detail::CurrentContext{};
    const auto opening = [&]() -> Task<void> {
      db.emplace(*context.reactor, strict_options());
      co_await db->warm_up();
    };
    const auto next = [&](int number) -> Task<void> {
      co_await expect_fit(*db, number);
      co_await db->close();
    };
    co_await sweep_all(opening, next);
  });
}

TEST_F(CancelSweep, ACloseIsStoppedAnywhereAndMayBeCalledAgain) {
  run([&](DBConnector&) -> Task<void> {
    std::optional<DBConnector> db;
    const detail::TaskContext& context = co_await detail::CurrentContext{};
    const auto renew = [&]() -> Task<void> {
      db.emplace(*context.reactor, strict_options());
      co_await db->warm_up();
    };
    const auto closing = [&]() -> Task<void> {
      Transaction transaction = co_await db->begin();
      const auto using_it = [&]() -> Task<void> { co_await transaction.rollback(); };
      co_await when_all(db->close(), using_it());
    };
    const auto next = [&](int) -> Task<void> {
      co_await db->close();
      EXPECT_EQ(db->statistics().open, 0u);
      co_await renew();
    };
    co_await renew();
    co_await sweep_all(closing, next);
  });
}

}  // namespace
}  // namespace pgreactor::faults
