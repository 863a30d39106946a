#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <tuple>
#include <utility>

#include "tests/integration/database_fixture.hpp"
#include "tests/integration/pooler_fixture.hpp"

// PgBouncer between us and the server. Here the schema of a DatabaseTest is not in the search path:
// that is a startup parameter, and PgBouncer refuses those that it does not know.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

ConnectionOptions through(const Pooler& pooler) {
  ConnectionOptions options = options_from(pooler.uri());
  options.pool_min_conns = options.pool_max_conns = 1;
  return options;
}

class PoolerTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    if (find_pgbouncer().empty())
      GTEST_SKIP() << "PgBouncer is not installed; on Debian it is the package pgbouncer";
  }
};

class AnyPoolMode : public PoolerTest, public ::testing::WithParamInterface<PoolMode> {};

TEST_P(AnyPoolMode, OneClientRunsStatementsAndTransactions) {
  const Pooler pooler(GetParam(), 1, server());
  run_with(through(pooler), [](DBConnector& db) -> Task<void> {
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(co_await db.execute("SELECT $1::int4", i, fetch_val_as<int>), i);
    Transaction tx = co_await db.begin();
    co_await tx.execute("CREATE TEMPORARY TABLE gone (n int) ON COMMIT DROP");
    co_await tx.execute("INSERT INTO gone VALUES ($1)", 7);
    EXPECT_EQ(co_await tx.execute("SELECT n FROM gone", fetch_val_as<int>), 7);
    co_await tx.commit();
    const auto wrong = co_await as_attempt(db.execute("SELECT 1 / $1::int4", 0));
    EXPECT_EQ(error_of<QueryError>(wrong).sqlstate(), "22012");
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

// PgBouncer gives keys of its own out and knows which server connection they stand for.
TEST_P(AnyPoolMode, AStatementWhoseTimeIsUpIsStopped) {
  const Pooler pooler(GetParam(), 1, server());
  run_with(through(pooler), [](DBConnector& db) -> Task<void> {
    // Connected first: the time is the statement's alone.
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    const auto begun = std::chrono::steady_clock::now();
    const auto attempt = co_await as_attempt(db.execute("SELECT pg_sleep(60)", timeout(300ms)));
    EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::unknown);
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s);
  });
}

TEST_P(AnyPoolMode, AStartupParameterThatPgbouncerDoesNotKnowIsRefusedByName) {
  const Pooler pooler(GetParam(), 1, server());
  ConnectionOptions options = through(pooler);
  options.session_settings.emplace_back("search_path", "public");
  run_with(options, [](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
    EXPECT_THAT(error_of<ConnectionError>(attempt).what(),
                HasSubstr("unsupported startup parameter: search_path"));
  });
}

// The one that is given unasked is left out after the first refusal.
TEST_P(AnyPoolMode, TheIdleLimitIsTriedOnce) {
  const Pooler pooler(GetParam(), 1, server());
  run_with(through(pooler), [](DBConnector& db) -> Task<void> {
    const int first = co_await db.execute("SELECT 1", fetch_val_as<int>);
    EXPECT_FALSE(co_await as_attempt(db.execute("SELECT pg_terminate_backend(pg_backend_pid())")));
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), first);
  });
  const std::string log = pooler.log();
  const std::string_view refusal =
      "pooler error: unsupported startup parameter: idle_in_transaction";
  const std::size_t at = log.find(refusal);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(log.find(refusal, log.find('\n', at)), std::string::npos) << log;
}

INSTANTIATE_TEST_SUITE_P(Poolers, AnyPoolMode,
                         ::testing::Values(PoolMode::session, PoolMode::transaction),
                         [](const auto& mode) {
                           return mode.param == PoolMode::session ? "Session" : "Transaction";
                         });

class SessionPooler : public PoolerTest {};

TEST_F(SessionPooler, PreparedStatementsStayUntilTheClientLeaves) {
  const Pooler pooler(PoolMode::session, 1, server());
  for (int client = 0; client < 2; ++client) {
    run_with(through(pooler), [&](DBConnector& db) -> Task<void> {
      static constexpr const char known[] =
          "SELECT count(*)::int4 FROM pg_prepared_statements WHERE statement LIKE $1";
      const Statement first = db.prepare("SELECT $1::int4 + " + std::to_string(client));
      for (int i = 0; i < 3; ++i)
        EXPECT_EQ(co_await db.execute(first, i, fetch_val_as<int>), i + client);
      EXPECT_EQ(co_await db.execute(known, "SELECT $1::int4 + %", fetch_val_as<int>), 1)
          << "not that of the client before";
    });
  }
}

TEST_F(SessionPooler, AClientBeyondItsServerConnectionsWaitsForAnotherToLeave) {
  const Pooler pooler(PoolMode::session, 1, server());
  run_with(through(pooler), [&](DBConnector& second) -> Task<void> {
    Reactor& reactor = *(co_await detail::CurrentContext{}).reactor;
    DBConnector first(reactor, through(pooler));
    const int backend = co_await first.execute("SELECT pg_backend_pid()", fetch_val_as<int>);
    bool first_has_left = false;
    const auto leave = [&]() -> Task<void> {
      co_await sleep_for(50ms);
      first_has_left = true;
      co_await first.close();
    };
    const auto wait = [&]() -> Task<void> {
      EXPECT_EQ(co_await second.execute("SELECT pg_backend_pid()", fetch_val_as<int>), backend);
      EXPECT_TRUE(first_has_left);
    };
    co_await when_all(wait(), leave());
  });
}

// What follows is why transaction mode needs a way of execution without names: the statements are
// the server connection's, and that changes beneath the client.
class TransactionPooler : public PoolerTest {
 protected:
  // Gives PgBouncer a new server connection. Its clients keep theirs.
  static Task<void> change_the_server_connection(const Pooler& pooler) {
    server().restart();  // blocks the loop, and PgBouncer goes on
    co_await wait_until([&] { return pooler.log().find("closing because") != std::string::npos; });
  }
  static Task<int> add_one(DBConnector& db, int number) {
    co_return co_await db.execute("SELECT $1::int4 + 1", number, fetch_val_as<int>);
  }
  // What the statement of add_one() is called; the number in it counts the statements of a process.
  static Task<std::string> its_name(DBConnector& db) {
    co_return co_await db.execute(
        "SELECT name FROM pg_prepared_statements WHERE statement = 'SELECT $1::int4 + 1'",
        fetch_val_as<std::string>);
  }
};

TEST_F(TransactionPooler, AStatementThatAnotherServerConnectionLacksIsPreparedThereAndRun) {
  const Pooler pooler(PoolMode::transaction, 1, server());
  run_with(through(pooler), [&](DBConnector& db) -> Task<void> {
    EXPECT_EQ(co_await add_one(db, 1), 2);
    co_await change_the_server_connection(pooler);
    EXPECT_EQ(co_await add_one(db, 1), 2);
  });
}

TEST_F(TransactionPooler, AStatementOfThatNumberByAnotherProgramIsNotTakenForOurs) {
  const Pooler pooler(PoolMode::transaction, 1, server());
  run_with(through(pooler), [&](DBConnector& db) -> Task<void> {
    EXPECT_EQ(co_await add_one(db, 1), 2);
    const std::string name = co_await its_name(db);
    co_await change_the_server_connection(pooler);
    Reactor& reactor = *(co_await detail::CurrentContext{}).reactor;
    DBConnector other(reactor, through(pooler));
    // Another text has another digest.
    const std::string with_its_number = name.substr(0, name.rfind('_')) + "_0123456789abcdef";
    co_await other.execute("PREPARE " + with_its_number + " (int4) AS SELECT -1");
    EXPECT_EQ(co_await add_one(db, 1), 2);
    co_await other.close();
  });
}

TEST_F(TransactionPooler, UnnamedStatementsOfTwoProgramsShareOneServerConnection) {
  const Pooler pooler(PoolMode::transaction, 1, server());
  ConnectionOptions unnamed = through(pooler);
  unnamed.statement_mode = StatementMode::unnamed;
  run_with(unnamed, [&](DBConnector& db) -> Task<void> {
    Reactor& reactor = *(co_await detail::CurrentContext{}).reactor;
    DBConnector other(reactor, unnamed);
    for (int i = 0; i < 50; ++i) {
      if (i == 25) co_await change_the_server_connection(pooler);
      auto one = add_one(db, i);
      auto two = other.execute("SELECT $1::text || '!'", "x", fetch_val_as<std::string>);
      auto three = add_one(other, -i);
      const auto all = co_await when_all(std::move(one), std::move(two), std::move(three));
      EXPECT_EQ(std::get<0>(all), i + 1);
      EXPECT_EQ(std::get<1>(all), "x!");
      EXPECT_EQ(std::get<2>(all), 1 - i);
      co_await other.transaction([&](Transaction& tx) -> Task<void> {
        EXPECT_EQ(co_await tx.execute("SELECT $1::int8 * 2", i, fetch_val_as<int>), 2 * i);
      });
    }
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM pg_prepared_statements", fetch_val_as<int>),
              0);
    co_await other.close();
  });
}

}  // namespace
}  // namespace pgreactor::integration
