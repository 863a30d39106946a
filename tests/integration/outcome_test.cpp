#include <limits>
#include <string>

#include "tests/integration/database_fixture.hpp"

// A COMMIT without an answer, and what the server says of it afterwards.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;

class Outcomes : public DatabaseTest {
 protected:
  void SetUp() override {
    if (version_of(server()) < 13) GTEST_SKIP() << "PostgreSQL 13 names transactions";
    DatabaseTest::SetUp();
    run([](DBConnector& db) -> Task<void> {
      co_await db.execute("CREATE TABLE entry (id int)");
      // Ends the session within its COMMIT.
      co_await db.execute_script(
          "CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS "
          "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
          "CREATE TABLE fatal_entry (id int);"
          "CREATE CONSTRAINT TRIGGER end_session AFTER INSERT ON fatal_entry "
          "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_session()");
    });
  }
  static Task<void> insert(Transaction& tx) { co_await tx.execute("INSERT INTO entry VALUES (1)"); }
  static Task<int> entries(Executor& db) {
    co_return co_await db.execute("SELECT count(*) FROM entry", fetch_val_as<int>);
  }
};

TEST_F(Outcomes, ACommittedTransactionIsFoundCommitted) {
  run([](DBConnector& db) -> Task<void> {
    CommitToken token;
    co_await db.transaction(trace(token), insert);
    EXPECT_TRUE(token.is_known());
    EXPECT_TRUE(token.id().has_value());
    EXPECT_EQ(co_await db.resolve(token), Outcome::committed);
    const CommitToken again(token.id().value());
    EXPECT_EQ(co_await db.resolve(again), Outcome::committed) << "by its number alone";
  });
}

TEST_F(Outcomes, ASessionThatEndsWithinItsCommitIsFoundRolledBack) {
  run([](DBConnector& db) -> Task<void> {
    for (int i = 0; i < 5; ++i) {  // with statements that are prepared, and not yet
      CommitToken token;
      const auto body = [](Transaction& tx) -> Task<void> {
        co_await insert(tx);
        co_await tx.execute("INSERT INTO fatal_entry VALUES (1)");
      };
      const auto attempt = co_await as_attempt(db.transaction(trace(token), body));
      EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::unknown);
      EXPECT_TRUE(token.is_known());
      EXPECT_EQ(co_await db.resolve(token), Outcome::rolled_back);
    }
    EXPECT_EQ(co_await entries(db), 0);
  });
}

TEST_F(Outcomes, ATransactionThatWroteNothingHasNothingToResolve) {
  run([](DBConnector& db) -> Task<void> {
    CommitToken token;
    const auto body = [](Transaction& tx) -> Task<int> { return entries(tx); };
    co_await db.transaction(trace(token), body);
    EXPECT_TRUE(token.is_known());
    EXPECT_FALSE(token.id().has_value());
    EXPECT_EQ(co_await db.resolve(token), Outcome::rolled_back);
  });
}

TEST_F(Outcomes, WithoutANumberItStaysUnknown) {
  run([](DBConnector& db) -> Task<void> {
    const CommitToken token;
    EXPECT_EQ(co_await db.resolve(token), Outcome::unknown);
  });
}

TEST_F(Outcomes, ANumberThatTheServerHasNotComeToIsNotCommittedThere) {
  run([](DBConnector& db) -> Task<void> {
    const CommitToken future(1'000'000'000);
    EXPECT_EQ(co_await db.resolve(future), Outcome::rolled_back);
  });
}

TEST_F(Outcomes, AFailedTransactionIsToldByItsCommitAndHasNoNumber) {
  run([](DBConnector& db) -> Task<void> {
    CommitToken token;
    Transaction tx = co_await db.begin(trace(token));
    co_await insert(tx);
    static_cast<void>(co_await as_attempt(tx.execute("SELECT 1 / 0")));
    const auto commit = co_await as_attempt(tx.commit());
    EXPECT_EQ(error_of<QueryError>(commit).outcome(), Outcome::rolled_back);
    EXPECT_FALSE(token.is_known());
  });
}

TEST_F(Outcomes, OneThatIsStillUnderWayIsWaitedForAndUnknownWhenTimeIsUp) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await insert(tx);
    const auto id = co_await tx.execute("SELECT pg_current_xact_id()::text::bigint",
                                        fetch_val_as<std::int64_t>);
    const CommitToken token(static_cast<std::uint64_t>(id));
    EXPECT_EQ(co_await db.resolve(token, 30ms), Outcome::unknown);
    const auto commit_soon = [&]() -> Task<void> {
      co_await sleep_for(20ms);
      co_await tx.commit();
    };
    const auto both = co_await when_all(db.resolve(token), commit_soon());
    EXPECT_EQ(std::get<0>(both), Outcome::committed);
  });
}

// The COMMIT waits for a standby that there is not; the session is ended meanwhile. It is committed
// then, and only the answer is lost.
TEST_F(Outcomes, ACommitWhoseAnswerWasLostIsFoundCommitted) {
  testing::ThrowawayServer replicated(
      testing::ThrowawayServerOptions().setting("synchronous_standby_names", "nobody"));
  ConnectionOptions async_commit = options_from(replicated.uri());
  async_commit.session_settings.emplace_back("synchronous_commit", "local");
  run_with(async_commit, [](DBConnector& db) -> Task<void> {
    co_await db.execute("CREATE TABLE entry (id int)");
    CommitToken token;
    const auto body = [](Transaction& tx) -> Task<void> {
      co_await tx.execute("SET LOCAL synchronous_commit = on");
      co_await insert(tx);
    };
    const auto committing = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db.transaction(trace(token), body));
      EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::unknown);
    };
    const auto end_it = [&]() -> Task<void> {
      int ended = 0;
      while (ended == 0)
        ended = co_await db.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE wait_event = 'SyncRep'",
            fetch_val_as<int>);
    };
    co_await when_all(committing(), end_it());
    EXPECT_TRUE(token.is_known());
    EXPECT_EQ(co_await db.resolve(token), Outcome::committed);
    EXPECT_EQ(co_await entries(db), 1);
  });
}

}  // namespace
}  // namespace pgreactor::integration
