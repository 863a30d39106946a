#include <limits>
#include <memory>
#include <optional>
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

// Asks for what is still under way, and ends the connector by `end(db)` when it has begun to.
template <class End>
void expect_connection_error_of_resolve(const ConnectionOptions& options, End end) {
  Reactor reactor;
  auto db = std::make_unique<DBConnector>(reactor, options);
  const auto all = [&]() -> Task<void> {
    Transaction tx = co_await db->begin();
    const auto id = co_await tx.execute("SELECT pg_current_xact_id()::text::bigint",
                                        fetch_val_as<std::int64_t>);
    const CommitToken token(static_cast<std::uint64_t>(id));
    std::optional<Attempt<Outcome>> attempt;
    const auto ask = [&]() -> Task<void> {
      attempt.emplace(co_await as_attempt(db->resolve(token, patience)));
    };
    reactor.spawn(ask());
    co_await sleep_for(20ms);
    EXPECT_FALSE(attempt.has_value());
    co_await end(db);
    co_await wait_until([&] { return attempt.has_value(); });
    static_cast<void>(error_of<ConnectionError>(*attempt));
  };
  reactor.run(with_timeout(patience, all()));
}

TEST_F(Outcomes, AConnectorThatEndsIsAskedNoMore) {
  expect_connection_error_of_resolve(options(), [](std::unique_ptr<DBConnector>& db) -> Task<void> {
    db.reset();
    co_return;
  });
}

TEST_F(Outcomes, AConnectorThatIsClosedIsAskedNoMore) {
  expect_connection_error_of_resolve(
      options(), [](std::unique_ptr<DBConnector>& db) { return db->close(0ns); });
}

TEST_F(Outcomes, ASessionThatIsStillInItIsEndedWhereThatIsAskedFor) {
  run([](DBConnector& db) -> Task<void> {
    Transaction other = co_await db.begin();
    co_await insert(other);
    Transaction tx = co_await db.begin();
    co_await insert(tx);
    const auto id = co_await tx.execute("SELECT pg_current_xact_id()::text::bigint",
                                        fetch_val_as<std::int64_t>);
    const CommitToken token(static_cast<std::uint64_t>(id));
    EXPECT_EQ(co_await db.resolve(token, 10s, OldSession::is_ended), Outcome::rolled_back);
    const auto commit = co_await as_attempt(tx.commit());
    EXPECT_EQ(error_of<ConnectionError>(commit).sqlstate(), "57P01");
    co_await other.commit();
    EXPECT_EQ(co_await entries(db), 1) << "nobody else's was ended";
  });
}

TEST_F(Outcomes, ASessionThatMayNotBeEndedIsWaitedFor) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute_script("DROP ROLE IF EXISTS resolver; CREATE ROLE resolver");
  });
  ConnectionOptions without_rights = options();
  without_rights.session_settings.emplace_back("role", "resolver");
  run_with(without_rights, [](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await tx.execute("SET LOCAL ROLE NONE");
    co_await insert(tx);
    const auto id = co_await tx.execute("SELECT pg_current_xact_id()::text::bigint",
                                        fetch_val_as<std::int64_t>);
    const CommitToken token(static_cast<std::uint64_t>(id));
    EXPECT_EQ(co_await db.resolve(token, 100ms, OldSession::is_ended), Outcome::unknown);
    co_await tx.commit();
    EXPECT_EQ(co_await db.resolve(token), Outcome::committed);
  });
}

// Whether a statement was undone, is asked of the error of one that ran and could not be used.
TEST_F(Outcomes, AnAnswerThatCannotBeUsedDoesNotUndoWhatGaveIt) {
  run([](DBConnector& db) -> Task<void> {
    const auto too_large = co_await as_attempt(
        db.execute("INSERT INTO entry VALUES (1) RETURNING 3000000000::bigint", fetch_val_as<int>));
    EXPECT_EQ(error_of<QueryError>(too_large).outcome(), Outcome::unknown);
    const auto none = co_await as_attempt(
        db.execute("UPDATE entry SET id = 2 WHERE id = 3 RETURNING id", fetch_val_as<int>));
    EXPECT_EQ(error_of<QueryError>(none).outcome(), Outcome::unknown);
    const auto no_copy = co_await as_attempt(db.copy_out("DELETE FROM entry RETURNING id"));
    EXPECT_EQ(error_of<QueryError>(no_copy).outcome(), Outcome::unknown);
    EXPECT_EQ(co_await entries(db), 0) << "it was deleted";
  });
}

TEST_F(Outcomes, WhatCommitsInPartIsNotSaidToBeRolledBack) {
  run([](DBConnector& db) -> Task<void> {
    const auto part = co_await as_attempt(db.execute(
        "/* a */ DO $$ BEGIN INSERT INTO entry VALUES (1); COMMIT; PERFORM 1 / 0; END $$"));
    EXPECT_EQ(error_of<QueryError>(part).outcome(), Outcome::unknown);
    EXPECT_EQ(co_await entries(db), 1);
    const auto all = co_await as_attempt(
        db.execute("INSERT INTO entry SELECT 1 / (n - 1) FROM generate_series(1, 2) n"));
    EXPECT_EQ(error_of<QueryError>(all).outcome(), Outcome::rolled_back);
    const auto body = [](Transaction& tx) -> Task<void> {
      co_await tx.execute("DO $$ BEGIN PERFORM 1 / 0; END $$");
    };
    const auto within = co_await as_attempt(db.transaction(body));
    EXPECT_EQ(error_of<QueryError>(within).outcome(), Outcome::rolled_back);
  });
}

TEST_F(Outcomes, OfACommitInTheUsersWordsTheLossIsUnknown) {
  run([](DBConnector& db) -> Task<void> {
    for (const std::string commit :
         {"COMMIT", "  end;", "-- now\nCOMMIT WORK", "/* a /* b */ c */ COMMIT", ";\fCOMMIT"}) {
      Transaction tx = co_await db.begin();
      co_await tx.execute("INSERT INTO fatal_entry VALUES (1)");
      const auto attempt = co_await as_attempt(tx.execute(commit));
      EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::unknown) << commit;
    }
  });
}

// They run by themselves, and are committed one by one.
TEST_F(Outcomes, OfWhatComesBehindARollbackInTheUsersWordsTheLossIsUnknown) {
  run([](DBConnector& db) -> Task<void> {
    for (const std::string rollback :
         {"ROLLBACK", "abort;", "/* a /* b */ c */ ROLLBACK WORK", "; ROLLBACK AND NO CHAIN"}) {
      Transaction tx = co_await db.begin();
      co_await tx.execute(rollback);
      const auto attempt = co_await as_attempt(tx.execute("INSERT INTO fatal_entry VALUES (1)"));
      EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::unknown) << rollback;
    }
  });
}

TEST_F(Outcomes, OfWhatIsSentTogetherWithSuchARollbackTheLossIsUnknown) {
  run([](DBConnector& db) -> Task<void> {
    for (int i = 0; i < 2; ++i) {  // with statements that are not prepared yet, and are
      Transaction tx = co_await db.begin();
      std::optional<Outcome> told;
      const auto undo = [&]() -> Task<void> {
        static_cast<void>(co_await as_attempt(tx.execute("ROLLBACK")));
      };
      const auto insert_fatally = [&]() -> Task<void> {
        const auto attempt = co_await as_attempt(tx.execute("INSERT INTO fatal_entry VALUES (1)"));
        told = error_of<ConnectionError>(attempt).outcome();
      };
      co_await when_all(undo(), insert_fatally());
      EXPECT_EQ(told, Outcome::unknown);
    }
    Transaction tx = co_await db.begin();
    Batch batch(tx);
    batch.add("ROLLBACK");
    batch.add("INSERT INTO fatal_entry VALUES (1)");
    const auto attempt = co_await as_attempt(batch.run());
    EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::unknown);
  });
}

TEST_F(Outcomes, OfARollbackWithinAScriptTheLossIsUnknown) {
  run([](DBConnector& db) -> Task<void> {
    for (const std::string rollback : {"ROLLBACK", "SELECT 1; ABORT"}) {
      Transaction tx = co_await db.begin();
      const std::string script = rollback + "; INSERT INTO fatal_entry VALUES (1)";
      const auto attempt = co_await as_attempt(tx.execute_script(script));
      EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::unknown) << rollback;
    }
  });
}

// What was committed before would be there twice, were it run again.
TEST_F(Outcomes, BehindSuchARollbackAClosedConnectionIsNotAllThatIsToBeKnown) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await tx.execute("ROLLBACK");
    co_await insert(tx);
    const auto lost = co_await as_attempt(tx.execute("INSERT INTO fatal_entry VALUES (1)"));
    EXPECT_EQ(error_of<ConnectionError>(lost).outcome(), Outcome::unknown);
    const auto closed = co_await as_attempt(tx.execute("SELECT 1"));
    EXPECT_EQ(error_of<ConnectionError>(closed).outcome(), Outcome::unknown);
    EXPECT_EQ(co_await entries(db), 1);
  });
}

TEST_F(Outcomes, WhatLeavesATransactionOpenLeavesTheLossRolledBack) {
  run([](DBConnector& db) -> Task<void> {
    for (const std::string rollback : {"ROLLBACK TO a", "rollback work to savepoint a",
                                       "ROLLBACK TRANSACTION TO a", "ROLLBACK AND CHAIN"}) {
      Transaction tx = co_await db.begin();
      co_await tx.execute("SAVEPOINT a");
      co_await tx.execute(rollback);
      const auto attempt =
          co_await as_attempt(tx.execute("SELECT pg_terminate_backend(pg_backend_pid())"));
      EXPECT_EQ(error_of<ConnectionError>(attempt).outcome(), Outcome::rolled_back) << rollback;
    }
  });
}

TEST_F(Outcomes, ARollbackThatIsLostIsOne) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await insert(tx);
    const int own = co_await tx.execute("SELECT pg_backend_pid()", fetch_val_as<int>);
    const Statement end = db.prepare("SELECT pg_terminate_backend($1)");
    co_await tx.execute(end, 0);  // nobody: it is prepared then
    const auto end_it = [&]() -> Task<void> {
      static_cast<void>(co_await as_attempt(tx.execute(end, own)));
    };
    std::optional<Outcome> told;
    const auto roll_back = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(tx.rollback());
      told = error_of<ConnectionError>(attempt).outcome();
    };
    co_await when_all(end_it(), roll_back());
    EXPECT_EQ(told, Outcome::rolled_back);
  });
}

TEST_F(Outcomes, OfAStreamThatIsNotWaitedForDependOnItsTransaction) {
  run([](DBConnector& db) -> Task<void> {
    const auto open = [](Executor& on) -> Task<void> {
      RowStream rows = co_await on.stream("SELECT pg_sleep(9)");
    };
    co_await db.warm_up();
    const auto alone = co_await as_attempt(with_timeout(50ms, open(db)));
    EXPECT_EQ(error_of<TimeoutError>(alone).outcome(), Outcome::unknown);
    Transaction tx = co_await db.begin();
    const auto within = co_await as_attempt(with_timeout(50ms, open(tx)));
    EXPECT_EQ(error_of<TimeoutError>(within).outcome(), Outcome::rolled_back);
  });
}

// CopyDone is on its way: the server commits whether or not we wait.
TEST_F(Outcomes, OfACopyWhoseEndIsNotWaitedForIsUnknown) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute_script(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$;"
        "CREATE TRIGGER dawdle AFTER INSERT ON entry FOR EACH STATEMENT EXECUTE FUNCTION dawdle()");
    {
      CopyIn copy = co_await db.copy_in("entry", columns("id"));
      co_await copy.row(1);
      const auto attempt = co_await as_attempt(with_timeout(20ms, copy.finish()));
      EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::unknown);
    }
    co_await wait_until([&] { return db.statistics().lent == 0; });
    EXPECT_LE(co_await entries(db), 1);
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
