#include <sys/resource.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/database_fixture.hpp"

// The server takes away connections, statements and itself, and the pool goes on.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

/// While it lives, the process gets no descriptor more.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &usual_);
    rlimit low = usual_;
    low.rlim_cur = 0;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;
  ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &usual_); }

 private:
  rlimit usual_{};
};

class Recovery : public DatabaseTest {
 protected:
  /// Runs `body(db, other)`: `other` is a pool of one connection, to act on those of `db`.
  template <class F>
  void run_with_other(F body) {
    run_with(options_for_one_connection(), [&](DBConnector& other) -> Task<void> {
      const detail::TaskContext& context = co_await detail::CurrentContext{};
      DBConnector db(*context.reactor, options());
      co_await body(db, other);
      co_await db.close();
    });
  }
  // Every client but the one that asks.
  static Task<int> terminate_all_others(DBConnector& from) {
    co_return co_await from.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        fetch_val_as<int>);
  }
  static Task<int> select_one(DBConnector& db) {
    co_return co_await db.execute("SELECT 1", fetch_val_as<int>);
  }
  // Resumes when the pool knows that all connections which it had are gone.
  static Task<void> all_closed(DBConnector& db, std::uint64_t had) {
    co_await wait_until([&] { return db.statistics().closed >= had; });
  }
};

TEST_F(Recovery, IdleConnectionsThatTheServerKillsAreReplacedUnseen) {
  run_with_other([](DBConnector& db, DBConnector& other) -> Task<void> {
    co_await db.warm_up();
    const auto had = db.statistics().opened;
    EXPECT_GE(co_await terminate_all_others(other), 5);
    co_await all_closed(db, had);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(co_await select_one(db), 1);
    co_await wait_until([&] { return db.statistics().open >= 5; });
    EXPECT_EQ(db.statistics().failed_connects, 0u);
  });
}

TEST_F(Recovery, AStatementWhoseConnectionIsKilledFailsWithTheServersReason) {
  run_with_other([](DBConnector& db, DBConnector& other) -> Task<void> {
    co_await db.warm_up();
    const auto sleeping = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db.execute("SELECT pg_sleep(10)"));
      const auto& error = error_of<ConnectionError>(attempt);
      EXPECT_EQ(error.sqlstate(), "57P01");
      EXPECT_EQ(error.outcome(), Outcome::unknown);
      EXPECT_FALSE(error.connection_usable());
    };
    const auto killing = [&]() -> Task<void> {
      while (co_await other.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                    "current_database() AND wait_event = 'PgSleep'",
                                    fetch_val_as<int>) == 0) {
      }
      co_await terminate_all_others(other);
    };
    const auto had = db.statistics().opened;
    co_await when_all(sleeping(), killing());
    co_await all_closed(db, had);
    EXPECT_EQ(co_await select_one(db), 1);
  });
}

TEST_F(Recovery, ATransactionWhoseConnectionIsKilledIsKnownToBeRolledBack) {
  run_with_other([](DBConnector& db, DBConnector& other) -> Task<void> {
    co_await other.execute("CREATE TABLE entry (id int)");
    Transaction tx = co_await db.begin();
    co_await tx.execute("INSERT INTO entry VALUES (1)");
    co_await terminate_all_others(other);
    const auto attempt = co_await as_attempt(tx.execute("INSERT INTO entry VALUES (2)"));
    EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::rolled_back);
    const auto commit = co_await as_attempt(tx.commit());
    EXPECT_EQ(error_of<ConnectionError>(commit).outcome(), Outcome::rolled_back);
    // of the other pool: one that `db` opens meanwhile may be terminated, too
    EXPECT_EQ(co_await other.execute("SELECT count(*) FROM entry", fetch_val_as<int>), 0);
  });
}

TEST_F(Recovery, WhatCannotBeSentAnyMoreFailsWithTheServersLastWord) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE entry (id int)");
    Transaction tx = co_await db.begin();
    co_await tx.execute("INSERT INTO entry VALUES (1)");
    server().restart(testing::StopMode::fast);  // blocks the loop, which so has read nothing yet
    const auto attempt = co_await as_attempt(tx.execute("INSERT INTO entry VALUES (2)"));
    const auto& error = error_of<ConnectionError>(attempt);
    EXPECT_EQ(error.sqlstate(), "57P01");
    EXPECT_EQ(error.outcome(), Outcome::rolled_back);
  });
}

TEST_F(Recovery, ABackendThatCrashesTakesItsStatementAndNoMore) {
  run_with_other([](DBConnector& db, DBConnector&) -> Task<void> {
    co_await db.warm_up();
    // Kills itself in the middle of its answer.
    const auto attempt =
        co_await as_attempt(db.execute("SELECT pg_terminate_backend(pg_backend_pid())"));
    EXPECT_EQ(error_of<ConnectionError>(attempt).sqlstate(), "57P01");
    EXPECT_EQ(co_await select_one(db), 1);
  });
}

// Requirement: P9
TEST_F(Recovery, AChangedTableFailsItsPreparedStatementsOnceAtMost) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE entry (id int)");
    co_await db.execute("INSERT INTO entry VALUES (1)");
    const Statement all = db.prepare("SELECT * FROM entry");
    EXPECT_EQ((co_await db.execute(all, fetch_row))->size(), 1u);
    co_await db.execute("ALTER TABLE entry ADD COLUMN name text DEFAULT 'x'");
    const auto attempt = co_await as_attempt(db.execute(all, fetch_row));
    if (!attempt) {
      EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "0A000");
      EXPECT_EQ(attempt.error().outcome(), Outcome::rolled_back);
      EXPECT_TRUE(attempt.error().connection_usable());
    }
    const auto row = co_await db.execute(all, fetch_row);
    EXPECT_EQ(row->size(), 2u);
    EXPECT_EQ(row->get<std::string>("name"), "x");
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

TEST_F(Recovery, AChangedTableIsSeenByEveryConnectionOfThePool) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.warm_up();
    co_await db.execute("CREATE TABLE entry (id int)");
    co_await db.execute("INSERT INTO entry VALUES (1)");
    const Statement all = db.prepare("SELECT * FROM entry");
    const auto ask = [&]() -> Task<int> {
      const auto attempt = co_await as_attempt(db.execute(all, fetch_row));
      co_return attempt ? 1 : 0;
    };
    const auto ask_on_all = [&]() -> Task<int> {
      std::vector<Task<int>> asking;
      for (int i = 0; i < 10; ++i) asking.push_back(ask());
      int answered = 0;
      for (const int one : co_await when_all(std::move(asking))) answered += one;
      co_return answered;
    };
    EXPECT_EQ(co_await ask_on_all(), 10);
    co_await db.execute("ALTER TABLE entry ALTER COLUMN id TYPE text");
    // Each of the connections may have to learn of it by one failure or two.
    for (int round = 0; round < 5; ++round) static_cast<void>(co_await ask_on_all());
    EXPECT_EQ(co_await ask_on_all(), 10);
    EXPECT_EQ((co_await db.execute(all, fetch_row))->get<std::string>("id"), "1");
  });
}

// Requirement: P9
TEST_F(Recovery, StatementsThatTheServerForgotArePreparedAgain) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const Statement square = db.prepare("SELECT $1::int4 * $1");
    EXPECT_EQ(co_await db.execute(square, 2, fetch_val_as<int>), 4);
    co_await db.execute("DEALLOCATE ALL");
    const auto attempt = co_await as_attempt(db.execute(square, 3, fetch_val_as<int>));
    if (!attempt) {
      EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "26000");
    }
    EXPECT_EQ(co_await db.execute(square, 3, fetch_val_as<int>), 9);
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

TEST_F(Recovery, AStatementTimeoutOfTheServerLeavesTheConnectionUsable) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute("SET statement_timeout = 20");
    const auto attempt = co_await as_attempt(db.execute("SELECT pg_sleep(5)"));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "57014");
    EXPECT_TRUE(attempt.error().connection_usable());
    EXPECT_EQ(co_await select_one(db), 1);
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

// Requirement: P12
TEST_F(Recovery, AfterARestartOfTheServerThePoolConnectsAgain) {
  for (const auto mode : {testing::StopMode::fast, testing::StopMode::immediate}) {
    run([&](DBConnector& db) -> Task<void> {
      co_await db.warm_up();
      server().restart(mode);  // blocks the loop, which so finds all connections dead at once
      co_await all_closed(db, 5);
      EXPECT_EQ(co_await select_one(db), 1);
    });
  }
}

TEST_F(Recovery, WithoutDescriptorsNobodyConnectsAndSessionsGoOn) {
  ConnectionOptions hasty = options();
  hasty.pool_acquire_timeout = 300ms;
  hasty.tcp_user_timeout = 200ms;
  run_with(hasty, [&](DBConnector& db) -> Task<void> {
    co_await db.warm_up();
    const detail::TaskContext& context = co_await detail::CurrentContext{};
    DBConnector late(*context.reactor, hasty);
    {
      const NoMoreDescriptors none;
      const auto attempt = co_await as_attempt(select_one(late));
      EXPECT_THAT(error_of<ConnectionError>(attempt).what(),
                  ::testing::HasSubstr("Too many open files"));
      EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::not_sent);
      for (int i = 0; i < 20; ++i) EXPECT_EQ(co_await select_one(db), 1);
    }
    EXPECT_EQ(co_await select_one(late), 1);
    co_await late.close();
  });
}

// Requirement: P12
TEST_F(Recovery, WhileTheServerIsDownStatementsFailInTimeAndAfterwardsWork) {
  ConnectionOptions hasty = options();
  hasty.pool_acquire_timeout = 300ms;
  hasty.tcp_user_timeout = 200ms;
  run_with(hasty, [](DBConnector& db) -> Task<void> {
    co_await db.warm_up();
    server().stop();
    co_await wait_until([&] { return db.statistics().open == 0; });
    const auto begun = std::chrono::steady_clock::now();
    const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
    EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::not_sent);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
    server().restart();
    bool works = false;
    while (!works) works = static_cast<bool>(co_await as_attempt(db.execute("SELECT 1")));
    EXPECT_TRUE(works);
  });
}

}  // namespace
}  // namespace pgreactor::integration
