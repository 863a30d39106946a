#include <string>

#include "tests/integration/database_fixture.hpp"

// Transactions that get into each other's way, on two real sessions.
namespace pgreactor::integration {
namespace {

class Retries : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    run([](DBConnector& db) -> Task<void> {
      co_await db.execute("CREATE TABLE account (id int PRIMARY KEY, amount int)");
      co_await db.execute("INSERT INTO account VALUES (1, 100), (2, 100)");
    });
  }
  static Task<int> amount(Executor& db, int id) {
    co_return co_await db.execute("SELECT amount FROM account WHERE id = $1", id,
                                  fetch_val_as<int>);
  }
};

TEST_F(Retries, ASerializationFailureRunsTheWholeBodyAgain) {
  run([](DBConnector& db) -> Task<void> {
    int runs = 0;
    const auto body = [&](Transaction& tx) -> Task<int> {
      ++runs;
      const int seen = co_await amount(tx, 1);
      // Somebody else, between the read and the write of the first run.
      if (runs == 1) co_await db.execute("UPDATE account SET amount = 50 WHERE id = 1");
      const int now = seen + 1;
      co_await tx.execute("UPDATE account SET amount = $1 WHERE id = 1", now);
      co_return now;
    };
    const int result =
        co_await db.transaction(retrying(isolation(Isolation::repeatable_read)), body);
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(result, 51) << "by what the second run read";
    EXPECT_EQ(co_await amount(db, 1), 51);
  });
}

TEST_F(Retries, AFailureThatOnlyTheCommitSaysIsOneToo) {
  run([](DBConnector& db) -> Task<void> {
    const auto serializable = isolation(Isolation::serializable);
    int runs = 0;
    const auto body = [&](Transaction& tx) -> Task<void> {
      ++runs;
      const int other = co_await amount(tx, 2);
      co_await tx.execute("UPDATE account SET amount = amount + $1 WHERE id = 1", other);
      if (runs != 1) co_return;
      // Write skew: each reads what the other writes, and the other commits first.
      const auto skew = [](Transaction& tx2) -> Task<void> {
        const int one = co_await amount(tx2, 1);
        co_await tx2.execute("UPDATE account SET amount = amount + $1 WHERE id = 2", one);
      };
      Transaction second = co_await db.begin(isolation(Isolation::serializable));
      co_await skew(second);
      co_await second.commit();
    };
    co_await db.transaction(retrying(serializable), body);
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(co_await amount(db, 2), 200);
    EXPECT_EQ(co_await amount(db, 1), 300);
  });
}

TEST_F(Retries, ADeadlockEndsWithBothCommitted) {
  ConnectionOptions two = options();
  two.session_settings.emplace_back("deadlock_timeout", "10ms");
  run_with(two, [](DBConnector& db) -> Task<void> {
    int runs = 0, holding = 0;
    const auto add = [&](int first, int second) -> Task<void> {
      const auto body = [&](Transaction& tx) -> Task<void> {
        ++runs;
        co_await tx.execute("UPDATE account SET amount = amount + 1 WHERE id = $1", first);
        ++holding;
        co_await wait_until([&] { return holding >= 2; });
        co_await tx.execute("UPDATE account SET amount = amount + 1 WHERE id = $1", second);
      };
      co_await db.transaction(retrying(), body);
    };
    co_await when_all(add(1, 2), add(2, 1));
    EXPECT_GE(runs, 3);
    EXPECT_EQ(co_await amount(db, 1), 102);
    EXPECT_EQ(co_await amount(db, 2), 102);
  });
}

TEST_F(Retries, AKilledSessionIsReplacedForARepeatableBody) {
  run([](DBConnector& db) -> Task<void> {
    int runs = 0;
    const auto body = [&](Transaction& tx) -> Task<void> {
      co_await tx.execute("UPDATE account SET amount = amount + 1 WHERE id = 1");
      if (++runs == 1) co_await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())");
    };
    co_await db.transaction(retrying().repeatable(), body);
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(co_await amount(db, 1), 101) << "of the first run nothing is left";
  });
}

TEST_F(Retries, WithinAnotherTransactionItIsASavepointThatRunsOnce) {
  run([](DBConnector& db) -> Task<void> {
    int inner_runs = 0, outer_runs = 0;
    const auto inner = [&](Transaction& tx) -> Task<void> {
      EXPECT_EQ(tx.depth(), 1);
      ++inner_runs;
      if (inner_runs == 1) co_await db.execute("UPDATE account SET amount = 7 WHERE id = 1");
      co_await tx.execute("UPDATE account SET amount = amount + 1 WHERE id = 1");
    };
    const auto outer = [&](Transaction& tx) -> Task<void> {
      ++outer_runs;
      co_await amount(tx, 1);
      co_await db.transaction(retrying(), inner);
    };
    co_await db.transaction(retrying(isolation(Isolation::repeatable_read)), outer);
    EXPECT_EQ(outer_runs, 2);
    EXPECT_EQ(inner_runs, 2);
    EXPECT_EQ(co_await amount(db, 1), 8);
  });
}

TEST_F(Retries, AnExceptionOfTheBodysOwnComesOutAtOnce) {
  run([](DBConnector& db) -> Task<void> {
    int runs = 0;
    bool thrown = false;
    const auto body = [&](Transaction& tx) -> Task<void> {
      ++runs;
      co_await tx.execute("UPDATE account SET amount = 0 WHERE id = 1");
      throw std::domain_error("mine");
    };
    try {
      co_await db.transaction(retrying().repeatable(), body);
    } catch (const std::domain_error&) {
      thrown = true;
    }
    EXPECT_TRUE(thrown);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(co_await amount(db, 1), 100);
  });
}

}  // namespace
}  // namespace pgreactor::integration
