#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "tests/integration/database_fixture.hpp"

// Transactions that get into each other's way, on two real sessions.
namespace pgreactor::integration {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

DBConnector& connector_of(DBConnector& db) { return db; }
DBConnector& connector_of(DBOperator& db) { return db.connector(); }

/// A connector or operator with one connection that ends while a transaction is retried.
template <class Source>
class EndingSource {
 public:
  explicit EndingSource(const ConnectionOptions& options)
      : db(std::make_unique<Source>(reactor, options)) {}

  Reactor reactor;
  std::unique_ptr<Source> db;
  int runs = 0;
  std::optional<Attempt<void>> attempt;

  /// Runs `scenario()`, which ends the source, and then waits for the attempt.
  template <class F>
  void run(F scenario) {
    const auto all = [&]() -> Task<void> {
      co_await scenario();
      co_await wait_until([&] { return attempt.has_value(); });
    };
    reactor.run(with_timeout(patience, all()));
  }
  template <class F>
  Task<void> retry(F& body) {
    attempt.emplace(co_await as_attempt(db->transaction(retrying().repeatable(), body)));
  }
  Task<void> select(Transaction& tx) {
    ++runs;
    co_await tx.execute("SELECT 1");
  }
  /// Ends the source when a transaction waits for its only connection.
  template <class End>
  Task<void> end_while_it_waits(End end) {
    const Transaction held = co_await db->begin();
    const auto body = [&](Transaction& tx) { return select(tx); };
    reactor.spawn(retry(body));
    co_await wait_until([&] { return connector_of(*db).statistics().waiting == 1; });
    co_await end();
    co_await wait_until([&] { return attempt.has_value(); });
  }
};

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

template <class Source>
void expect_an_end_while_it_waits_to_be_final(const ConnectionOptions& options) {
  EndingSource<Source> it(options);
  const auto destroy = [&]() -> Task<void> {
    it.db.reset();
    co_return;
  };
  it.run([&] { return it.end_while_it_waits(destroy); });
  EXPECT_THAT(error_of<ConnectionError>(*it.attempt).what(), HasSubstr("destroyed"));
  EXPECT_EQ(it.runs, 0);
}

TEST_F(Retries, AConnectorThatEndsWhileOneWaitsForAConnectionIsNotAskedAgain) {
  expect_an_end_while_it_waits_to_be_final<DBConnector>(options_for_one_connection());
}

TEST_F(Retries, AnOperatorThatEndsWhileOneWaitsForAConnectionIsNotAskedAgain) {
  expect_an_end_while_it_waits_to_be_final<DBOperator>(options_for_one_connection());
}

// Between the answer to the ROLLBACK of the first run and the task that waits for it.
TEST_F(Retries, AConnectorThatEndsBetweenTwoRunsIsNotAskedAgain) {
  EndingSource<DBConnector> it(options_for_one_connection());
  std::stop_source stop;
  QueryObserver observer;
  observer.on_end([&](const QueryEnd& query) {
    if (query.sql == "ROLLBACK") stop.request_stop();
  });
  it.db->set_observer(std::move(observer));
  const auto destroy = [&]() -> Task<void> {
    static_cast<void>(co_await as_attempt(sleep_for(patience)));
    it.db.reset();
  };
  const auto body = [&](Transaction& tx) -> Task<void> {
    ++it.runs;
    co_await tx.execute("DO $$ BEGIN RAISE 'again' USING ERRCODE = '40001'; END $$");
  };
  it.run([&]() -> Task<void> {
    it.reactor.spawn(destroy(), stop.get_token());
    it.reactor.spawn(it.retry(body));
    co_await wait_until([&] { return it.attempt.has_value(); });
  });
  EXPECT_THAT(error_of<ConnectionError>(*it.attempt).what(), HasSubstr("destroyed"));
  EXPECT_EQ(it.runs, 1);
}

template <class Source>
void expect_a_close_while_it_waits_to_be_final(const ConnectionOptions& options) {
  EndingSource<Source> it(options);
  // The operator's connector, as somebody may who has only that.
  const auto close = [&] { return connector_of(*it.db).close(0ns); };
  it.run([&] { return it.end_while_it_waits(close); });
  EXPECT_THAT(error_of<ConnectionError>(*it.attempt).what(), Not(HasSubstr("attempt")));
  it.attempt.reset();
  const auto body = [&](Transaction& tx) { return it.select(tx); };
  it.run([&] { return it.retry(body); });
  EXPECT_THAT(error_of<ConnectionError>(*it.attempt).what(), Not(HasSubstr("attempt")));
  EXPECT_EQ(it.runs, 0);
}

TEST_F(Retries, AClosedConnectorIsNotAskedAgain) {
  expect_a_close_while_it_waits_to_be_final<DBConnector>(options_for_one_connection());
}

TEST_F(Retries, AClosedOperatorIsNotAskedAgain) {
  expect_a_close_while_it_waits_to_be_final<DBOperator>(options_for_one_connection());
}

// The second run of the body would be a transaction of its own, if the one around it had ended.
TEST_F(Retries, ASavepointThatCannotBeginIsNotBegunAgain) {
  run([](DBConnector& db) -> Task<void> {
    const auto inner = [](Transaction&) -> Task<void> { co_return; };
    std::string what;
    const auto outer = [&](Transaction& tx) -> Task<void> {
      static_cast<void>(
          co_await as_attempt(tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")));
      const auto attempt = co_await as_attempt(db.transaction(retrying(), inner));
      what = error_of<ConnectionError>(attempt).what();
    };
    static_cast<void>(co_await as_attempt(db.transaction(outer)));
    EXPECT_THAT(what, Not(HasSubstr("attempt")));
    EXPECT_FALSE(what.empty());
  });
}

}  // namespace
}  // namespace pgreactor::integration
