#include <optional>
#include <stdexcept>
#include <string>

#include "tests/integration/database_fixture.hpp"
#include "tests/integration/ending_pool.hpp"

namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class Transactions : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    run([](DBConnector& db) -> Task<void> {
      co_await db.execute("CREATE TABLE entry (id serial PRIMARY KEY, name text)");
    });
  }
  static Task<int> entries(DBConnector& db) { return count(db, "SELECT count(*) FROM entry"); }
  static Task<int> count(Executor& db, std::string sql) {
    co_return co_await db.execute(sql, fetch_val_as<int>);
  }
  // Nothing lent, and the server knows of no transaction that is left open.
  static Task<void> expect_all_clean(DBConnector& db) {
    co_await wait_until([&] { return db.statistics().lent == 0; });
    EXPECT_EQ(co_await count(db,
                             "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in "
                             "transaction%' AND datname = current_database()"),
              0);
  }
};

// Checklist: C72
TEST_F(Transactions, ABodyThatReturnsIsCommitted) {
  run([](DBConnector& db) -> Task<void> {
    const int seen = co_await db.transaction([&](Transaction& tx) -> Task<int> {
      co_await tx.execute("INSERT INTO entry (name) VALUES ('a')");
      EXPECT_EQ(co_await entries(db), 0) << "not visible outside before the commit";
      co_return co_await tx.execute("SELECT count(*) FROM entry", fetch_val_as<int>);
    });
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(co_await entries(db), 1);
  });
}

TEST_F(Transactions, CurrvalIsOfTheInsertBefore) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.transaction([&](Transaction& tx) -> Task<void> {
      co_await tx.execute("INSERT INTO entry (name) VALUES ('a')");
      const int id = co_await tx.execute("SELECT currval('entry_id_seq')", fetch_val_as<int>);
      EXPECT_EQ(co_await tx.execute("SELECT name FROM entry WHERE id = $1", id,
                                    fetch_val_as<std::string>),
                "a");
    });
  });
}

TEST_F(Transactions, ABodyThatThrowsIsRolledBackAndItsExceptionComesOut) {
  run([](DBConnector& db) -> Task<void> {
    bool thrown = false;
    try {
      co_await db.transaction([&](Transaction& tx) -> Task<void> {
        co_await tx.execute("INSERT INTO entry (name) VALUES ('a')");
        throw std::domain_error("mine");
      });
    } catch (const std::domain_error& error) {
      thrown = std::string(error.what()) == "mine";
    }
    EXPECT_TRUE(thrown);
    EXPECT_EQ(co_await entries(db), 0);
    co_await expect_all_clean(db);
  });
}

TEST_F(Transactions, AFailedStatementIsWhatTheCallerIsTold) {
  run([](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.transaction([&](Transaction& tx) -> Task<void> {
      co_await tx.execute("INSERT INTO entry (name) VALUES ('a')");
      co_await tx.execute("SELECT 1 / 0");
    }));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "22012");
    EXPECT_EQ(co_await entries(db), 0);
    co_await expect_all_clean(db);
  });
}

TEST_F(Transactions, AStopWithinTheBodyRollsBack) {
  run([](DBConnector& db) -> Task<void> {
    Transaction holder = co_await db.begin();
    co_await holder.execute("SELECT pg_advisory_xact_lock(1)");
    const auto body = [](Transaction& tx) -> Task<void> {
      co_await tx.execute("INSERT INTO entry (name) VALUES ('a')");
      co_await tx.execute("SELECT pg_advisory_xact_lock(1)");  // until it is stopped
    };
    std::optional<Attempt<void>> attempt;
    const auto stopped = [&]() -> Task<void> {
      attempt.emplace(co_await as_attempt(db.transaction(body)));
    };
    const auto once_it_waits = [&]() -> Task<void> {
      while (co_await count(db,
                            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                            "AND NOT granted AND database = (SELECT oid FROM pg_database "
                            "WHERE datname = current_database())") == 0) {
      }
    };
    co_await when_any(stopped(), once_it_waits());
    EXPECT_EQ(error_of<CancelledError>(attempt.value()).outcome(), Outcome::rolled_back);
    co_await holder.commit();
    co_await expect_all_clean(db);
    EXPECT_EQ(co_await entries(db), 0);
    EXPECT_EQ(db.statistics().closed, 0u) << "the connection was cleaned, not lost";
  });
}

TEST_F(Transactions, AfterAStatementThatWasGivenUpOnlyARollbackHelps) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    const Statement slow = db.prepare("SELECT name, pg_sleep($1) FROM entry");
    co_await tx.execute(slow, 0.0);
    co_await tx.execute("INSERT INTO entry (name) VALUES ('a')");
    const auto attempt = co_await as_attempt(tx.execute(slow, 0.2, timeout(1ms)));
    EXPECT_EQ(error_of<TimeoutError>(attempt).outcome(), Outcome::rolled_back);
    const auto further = co_await as_attempt(tx.execute("SELECT 1"));
    EXPECT_THAT(error_of<QueryError>(further).what(), HasSubstr("given up"));
    const auto commit = co_await as_attempt(tx.commit());
    EXPECT_THAT(error_of<QueryError>(commit).what(), HasSubstr("given up"));
    co_await tx.rollback();
    co_await expect_all_clean(db);
    EXPECT_EQ(co_await entries(db), 0);
  });
}

TEST_F(Transactions, TwoSavepointsAtOnceAreRefused) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    const auto add = [](Transaction& inner) -> Task<void> {
      co_await inner.execute("INSERT INTO entry (name) VALUES ('a')");
    };
    int refused = 0;
    const auto attempt = [&]() -> Task<void> {
      const auto nested = co_await as_attempt(tx.transaction(add));
      if (nested) co_return;
      ++refused;
      EXPECT_THAT(error_of<QueryError>(nested).what(), HasSubstr("a savepoint is open"));
    };
    co_await when_all(attempt(), attempt());
    EXPECT_EQ(refused, 1);
    co_await tx.commit();
    EXPECT_EQ(co_await entries(db), 1);
  });
}

TEST_F(Transactions, ANestedOneIsASavepoint) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.transaction([&](Transaction& tx) -> Task<void> {
      co_await tx.execute("INSERT INTO entry (name) VALUES ('outer')");
      EXPECT_EQ(tx.depth(), 0);
      const auto failing = [](Transaction& inner) -> Task<void> {
        EXPECT_EQ(inner.depth(), 1);
        co_await inner.execute("INSERT INTO entry (name) VALUES ('gone')");
        co_await inner.execute("SELECT 1 / 0");
      };
      const auto ambient = co_await as_attempt(db.transaction(failing));
      EXPECT_EQ(error_of<QueryError>(ambient).sqlstate(), "22012");
      const auto named = co_await as_attempt(tx.transaction(failing));
      EXPECT_EQ(error_of<QueryError>(named).sqlstate(), "22012");
      co_await tx.transaction([](Transaction& inner) -> Task<void> {
        co_await inner.execute("INSERT INTO entry (name) VALUES ('kept')");
      });
    });
    EXPECT_EQ(co_await db.execute("SELECT string_agg(name, ' ' ORDER BY id) FROM entry",
                                  fetch_val_as<std::string>),
              "outer kept");
    EXPECT_EQ(db.statistics().lent, 0u);
  });
}

TEST_F(Transactions, ANestedOneHasNoClausesOfItsOwn) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.transaction([&](Transaction&) -> Task<void> {
      const auto body = [](Transaction&) -> Task<void> { co_return; };
      const auto attempt = co_await as_attempt(db.transaction(read_only(), body));
      EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("savepoint"));
    });
  });
}

TEST_F(Transactions, ASavepointThatTheServerRefusedIsNotThere) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    EXPECT_FALSE(co_await as_attempt(tx.execute("SELECT 1 / 0")));
    for (int i = 0; i < 2; ++i) {
      const auto inner = co_await as_attempt(tx.begin());
      EXPECT_EQ(error_of<QueryError>(inner).sqlstate(), "25P02");
    }
    const auto statement = co_await as_attempt(tx.execute("SELECT 1"));
    EXPECT_EQ(error_of<QueryError>(statement).sqlstate(), "25P02");
    co_await tx.rollback();
  });
}

TEST_F(Transactions, WhileASavepointIsOpenTheOuterOneRefusesStatements) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    Transaction inner = co_await tx.begin();
    const auto attempt = co_await as_attempt(tx.execute("SELECT 1"));
    EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("a savepoint is open"));
    co_await inner.rollback();
    EXPECT_EQ(co_await tx.execute("SELECT 1", fetch_val_as<int>), 1);
    co_await tx.commit();
  });
}

TEST_F(Transactions, CommittingAFailedOneSaysThatItWasRolledBack) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await tx.execute("INSERT INTO entry (name) VALUES ('a')");
    static_cast<void>(co_await as_attempt(tx.execute("SELECT 1 / 0")));
    const auto after = co_await as_attempt(tx.execute("SELECT 1"));
    EXPECT_EQ(error_of<QueryError>(after).sqlstate(), "25P02");
    const auto commit = co_await as_attempt(tx.commit());
    EXPECT_EQ(error_of<QueryError>(commit).outcome(), Outcome::rolled_back);
    EXPECT_FALSE(tx.is_open());
    EXPECT_EQ(co_await entries(db), 0);
    co_await expect_all_clean(db);
  });
}

TEST_F(Transactions, ADeferredConstraintFailsTheCommit) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute(
        "CREATE TABLE child (id int REFERENCES entry DEFERRABLE INITIALLY DEFERRED)");
    const auto attempt = co_await as_attempt(db.transaction([](Transaction& tx) -> Task<void> {
      co_await tx.execute("INSERT INTO child VALUES (42)");
    }));
    EXPECT_EQ(error_of<QueryError>(attempt).sqlstate(), "23503");
    EXPECT_EQ(attempt.error().outcome(), Outcome::rolled_back);
    co_await expect_all_clean(db);
  });
}

TEST_F(Transactions, IsolationAndAccessModeAreInForce) {
  run([](DBConnector& db) -> Task<void> {
    const auto level_of = [&](TransactionOptions options) -> Task<std::string> {
      co_return co_await db.transaction(options, [](Transaction& tx) -> Task<std::string> {
        co_return co_await tx.execute("SELECT current_setting('transaction_isolation')",
                                      fetch_val_as<std::string>);
      });
    };
    EXPECT_EQ(co_await level_of({}), "read committed");
    EXPECT_EQ(co_await level_of(isolation(Isolation::repeatable_read)), "repeatable read");
    EXPECT_EQ(co_await level_of(isolation(Isolation::serializable)), "serializable");

    Transaction reader = co_await db.begin(isolation(Isolation::repeatable_read).read_only());
    EXPECT_EQ(co_await count(reader, "SELECT count(*) FROM entry"), 0);
    co_await db.execute("INSERT INTO entry (name) VALUES ('later')");
    EXPECT_EQ(co_await count(reader, "SELECT count(*) FROM entry"), 0) << "its snapshot is older";
    const auto write =
        co_await as_attempt(reader.execute("INSERT INTO entry (name) VALUES ('no')"));
    EXPECT_EQ(error_of<QueryError>(write).sqlstate(), "25006");
    co_await reader.rollback();
    EXPECT_EQ(co_await entries(db), 1);
  });
}

TEST_F(Transactions, TheExplicitFormEndsOnce) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    EXPECT_TRUE(tx.is_open());
    co_await tx.execute("INSERT INTO entry (name) VALUES ('a')");
    co_await tx.commit();
    EXPECT_FALSE(tx.is_open());
    EXPECT_EQ(co_await entries(db), 1);
    const auto execute = co_await as_attempt(tx.execute("SELECT 1"));
    EXPECT_THAT(error_of<QueryError>(execute).what(), HasSubstr("has ended"));
    const auto again = co_await as_attempt(tx.commit());
    EXPECT_THAT(error_of<QueryError>(again).what(), HasSubstr("has ended"));

    Transaction other = co_await db.begin();
    co_await other.execute("INSERT INTO entry (name) VALUES ('b')");
    co_await other.rollback();
    EXPECT_EQ(co_await entries(db), 1);
    co_await expect_all_clean(db);
  });
}

// Requirement: P2
TEST_F(Transactions, ADroppedOneIsRolledBackBeforeItsConnectionIsLentAgain) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    {
      Transaction dropped = co_await db.begin();
      co_await dropped.execute("INSERT INTO entry (name) VALUES ('a')");
    }
    EXPECT_EQ(co_await entries(db), 0) << "on the same connection, and not in its transaction";
    Transaction next = co_await db.begin();
    EXPECT_EQ(co_await count(next, "SELECT count(*) FROM entry"), 0);
    co_await next.rollback();
    EXPECT_EQ(db.statistics().opened, 1u);
    EXPECT_EQ(db.statistics().closed, 0u);
  });
}

// Requirement: P2
TEST_F(Transactions, ADroppedOneWhoseStatementHadFailedIsRolledBackToo) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    {
      Transaction dropped = co_await db.begin();
      static_cast<void>(co_await as_attempt(dropped.execute("SELECT 1 / 0")));
    }
    EXPECT_EQ(co_await entries(db), 0);
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

TEST_F(Transactions, ANestedBodyThatHidesAFailureIsRolledBackAndTheOuterOneGoesOn) {
  run([](DBConnector& db) -> Task<void> {
    const auto hides_it = [](Transaction& inner) -> Task<void> {
      co_await inner.execute("INSERT INTO entry (name) VALUES ('gone')");
      static_cast<void>(co_await as_attempt(inner.execute("SELECT 1 / 0")));
    };
    co_await db.transaction([&](Transaction& tx) -> Task<void> {
      co_await tx.execute("INSERT INTO entry (name) VALUES ('outer')");
      const auto ambient = co_await as_attempt(db.transaction(hides_it));
      EXPECT_EQ(error_of<QueryError>(ambient).sqlstate(), "25P02");
      const auto named = co_await as_attempt(tx.transaction(hides_it));
      EXPECT_EQ(error_of<QueryError>(named).sqlstate(), "25P02");
      co_await tx.execute("INSERT INTO entry (name) VALUES ('kept')");
    });
    EXPECT_EQ(co_await db.execute("SELECT string_agg(name, ' ' ORDER BY id) FROM entry",
                                  fetch_val_as<std::string>),
              "outer kept");
    co_await expect_all_clean(db);
  });
}

TEST_F(Transactions, ASavepointThatIsNotReleasedIsOpenForItsRollback) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    Transaction inner = co_await tx.begin();
    static_cast<void>(co_await as_attempt(inner.execute("SELECT 1 / 0")));
    const auto commit = co_await as_attempt(inner.commit());
    EXPECT_EQ(error_of<QueryError>(commit).sqlstate(), "25P02");
    EXPECT_TRUE(inner.is_open());
    co_await inner.rollback();
    EXPECT_EQ(co_await tx.execute("SELECT 1", fetch_val_as<int>), 1);
    co_await tx.commit();
  });
}

// The pool ends between the answer to ROLLBACK TO and the task that waits for it.
TEST_F(Transactions, ASavepointWhosePoolEndsWhileItIsRolledBackIsNotReleased) {
  EndingPool ending(options_for_one_connection(), "ROLLBACK TO");
  ending.run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    Transaction inner = co_await tx.begin();
    const auto attempt = co_await as_attempt(inner.rollback());
    EXPECT_THAT(error_of<ConnectionError>(attempt).what(), HasSubstr("destroyed"));
  });
}

TEST_F(Transactions, ADroppedSavepointLeavesOnlyRollback) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    {
      Transaction dropped = co_await tx.begin();
      co_await dropped.execute("INSERT INTO entry (name) VALUES ('a')");
    }
    const auto attempt = co_await as_attempt(tx.commit());
    EXPECT_THAT(error_of<QueryError>(attempt).what(), HasSubstr("roll the transaction back"));
    co_await tx.rollback();
    EXPECT_EQ(co_await entries(db), 0);
  });
}

TEST_F(Transactions, OneRolledBackByHandWithinItsBodyIsNotCommitted) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.transaction([](Transaction& tx) -> Task<void> {
      co_await tx.execute("INSERT INTO entry (name) VALUES ('a')");
      co_await tx.rollback();  // by hand: nothing is left to commit
    });
    EXPECT_EQ(co_await entries(db), 0);
    co_await expect_all_clean(db);
  });
}

}  // namespace
}  // namespace pgreactor::integration
