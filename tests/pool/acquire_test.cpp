#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "tests/pool/patience.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"

// Who gets a connection, when, and what becomes of it afterwards.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::AnsweringBackend;
using testing_support::CannedResult;

class PoolAcquire : public testing::Test {
 protected:
  PoolAcquire() { backend_.answer("COMMIT", CannedResult({}, {}, 0, "COMMIT")); }

  template <class F>
  void run(std::uint32_t connections, F body) {
    run_with(options_for(backend_, connections), body);
  }
  template <class F>
  void run_with(const ConnectionOptions& options, F body) {
    DBConnector db(reactor_, options);
    reactor_.run(with_timeout(patience, body(db)));
  }
  // Some turns of the loop, in which whatever can happen does.
  static Task<void> turns(int count) {
    for (int turn = 0; turn < count; ++turn) co_await sleep_for(0ns);
  }

  Reactor reactor_;
  AnsweringBackend backend_{reactor_};
};

Task<void> lend(DBConnector& db, std::vector<int>& order, int number) {
  Transaction tx = co_await db.begin();
  order.push_back(number);
  co_await tx.rollback();
}
Task<void> ask(DBConnector& db, std::vector<int>& order, int number) {
  co_await db.execute("SELECT 1");
  order.push_back(number);
}

// Requirement: P14
TEST_F(PoolAcquire, WaitersAreServedInTheOrderOfTheirComing) {
  run(1, [](DBConnector& db) -> Task<void> {
    std::vector<int> order;
    Transaction held = co_await db.begin();
    const auto end = [&]() -> Task<void> {
      co_await turns(5);
      EXPECT_EQ(db.statistics().waiting, 5u);
      co_await held.rollback();
    };
    co_await when_all(lend(db, order, 1), lend(db, order, 2), lend(db, order, 3),
                      lend(db, order, 4), lend(db, order, 5), end());
    EXPECT_THAT(order, ElementsAre(1, 2, 3, 4, 5));
  });
}

// Requirement: P14
TEST_F(PoolAcquire, StatementsAndTransactionsWaitInOneQueue) {
  run(1, [](DBConnector& db) -> Task<void> {
    std::vector<int> order;
    Transaction held = co_await db.begin();
    const auto end = [&]() -> Task<void> {
      co_await turns(5);
      co_await held.rollback();
    };
    co_await when_all(ask(db, order, 1), lend(db, order, 2), ask(db, order, 3), lend(db, order, 4),
                      end());
    EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
  });
}

TEST_F(PoolAcquire, StatementsThatKeepComingDoNotStarveATransaction) {
  run(1, [](DBConnector& db) -> Task<void> {
    co_await db.execute("SELECT 1");
    bool lent = false;
    int asked = 0;
    const auto keep_asking = [&]() -> Task<void> {
      for (; !lent && asked < 10'000; ++asked) co_await db.execute("SELECT 1");
    };
    const auto begin = [&]() -> Task<void> {
      co_await turns(3);
      Transaction tx = co_await db.begin();
      lent = true;
      co_await tx.rollback();
    };
    co_await when_all(keep_asking(), keep_asking(), keep_asking(), begin());
    EXPECT_TRUE(lent);
    EXPECT_LT(asked, 1000);
  });
}

TEST_F(PoolAcquire, TheDeadlineEndsTheWaitAndSaysHowThePoolStands) {
  ConnectionOptions options = options_for(backend_, 1);
  options.pool_acquire_timeout = 50ms;
  options.tcp_user_timeout = 40ms;  // which has to be the shorter
  run_with(options, [](DBConnector& db) -> Task<void> {
    Transaction held = co_await db.begin();
    const auto begun = std::chrono::steady_clock::now();
    const auto attempt = co_await as_attempt(db.begin());
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_GE(took, 50ms);
    EXPECT_LT(took, 1s);
    if (attempt) co_return ADD_FAILURE() << "two were lent";
    EXPECT_NE(dynamic_cast<const TimeoutError*>(&attempt.error()), nullptr);
    EXPECT_EQ(attempt.error().outcome(), Outcome::not_sent);
    EXPECT_THAT(attempt.error().what(), HasSubstr("no connection to "));
    EXPECT_THAT(attempt.error().what(),
                HasSubstr(" within 50 ms: 1 open, 1 lent, 0 connecting, 1 waiting"));
    EXPECT_EQ(db.statistics().timed_out_waits, 1u);
    co_await held.rollback();
    co_await db.execute("SELECT 1");
  });
}

TEST_F(PoolAcquire, TheDeadlinesErrorNamesWhoHasTheConnectionsTheLongestFirst) {
  ConnectionOptions options = options_for(backend_, 7);
  options.pool_acquire_timeout = 50ms;
  options.tcp_user_timeout = 40ms;
  run_with(options, [](DBConnector& db) -> Task<void> {
    const auto line = std::to_string(__LINE__ + 1);
    Transaction first = co_await db.begin();
    co_await sleep_for(5ms);
    RowStream second = co_await db.stream("SELECT 1");
    std::vector<Transaction> others;
    for (int i = 0; i < 5; ++i) others.push_back(co_await db.begin());
    const auto hold = [&](Transaction&) -> Task<void> { co_return; };
    const auto attempt = co_await as_attempt(db.transaction(hold));
    if (attempt) co_return ADD_FAILURE() << "an eighth was lent";
    EXPECT_THAT(
        attempt.error().what(),
        ContainsRegex("7 lent, 0 connecting, 1 waiting; held for [0-9]+ ms by "
                      "acquire_test.cpp:" +
                      line + "(, for [0-9]+ ms by acquire_test.cpp:[0-9]+){4} and by 2 more"));
  });
}

TEST_F(PoolAcquire, OneThatRunsATransactionIsNamedByItsCall) {
  ConnectionOptions options = options_for(backend_, 1);
  options.pool_acquire_timeout = 50ms;
  options.tcp_user_timeout = 40ms;
  run_with(options, [](DBConnector& db) -> Task<void> {
    const auto wait = [&](Transaction&) -> Task<void> {
      const auto attempt = co_await as_attempt(db.begin());
      if (attempt) co_return ADD_FAILURE() << "two were lent";
      const auto line = std::to_string(__LINE__ + 3);
      EXPECT_THAT(attempt.error().what(), HasSubstr(" ms by acquire_test.cpp:" + line));
    };
    co_await db.transaction(wait);
  });
}

// Requirement: P13
TEST_F(PoolAcquire, TheMostConnectionsAreNeverExceeded) {
  run(4, [this](DBConnector& db) -> Task<void> {
    std::size_t most_lent = 0;
    const auto work = [&]() -> Task<void> {
      for (int i = 0; i < 5; ++i) {
        Transaction tx = co_await db.begin();
        most_lent = std::max(most_lent, db.statistics().lent);
        co_await tx.execute("SELECT 1");
        co_await tx.commit();
        co_await db.execute("SELECT 1");
      }
    };
    std::vector<Task<void>> all;
    for (int task = 0; task < 100; ++task) all.push_back(work());
    co_await when_all(std::move(all));
    EXPECT_EQ(most_lent, 4u) << "all were used, and no more";
    EXPECT_LE(backend_.counts().connections, 4u);
    EXPECT_EQ(backend_.counts().violations, 0u);
    EXPECT_EQ(db.statistics().lent, 0u);
    EXPECT_EQ(db.statistics().waiting, 0u);
  });
}

// Requirement: P3
TEST_F(PoolAcquire, AWaiterThatGivesUpIsForgottenAndTheNextIsServed) {
  run(1, [](DBConnector& db) -> Task<void> {
    std::vector<int> order;
    Transaction held = co_await db.begin();
    const auto give_up = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(with_timeout(5ms, db.begin()));
      EXPECT_FALSE(attempt);
    };
    const auto end = [&]() -> Task<void> {
      co_await sleep_for(20ms);
      co_await held.rollback();
    };
    co_await when_all(give_up(), lend(db, order, 2), end());
    EXPECT_THAT(order, ElementsAre(2));
    EXPECT_EQ(db.statistics().lent, 0u);
  });
}

// A stop after each number of turns in turn: while connecting, waiting, beginning, holding, ending.
// Requirement: P3, P13
TEST_F(PoolAcquire, AStopAtAnyMomentLeavesThePoolWhole) {
  for (int turns_before_stop = 0; turns_before_stop < 40; ++turns_before_stop) {
    run(2, [&](DBConnector& db) -> Task<void> {
      const auto work = [&]() -> Task<void> {
        co_await db.transaction([](Transaction& tx) -> Task<void> {
          co_await tx.execute("SELECT 1");
          co_await tx.transaction(
              [](Transaction& inner) -> Task<void> { co_await inner.execute("SELECT 2"); });
        });
      };
      const auto stop_after = [&]() -> Task<void> { co_await turns(turns_before_stop); };
      static_cast<void>(co_await as_attempt(when_any(work(), stop_after())));
      co_await db.transaction(
          [](Transaction& tx) -> Task<void> { co_await tx.execute("SELECT 3"); });
      EXPECT_EQ(co_await db.execute("SELECT 4", fetch_val_as<int>), 1);
      while (db.statistics().lent != 0) co_await sleep_for(1ms);
      EXPECT_EQ(db.statistics().waiting, 0u) << turns_before_stop;
      EXPECT_EQ(db.statistics().closed, 0u) << turns_before_stop;
    });
  }
  EXPECT_EQ(backend_.counts().violations, 0u);
}

// Requirement: P2
TEST_F(PoolAcquire, AnOpenTransactionThatIsGivenBackIsRolledBackFirst) {
  run(1, [this](DBConnector& db) -> Task<void> {
    {
      Transaction dropped = co_await db.begin();
      co_await dropped.execute("SELECT 1");
    }
    const std::size_t before = backend_.counts().executes;
    EXPECT_EQ(db.statistics().lent, 1u) << "until the server has confirmed it";
    co_await db.execute("SELECT 1");
    EXPECT_EQ(backend_.counts().executes, before + 2) << "ROLLBACK, then the statement";
    EXPECT_EQ(db.statistics().lent, 0u);
    EXPECT_EQ(backend_.counts().connections, 1u);
  });
}

TEST_F(PoolAcquire, AStatementBehindATransactionIsSentWhenThatHasEnded) {
  run(1, [this](DBConnector& db) -> Task<void> {
    std::vector<int> order;
    Transaction held = co_await db.begin();
    const auto end = [&]() -> Task<void> {
      co_await turns(5);
      const std::size_t before = backend_.counts().executes;
      co_await held.execute("SELECT 2");
      EXPECT_EQ(backend_.counts().executes, before + 1) << "none slips into the transaction";
      EXPECT_TRUE(order.empty());
      co_await held.commit();
    };
    co_await when_all(ask(db, order, 1), ask(db, order, 2), end());
    EXPECT_THAT(order, ElementsAre(1, 2));
  });
}

TEST_F(PoolAcquire, ClosingWaitsForWhatIsUnderWayAndRefusesMore) {
  run(2, [](DBConnector& db) -> Task<void> {
    std::vector<int> order;
    const auto close = [&]() -> Task<void> {
      co_await turns(1);
      co_await db.close();
      EXPECT_THAT(order, ElementsAre(1)) << "the statement ended first";
      EXPECT_EQ(db.statistics().open, 0u);
      const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
      if (attempt) co_return ADD_FAILURE() << "a closed pool took a statement";
      EXPECT_THAT(attempt.error().what(), HasSubstr("closed"));
      EXPECT_EQ(attempt.error().outcome(), Outcome::not_sent);
    };
    co_await when_all(ask(db, order, 1), close());
  });
}

TEST_F(PoolAcquire, ClosingWaitsForTheLongestTimeThereIs) {
  run(1, [](DBConnector& db) -> Task<void> {
    Transaction held = co_await db.begin();
    bool closed = false;
    const auto close = [&]() -> Task<void> {
      co_await db.close(std::chrono::nanoseconds::max());
      closed = true;
    };
    const auto end = [&]() -> Task<void> {
      co_await turns(5);
      EXPECT_FALSE(closed);
      co_await held.commit();
    };
    co_await when_all(close(), end());
    EXPECT_TRUE(closed);
  });
}

TEST_F(PoolAcquire, EndingThePoolFailsWhatIsUnderWay) {
  std::optional<DBConnector> db;
  db.emplace(reactor_, options_for(backend_, 1));
  const auto work = [&]() -> Task<void> {
    Transaction held = co_await db->begin();
    const auto ask_in_vain = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db->execute("SELECT 1"));
      EXPECT_FALSE(attempt);
    };
    const auto begin_in_vain = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(db->begin());
      EXPECT_FALSE(attempt);
    };
    const auto run_in_vain = [&]() -> Task<void> {
      const auto attempt = co_await as_attempt(held.execute("SELECT 1"));
      EXPECT_FALSE(attempt);
    };
    const auto end = [&]() -> Task<void> {
      db.reset();
      co_return;
    };
    co_await when_all(ask_in_vain(), begin_in_vain(), run_in_vain(), end());
    EXPECT_FALSE(co_await as_attempt(held.commit()));
  };
  reactor_.run(with_timeout(patience, work()));
}

}  // namespace
}  // namespace pgreactor::pool_testing
