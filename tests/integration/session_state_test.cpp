#include <gtest/gtest.h>

#include <coroutine>
#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "tests/integration/database_fixture.hpp"
#include "tests/integration/ending_pool.hpp"

// What one user of a connection leaves in its session, and what the next one finds.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

class SessionState : public DatabaseTest {
 protected:
  /// Runs `body(db)` on one connection that `hook` has prepared.
  template <class Hook, class F>
  void run_prepared(Hook hook, F body) {
    Reactor reactor;
    DBConnector db(reactor, options_for_one_connection());
    PoolHooks hooks;
    hooks.on_connect(hook);
    db.set_hooks(std::move(hooks));
    const auto all = [&]() -> Task<void> {
      co_await body(db);
      co_await db.close();
    };
    reactor.run(with_timeout(patience, all()));
  }
  template <class F>
  void run_on_one(F body) {
    run_with(options_for_one_connection(), body);
  }
};

Task<int> advisory_locks(Executor& db) {
  co_return co_await db.execute(
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted", fetch_val_as<int>);
}

// The lock is the session's: rolling back does not undo it.
TEST_F(SessionState, ALockOfAStatementThatFailedIsNotLeftToTheNext) {
  run_on_one([](DBConnector& db) -> Task<void> {
    const auto body = [](Transaction& tx) -> Task<void> {
      co_await tx.execute("SELECT pg_advisory_lock(7), 1 / (pg_backend_pid() - pg_backend_pid())");
    };
    const auto attempt = co_await as_attempt(db.transaction(body));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "22012");
    EXPECT_EQ(co_await advisory_locks(db), 0);
  });
}

TEST_F(SessionState, ALockOfAStatementThatWasGivenUpIsNotLeftToTheNext) {
  run_on_one([](DBConnector& db) -> Task<void> {
    {
      Transaction tx = co_await db.begin();
      const auto attempt = co_await as_attempt(
          tx.execute("SELECT pg_sleep(0.05), pg_advisory_lock(7)", timeout(1ms)));
      EXPECT_FALSE(attempt);
    }
    EXPECT_EQ(co_await advisory_locks(db), 0);
  });
}

TEST_F(SessionState, ASettingOfAFunctionIsNotLeftToTheNext) {
  run_on_one([](DBConnector& db) -> Task<void> {
    for (const std::string set :
         {"SELECT set_config('work_mem', '7MB', false), coalesce(null, true)",
          "SELECT set_config('work_mem', '7MB', false) FROM "
          "(SELECT jsonb_set('{}', '{a}', '1', true)) s"}) {
      const std::string before = co_await db.execute("SHOW work_mem", fetch_val_as<std::string>);
      const auto body = [&](Transaction& tx) -> Task<void> { co_await tx.execute(set); };
      co_await db.transaction(body);
      EXPECT_EQ(co_await db.execute("SHOW work_mem", fetch_val_as<std::string>), before) << set;
    }
  });
}

TEST_F(SessionState, ATemporaryTableOfASelectIsNotLeftToTheNext) {
  run_on_one([](DBConnector& db) -> Task<void> {
    const auto body = [](Transaction& tx) -> Task<void> {
      co_await tx.execute("SELECT 1 AS a INTO TEMP\nleft_table");
    };
    co_await db.transaction(body);
    EXPECT_TRUE(
        co_await db.execute("SELECT to_regclass('left_table') IS NULL", fetch_val_as<bool>));
  });
}

// The next user would be who logged in, and not whom the hook has made of him.
TEST_F(SessionState, WhatAHookHasSetIsSetAgainAfterAReset) {
  for (const std::string undo : {"RESET search_path", "RESET ALL", "DISCARD ALL"}) {
    const auto hook = [](Executor& fresh) -> Task<void> {
      co_await fresh.execute("SET search_path = pg_catalog");
    };
    run_prepared(hook, [&](DBConnector& db) -> Task<void> {
      const auto path = [&]() -> Task<std::string> {
        co_return co_await db.execute("SHOW search_path", fetch_val_as<std::string>);
      };
      EXPECT_EQ(co_await path(), "pg_catalog");
      if (undo == "DISCARD ALL") {
        co_await db.execute_script(undo);
      } else {
        const auto body = [&](Transaction& tx) -> Task<void> { co_await tx.execute(undo); };
        co_await db.transaction(body);
      }
      EXPECT_EQ(co_await path(), "pg_catalog") << undo;
    });
  }
}

TEST_F(SessionState, AHookThatThrowsWhenItIsRunAgainEndsTheConnection) {
  int runs = 0;
  const auto hook = [&](Executor&) -> Task<void> {
    if (++runs == 2) throw std::runtime_error("not again");
    co_return;
  };
  run_prepared(hook, [&](DBConnector& db) -> Task<void> {
    const auto body = [](Transaction& tx) -> Task<void> {
      co_await tx.execute("SET statement_timeout = '9s'");
    };
    co_await db.transaction(body);
    EXPECT_EQ(co_await db.execute("SHOW statement_timeout", fetch_val_as<std::string>), "0");
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(db.statistics().closed, 1u);
  });
}

/// Waits for somebody who knows nothing of stops, deadlines or the loop.
struct Foreign {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { waiter = handle; }
  void await_resume() const noexcept {}
  std::coroutine_handle<>& waiter;
};

TEST_F(SessionState, APoolMayEndWhileItCleansAndAHookWaitsForSomebodyElse) {
  for (const bool is_closed_before : {true, false}) {
    std::coroutine_handle<> waiter;
    int runs = 0;
    Reactor reactor;
    std::optional<DBConnector> db(std::in_place, reactor, options_for_one_connection());
    PoolHooks hooks;
    hooks.on_connect([&](Executor& fresh) -> Task<void> {
      if (++runs == 1) co_return;
      co_await Foreign{waiter};
      const auto attempt = co_await as_attempt(fresh.execute("SELECT 1"));
      EXPECT_FALSE(attempt);
    });
    db->set_hooks(std::move(hooks));
    const auto body = [](Transaction& tx) -> Task<void> {
      co_await tx.execute("SET statement_timeout = '9s'");
    };
    const auto all = [&]() -> Task<void> {
      co_await db->transaction(body);
      co_await wait_until([&] { return waiter != nullptr; });
      if (is_closed_before) co_await db->close(0ms);
      db.reset();
      waiter.resume();
      co_await sleep_for(1ms);  // what is left of the cleaning ends
    };
    reactor.run(with_timeout(patience, all()));
    EXPECT_EQ(runs, 2);
  }
}

// Between the answer to DISCARD ALL and the cleaning that goes on with it.
TEST_F(SessionState, APoolMayEndWhenTheAnswerToAResetIsThere) {
  EndingPool ending(options_for_one_connection(), "DISCARD ALL");
  ending.run([](DBConnector& db) -> Task<void> {
    const auto body = [](Transaction& tx) -> Task<void> {
      co_await tx.execute("SET statement_timeout = '9s'");
    };
    co_await db.transaction(body);
  });
}

// DISCARD ALL is a prepared statement as any other, and ends with all of them.
TEST_F(SessionState, IsResetAgainAndAgainWithoutAnError) {
  const auto lost_statements = [] {
    const std::string log = server().log();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = log.find("ERROR:  prepared statement", at)) != log.npos; ++at)
      ++count;
    return count;
  };
  const std::size_t before = lost_statements();
  run_on_one([](DBConnector& db) -> Task<void> {
    const auto body = [](Transaction& tx) -> Task<void> {
      co_await tx.execute("SET statement_timeout = '9s'");
    };
    for (int i = 0; i < 4; ++i) {
      co_await db.transaction(body);
      EXPECT_EQ(co_await db.execute("SHOW statement_timeout", fetch_val_as<std::string>), "0");
    }
    EXPECT_EQ(db.statistics().opened, 1u);
  });
  EXPECT_EQ(lost_statements(), before);
}

}  // namespace
}  // namespace pgreactor::integration
