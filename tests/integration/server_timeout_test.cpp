#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

class ServerTimeouts : public DatabaseTest {};

constexpr std::string_view timeout_now = "SELECT current_setting('statement_timeout')";

TEST_F(ServerTimeouts, TheServerEndsTheStatementAndNothingElse) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    for (int i = 0; i < 2; ++i) {
      auto slow = as_attempt(db.execute("SELECT pg_sleep($1)", 20.0, server_timeout(20ms)));
      auto next = db.execute("SELECT 7", fetch_val_as<int>);
      const auto both = co_await when_all(std::move(slow), std::move(next));
      const auto& error = error_of<TimeoutError>(std::get<0>(both));
      EXPECT_EQ(error.sqlstate(), "57014");
      EXPECT_EQ(error.outcome(), Outcome::rolled_back);
      EXPECT_TRUE(error.connection_usable());
      EXPECT_EQ(std::get<1>(both), 7);
    }
    EXPECT_EQ(co_await db.execute(timeout_now, fetch_val_as<std::string>), "0");
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

TEST_F(ServerTimeouts, AStatementInTimeGivesWhatItsModeSays) {
  run([](DBConnector& db) -> Task<void> {
    EXPECT_EQ(co_await db.execute(timeout_now, server_timeout(1500us), fetch_val_as<std::string>),
              "2ms");
    const Result all = co_await db.execute("SELECT $1::int4", 3, server_timeout(10s));
    EXPECT_EQ(all[0][0].as<int>(), 3);
    const auto row = co_await db.execute("SELECT 1 WHERE false", server_timeout(10s), fetch_row);
    EXPECT_FALSE(row.has_value());
    const Statement held = db.prepare("SELECT $1::text");
    EXPECT_EQ(co_await db.execute(held, "x", server_timeout(10s), timeout(20s),
                                  fetch_val_as<std::string>),
              "x");
  });
}

TEST_F(ServerTimeouts, WithinATransactionItEndsWithTheStatement) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.transaction([](Transaction& tx) -> Task<void> {
      co_await tx.execute("SET LOCAL statement_timeout = '77s'");
      EXPECT_EQ(co_await tx.execute(timeout_now, server_timeout(5s), fetch_val_as<std::string>),
                "5s");
      EXPECT_EQ(co_await tx.execute(timeout_now, fetch_val_as<std::string>), "77s");
    });
    Transaction tx = co_await db.begin();
    const auto attempt =
        co_await as_attempt(tx.execute("SELECT pg_sleep(20)", server_timeout(10ms)));
    EXPECT_EQ(error_of<TimeoutError>(attempt).sqlstate(), "57014");
    co_await tx.rollback();
    EXPECT_EQ(co_await db.execute(timeout_now, fetch_val_as<std::string>), "0");
  });
}

TEST_F(ServerTimeouts, AnotherFailureStaysWhatItIs) {
  run([](DBConnector& db) -> Task<void> {
    const auto failed = co_await as_attempt(db.execute("SELECT 1 / 0", server_timeout(1s)));
    EXPECT_EQ(error_of<QueryError>(failed).sqlstate(), "22012");
    EXPECT_EQ(dynamic_cast<const TimeoutError*>(&failed.error()), nullptr);
  });
}

TEST_F(ServerTimeouts, ATimeThatCannotBeIsRefusedBeforeAnythingIsSent) {
  run([](DBConnector& db) -> Task<void> {
    const auto over = co_await as_attempt(db.execute("SELECT 1", server_timeout(0ms)));
    EXPECT_EQ(error_of<TimeoutError>(over).outcome(), Outcome::not_sent);
    const auto endless = co_await as_attempt(db.execute("SELECT 1", server_timeout(24h * 25)));
    EXPECT_EQ(error_of<QueryError>(endless).outcome(), Outcome::not_sent);
  });
}

}  // namespace
}  // namespace pgreactor::integration
