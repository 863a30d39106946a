#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

// Statements that nobody waits for any more end in the server too, and nobody else's does.
class Cancelling : public DatabaseTest {};

constexpr const char ask_backend[] = "SELECT pg_backend_pid()";

TEST_F(Cancelling, AStatementWhoseTimeIsUpIsStoppedAndItsConnectionUsedAgain) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const int before = co_await db.execute(ask_backend, fetch_val_as<int>);
    const auto begun = std::chrono::steady_clock::now();
    const auto attempt = co_await as_attempt(db.execute("SELECT pg_sleep(60)", timeout(50ms)));
    EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::unknown);
    EXPECT_EQ(co_await db.execute(ask_backend, fetch_val_as<int>), before) << "the same session";
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s) << "which slept on";
  });
}

TEST_F(Cancelling, AStoppedTaskStopsItsStatement) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const int before = co_await db.execute(ask_backend, fetch_val_as<int>);
    const auto sleep = [&]() -> Task<void> { co_await db.execute("SELECT pg_sleep(60)"); };
    EXPECT_FALSE(co_await as_attempt(with_timeout(50ms, sleep())));
    EXPECT_EQ(co_await db.execute(ask_backend, fetch_val_as<int>), before);
    EXPECT_EQ(db.statistics().cancels, 1u);
  });
}

TEST_F(Cancelling, InATransactionOnlyTheRollbackIsLeft) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const int before = co_await db.execute(ask_backend, fetch_val_as<int>);
    Transaction tx = co_await db.begin();
    const auto attempt = co_await as_attempt(tx.execute("SELECT pg_sleep(60)", timeout(50ms)));
    EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::rolled_back);
    EXPECT_FALSE(co_await as_attempt(tx.execute("SELECT 1")));
    co_await tx.rollback();
    EXPECT_EQ(co_await db.execute(ask_backend, fetch_val_as<int>), before);
  });
}

// P5: the server would cancel the one that it happens to run.
// Requirement: P5
TEST_F(Cancelling, AStatementThatHasNeighboursIsLeftToEndByItself) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute("SELECT pg_sleep(0)");
    const auto slow = [&]() -> Task<void> {
      EXPECT_FALSE(co_await as_attempt(db.execute("SELECT pg_sleep(0.3)", timeout(50ms))));
    };
    const auto neighbour = [&]() -> Task<void> {
      EXPECT_EQ(co_await db.execute("SELECT $1::int4", 7, fetch_val_as<int>), 7);
    };
    co_await when_all(slow(), neighbour(), neighbour());
  });
}

// A cancel that comes late must not stop the next statement of the session: 57014 for nobody.
// Requirement: P4
TEST_F(Cancelling, NobodyElseIsEverCancelled) {
  ConnectionOptions few = options();
  few.pool_min_conns = few.pool_max_conns = 4;
  run_with(few, [](DBConnector& db) -> Task<void> {
    constexpr int rounds = 150, cancelled_tasks = 3, other_tasks = 6;
    int given_up = 0, wrong = 0;
    const auto cancelled = [&](int seed) -> Task<void> {
      for (int i = 0; i < rounds; ++i) {
        // Ends about when its time does.
        const auto attempt = co_await as_attempt(
            db.execute("SELECT pg_sleep(0.002)",
                       timeout(std::chrono::microseconds(1000 + 97 * (i % 23) + seed))));
        if (attempt) continue;
        static_cast<void>(error_of<TimeoutError>(attempt));
        ++given_up;
      }
    };
    const auto other = [&]() -> Task<void> {
      for (int i = 0; i < rounds; ++i)
        if (co_await db.execute("SELECT $1::int4", i, fetch_val_as<int>) != i) ++wrong;
    };
    std::vector<Task<void>> all;
    for (int task = 0; task < cancelled_tasks; ++task) all.push_back(cancelled(task));
    for (int task = 0; task < other_tasks; ++task) all.push_back(other());
    co_await when_all(std::move(all));
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(given_up, 0) << "nothing was cancelled: this shows nothing";
    EXPECT_EQ(db.statistics().open, 4u);
  });
}

TEST_F(Cancelling, AStreamThatIsDroppedEarlyIsStoppedHoweverLongItIs) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    for (int i = 0; i < 3; ++i) {
      {
        RowStream rows = co_await db.stream("SELECT generate_series(1, 1000000000000)");
        EXPECT_TRUE((co_await rows.next()).has_value());
      }
      EXPECT_EQ(co_await db.execute("SELECT 7", fetch_val_as<int>), 7);
      {
        CopyOut data =
            co_await db.copy_out("COPY (SELECT generate_series(1, 1000000000000)) TO STDOUT");
        EXPECT_TRUE((co_await data.next()).has_value());
      }
      EXPECT_EQ(co_await db.execute("SELECT 7", fetch_val_as<int>), 7);
    }
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

TEST_F(Cancelling, AStreamWhoseTimeIsUpIsStopped) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(
        db.stream("SELECT pg_sleep(20)", timeout(std::chrono::milliseconds(20))));
    EXPECT_NO_THROW(static_cast<void>(error_of<TimeoutError>(attempt)));
    EXPECT_EQ(co_await db.execute("SELECT 7", fetch_val_as<int>), 7);
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

}  // namespace
}  // namespace pgreactor::integration
