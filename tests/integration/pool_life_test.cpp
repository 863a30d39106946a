#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/database_fixture.hpp"
#include "tests/integration/ending_pool.hpp"

namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// A pool's beginning and end.
class PoolLife : public DatabaseTest {};

TEST_F(PoolLife, ASmallestNumberOfNoneConnectsWhenItIsUsed) {
  ConnectionOptions lazy = options();
  lazy.pool_min_conns = 0;
  run_with(lazy, [](DBConnector& db) -> Task<void> {
    co_await db.warm_up();
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

TEST_F(PoolLife, ATransactionMayBeIdleForAMinuteUnlessItIsSaidOtherwise) {
  const auto limit_with = [](const ConnectionOptions& with) {
    std::string limit;
    run_with(with, [&](DBConnector& db) -> Task<void> {
      limit = co_await db.execute("SHOW idle_in_transaction_session_timeout",
                                  fetch_val_as<std::string>);
    });
    return limit;
  };
  ConnectionOptions other = options();
  EXPECT_EQ(limit_with(other), "1min");
  other.idle_in_transaction_session_timeout = 1500ms;
  EXPECT_EQ(limit_with(other), "1500ms");
  other.idle_in_transaction_session_timeout = 0ms;
  EXPECT_EQ(limit_with(other), "0") << "as the server has it";
  other = options();
  other.server_options = "--idle-in-transaction-session-timeout=2s";
  EXPECT_EQ(limit_with(other), "2s");
  other = options();
  other.session_settings.emplace_back("IDLE_in_transaction_session_timeout", "3s");
  EXPECT_EQ(limit_with(other), "3s");
}

TEST_F(PoolLife, ATransactionThatWasIdleForTooLongIsToldSo) {
  ConnectionOptions quick = options();
  quick.idle_in_transaction_session_timeout = 20ms;
  run_with(quick, [](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await tx.execute("SELECT 1");
    co_await wait_until([&] { return db.statistics().closed != 0; });
    const auto late = co_await as_attempt(tx.execute("SELECT 1"));
    const auto& lost = error_of<ConnectionError>(late);
    EXPECT_EQ(lost.sqlstate(), "25P03") << lost.what();
    EXPECT_EQ(lost.outcome(), Outcome::rolled_back);
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  });
}

TEST_F(PoolLife, MayEndBeforeItsTransactionIsCleaned) {
  Reactor reactor;
  const auto body = [&]() -> Task<void> {
    DBConnector db(reactor, options());
    Transaction tx = co_await db.begin();
    co_await tx.execute("SELECT 1 / 0");
  };
  for (int i = 0; i < 3; ++i) {
    const auto attempt = reactor.run(as_attempt(with_timeout(patience, body())));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "22012");
  }
}

TEST_F(PoolLife, MayEndWhileItConnects) {
  Reactor reactor;
  for (int i = 0; i < 20; ++i) {
    const auto body = [&]() -> Task<int> {
      DBConnector db(reactor, options());
      co_return co_await db.execute("SELECT 1", fetch_val_as<int>);  // others are on their way
    };
    EXPECT_EQ(reactor.run(with_timeout(patience, body())), 1);
  }
}

TEST_F(PoolLife, ClosingInAStoppedTaskClosesAtOnce) {
  run([](DBConnector& db) -> Task<void> {
    Transaction held = co_await db.begin();
    std::optional<bool> closed;
    const auto closing = [&]() -> Task<void> {
      closed = static_cast<bool>(co_await as_attempt(db.close(1h)));
    };
    const auto at_once = []() -> Task<void> { co_return; };
    co_await when_any(closing(), at_once());
    EXPECT_EQ(closed, true);
    const auto after = co_await as_attempt(db.execute("SELECT 1"));
    EXPECT_THAT(error_of<ConnectionError>(after).what(), HasSubstr("closed"));
  });
}

TEST_F(PoolLife, WarmingUpAClosedOneIsAnError) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.close();
    const auto attempt = co_await as_attempt(db.warm_up());
    EXPECT_THAT(error_of<ConnectionError>(attempt).what(), HasSubstr("closed"));
  });
}

// What its user leaves in a session is gone for the next one, and with it what was prepared.
TEST_F(PoolLife, WhatAUserChangesInTheSessionIsUndone) {
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"SET work_mem = '7MB'",
       "SELECT count(*) FROM pg_settings WHERE name = 'work_mem' AND "
       "setting = '7168'"},
      {"SELECT Set_Config('work_mem', '7MB', false)",
       "SELECT count(*) FROM pg_settings WHERE name = 'work_mem' AND "
       "setting = '7168'"},
      {"SELECT set_config('app.flag', 'true', false)",
       "SELECT count(*) WHERE current_setting('app.flag', true) = 'true'"},
      {"SELECT set_config('work_mem', '8MB', true), set_config('app.flag', 'true', 1 = 0)",
       "SELECT count(*) WHERE current_setting('app.flag', true) = 'true'"},
      {"CREATE TABLE pg_temp.left_over (n int)",
       "SELECT count(*) FROM pg_class WHERE relname = 'left_over'"},
      {"SELECT 1 AS n INTO TEMP left_over",
       "SELECT count(*) FROM pg_class WHERE relname = 'left_over'"},
      {"CREATE TEMPORARY TABLE left_over (n int)",
       "SELECT count(*) FROM pg_class WHERE relname = 'left_over'"},
      {"create temp table left_over as SELECT 1 AS n",
       "SELECT count(*) FROM pg_class WHERE relname = 'left_over'"},
      {"SELECT pg_advisory_lock(7)",
       "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"},
      {"SELECT pg_try_advisory_lock_shared(7)",
       "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"},
      {"SET ROLE pg_monitor", "SELECT count(*) WHERE current_user = 'pg_monitor'"},
      {"LISTEN somebody", "SELECT count(*) FROM pg_listening_channels()"},
      {"PREPARE mine AS SELECT 1", "SELECT count(*) FROM pg_prepared_statements WHERE from_sql"},
      {"DECLARE mine CURSOR WITH HOLD FOR SELECT 1",
       "SELECT count(*) FROM pg_cursors WHERE name = 'mine'"},
  };
  for (const auto& [change, left] : changes) {
    run_with(options_for_one_connection(), [&](DBConnector& db) -> Task<void> {
      const int backend = co_await db.execute("SELECT pg_backend_pid()", fetch_val_as<int>);
      {
        Transaction tx = co_await db.begin();
        co_await tx.execute(change);
        co_await tx.commit();
      }
      EXPECT_EQ(co_await db.execute(left, fetch_val_as<int>), 0) << change;
      EXPECT_EQ(co_await db.execute("SELECT pg_backend_pid()", fetch_val_as<int>), backend);
    });
  }
}

TEST_F(PoolLife, WhatWasOnlyForATransactionCostsNoReset) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const std::string prepared = "SELECT count(*) > 2 FROM pg_prepared_statements";
    co_await db.execute(prepared, fetch_val_as<bool>);
    Transaction tx = co_await db.begin();
    co_await tx.execute("set  local work_mem = '7MB'");
    co_await tx.execute("SELECT set_config('work_mem', '8MB', true)");
    co_await tx.execute("CREATE TEMP TABLE scratch (n int) ON COMMIT DROP");
    co_await tx.execute("SELECT pg_advisory_xact_lock(7)");
    co_await tx.commit();
    EXPECT_TRUE(co_await db.execute(prepared, fetch_val_as<bool>)) << "they are still there";
    EXPECT_EQ(co_await db.execute("SHOW work_mem", fetch_val_as<std::string>), "4MB");
  });
}

TEST_F(PoolLife, WhatTheHookPreparedIsPreparedAgain) {
  Reactor reactor;
  DBConnector db(reactor, options_for_one_connection());
  PoolHooks hooks;
  hooks.on_connect(
      [](Executor& fresh) -> Task<void> { co_await fresh.execute("SET work_mem = '6MB'"); });
  db.set_hooks(std::move(hooks));
  const auto body = [&]() -> Task<void> {
    co_await db.execute_script("SET work_mem = '7MB'; SET statement_timeout = 1000");
    EXPECT_EQ(co_await db.execute("SHOW work_mem", fetch_val_as<std::string>), "6MB");
    EXPECT_EQ(co_await db.execute("SHOW statement_timeout", fetch_val_as<std::string>), "0");
  };
  reactor.run(with_timeout(patience, body()));
}

// Backends that statements ran on which were all asked for at once, after some rounds to get to
// know them.
Task<std::vector<int>> backends_of(DBConnector& db, std::vector<Statement> statements) {
  std::vector<int> backends;
  for (int round = 0; round < 4; ++round) {
    std::vector<Task<int>> all;
    for (const Statement& statement : statements)
      all.push_back([](DBConnector& pool, const Statement& asked) -> Task<int> {
        co_return co_await pool.execute(asked, fetch_val_as<int>);
      }(db, statement));
    backends = co_await when_all(std::move(all));
  }
  co_return backends;
}

TEST_F(PoolLife, SlowStatementsHaveAConnectionEachWhileThereAreIdleOnes) {
  ConnectionOptions all_open = options();
  all_open.pool_min_conns = all_open.pool_max_conns = 20;
  run_with(all_open, [](DBConnector& db) -> Task<void> {
    co_await db.warm_up();
    const Statement slow = db.prepare("SELECT pg_backend_pid() FROM pg_sleep(0.01)");
    const Statement fast = db.prepare("SELECT pg_backend_pid()");
    std::vector<Statement> statements(10, slow);
    const std::vector<int> of_slow = co_await backends_of(db, statements);
    EXPECT_EQ(std::set<int>(of_slow.begin(), of_slow.end()).size(), of_slow.size());

    // Nor does a fast one wait behind a slow one.
    statements.insert(statements.end(), 8, fast);
    const std::vector<int> of_both = co_await backends_of(db, statements);
    const std::set<int> busy(of_both.begin(), of_both.begin() + 10);
    EXPECT_EQ(busy.size(), 10u);
    for (auto backend = of_both.begin() + 10; backend != of_both.end(); ++backend)
      EXPECT_EQ(busy.count(*backend), 0u);
  });
}

// The hook is called while the pool takes its dead from among the living.
TEST_F(PoolLife, AHookMayAskForTheStatisticsWhenConnectionsEnd) {
  ConnectionOptions five = options();
  five.pool_min_conns = five.pool_max_conns = 5;
  Reactor reactor;
  DBConnector db(reactor, five);
  std::size_t closed = 0, most_open = 0;
  PoolHooks hooks;
  hooks.on_close([&](std::uint64_t) {
    ++closed;
    most_open = std::max(most_open, db.statistics().open);
  });
  db.set_hooks(std::move(hooks));
  const auto body = [&]() -> Task<void> {
    co_await db.warm_up();
    const int own = co_await db.execute("SELECT pg_backend_pid()", fetch_val_as<int>);
    co_await db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = current_setting('application_name') AND pid <> $1 "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        own);
    co_await wait_until([&] { return closed >= 3; });
    co_await db.close();
  };
  reactor.run(with_timeout(patience, body()));
  EXPECT_LE(most_open, 5u);
}

// Those who ask later wait for the others, and not for the one statement that takes long.
TEST_F(PoolLife, StatementsAreNotPutBehindALongOne) {
  ConnectionOptions two = options();
  two.pool_min_conns = two.pool_max_conns = 2;
  run_with(two, [](DBConnector& db) -> Task<void> {
    co_await db.warm_up();
    bool all_ended = false;
    const auto long_one = [&]() -> Task<void> { co_await db.execute("SELECT pg_sleep(10)"); };
    const auto worker = [&](int count) -> Task<void> {
      for (int i = 0; i < count; ++i) co_await db.execute("SELECT 1");
    };
    const auto short_ones = [&]() -> Task<void> {
      co_await worker(200);  // one at a time, on the other connection
      std::vector<Task<void>> workers;
      for (int i = 0; i < 8; ++i) workers.push_back(worker(50));
      co_await when_all(std::move(workers));
      all_ended = true;
    };
    co_await when_any(long_one(), short_ones());
    EXPECT_TRUE(all_ended) << "before the long one";
  });
}

// Between the answer that has the columns and the task that waits for it.
TEST_F(PoolLife, ACopyWhosePoolEndsBeforeItBeginsFails) {
  run([](DBConnector& db) -> Task<void> { co_await db.execute("CREATE TABLE copied (a int)"); });
  EndingPool ending(options_for_one_connection(), "LIMIT 0");
  ending.run([](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.copy_in("copied", columns("a")));
    EXPECT_THAT(error_of<ConnectionError>(attempt).what(), HasSubstr("destroyed"));
  });
}

}  // namespace
}  // namespace pgreactor::integration
