#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

class Script : public DatabaseTest {};

TEST_F(Script, EachStatementHasAResult) {
  run([](DBConnector& db) -> Task<void> {
    const std::vector<Result> results = co_await db.execute_script(R"(
        CREATE TABLE t (id int, name text);
        INSERT INTO t VALUES (1, 'a;b'), (2, NULL);
        -- a comment; with a semicolon
        SELECT id, name, now() FROM t ORDER BY id;
        SELECT;
    )");
    EXPECT_EQ(results.size(), 4u);
    EXPECT_EQ(results[0].command_tag(), "CREATE TABLE");
    EXPECT_EQ(results[0].shape().size(), 0u);
    EXPECT_EQ(results[1].affected_rows(), 2u);
    EXPECT_EQ(results[2][0][0].as<int>(), 1);
    EXPECT_EQ(results[2][0][1].as<std::string>(), "a;b");
    EXPECT_TRUE(results[2][1][1].is_null());
    EXPECT_NO_THROW(static_cast<void>(results[2][0][2].as<TimestampTz>()));
    EXPECT_EQ(results[3].size(), 1u);
    EXPECT_EQ(results[3][0].size(), 0u);
  });
}

TEST_F(Script, AnEmptyOneHasNone) {
  run([](DBConnector& db) -> Task<void> {
    EXPECT_TRUE((co_await db.execute_script("")).empty());
    EXPECT_TRUE((co_await db.execute_script(" ;; -- nothing")).empty());
  });
}

TEST_F(Script, WaitingForAConnectionIsPartOfItsTime) {
  ConnectionOptions patient = options_for_one_connection();
  patient.pool_acquire_timeout = patience;
  run_with(patient, [](DBConnector& db) -> Task<void> {
    Transaction all = co_await db.begin();
    const auto attempt = co_await as_attempt(db.execute_script("SELECT 1", timeout(20ms)));
    EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::not_sent);
    EXPECT_THAT(attempt.error().what(), ::testing::HasSubstr("after 20 ms"));
    co_await all.rollback();
    EXPECT_EQ((co_await db.execute_script("SELECT 1", timeout(patience))).size(), 1U);
  });
}

TEST_F(Script, OutsideATransactionItIsAllOrNothing) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE t (id int PRIMARY KEY)");
    const auto attempt = co_await as_attempt(
        db.execute_script("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2), (1); SELECT 1/0"));
    const auto& error = error_of<QueryError>(attempt);
    EXPECT_EQ(error.sqlstate(), "23505");
    EXPECT_THAT(error.what(), ::testing::StartsWith("statement 2 of a script: "));
    EXPECT_EQ(error.outcome(), Outcome::rolled_back);
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM t", fetch_val_as<int>), 0);
  });
}

TEST_F(Script, WhatItHasCommittedIsNotCalledRolledBack) {
  run([](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(
        db.execute_script("BEGIN; CREATE TABLE t (id int); COMMIT; SELECT 1/0"));
    EXPECT_EQ(error_of<QueryError>(attempt).outcome(), Outcome::unknown);
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM t", fetch_val_as<int>), 0);
  });
}

TEST_F(Script, ATransactionThatItLeavesOpenIsRolledBack) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute_script("CREATE TABLE t (id int); BEGIN; INSERT INTO t VALUES (1)");
    const auto attempt =
        co_await as_attempt(db.execute("SELECT count(*) FROM t", fetch_val_as<int>));
    EXPECT_FALSE(attempt);  // the CREATE TABLE became part of the transaction
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

TEST_F(Script, InATransactionItIsAPartOfThat) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE t (id int)");
    Transaction tx = co_await db.begin();
    co_await tx.execute_script("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)");
    EXPECT_EQ(co_await tx.execute("SELECT count(*) FROM t", fetch_val_as<int>), 2);
    co_await tx.rollback();
    EXPECT_EQ(co_await db.execute("SELECT count(*) FROM t", fetch_val_as<int>), 0);
  });
}

TEST_F(Script, ACopyIsRefusedWhereverItStands) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE t (id int)");
    for (const std::string_view script :
         {"COPY t FROM STDIN", "SELECT 1; COPY t FROM STDIN; SELECT 2", "COPY t TO STDOUT",
          "SELECT 1; COPY t TO STDOUT", "COPY t TO STDOUT; COPY t FROM STDIN"}) {
      const auto attempt = co_await as_attempt(db.execute_script(script));
      EXPECT_THAT(error_of<QueryError>(attempt).what(), ::testing::HasSubstr("script")) << script;
      EXPECT_EQ(co_await db.execute("SELECT 7", fetch_val_as<int>), 7) << script;
    }
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

TEST_F(Script, ATimeoutEndsIt) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(
        db.execute_script("SELECT 1; SELECT pg_sleep(20)", timeout(std::chrono::milliseconds(50))));
    EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::unknown);
    EXPECT_EQ(co_await db.execute("SELECT 7", fetch_val_as<int>), 7);
  });
}

TEST_F(Script, ATextWithANulIsRefusedBeforeItIsSent) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    const std::string script("SELECT 1\0; SELECT 2", 19);
    const auto attempt = co_await as_attempt(db.execute_script(script));
    EXPECT_EQ(error_of<QueryError>(attempt).outcome(), Outcome::not_sent);
    EXPECT_EQ(co_await db.execute("SELECT 7", fetch_val_as<int>), 7);
  });
}

}  // namespace
}  // namespace pgreactor::integration
