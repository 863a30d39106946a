#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>

#include "tests/pool/model.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"

// A pool whose users, server and network do what they like, in an order drawn by chance.
namespace pgreactor::pool_testing {
namespace {

using testing_support::AnsweringBackend;

constexpr std::size_t connections = 3, most_customers = 9, steps = 6'000;
constexpr std::chrono::minutes time_for_all{3};

/// PGREACTOR_SEED gives another walk.
std::uint64_t seed() {
  const char* const text = std::getenv("PGREACTOR_SEED");
  return text == nullptr ? 20'261'126 : std::strtoull(text, nullptr, 10);
}

/// How many statements there were, and how they ended.
struct Statements {
  std::uint64_t sent = 0, answered = 0, lost = 0;
};

class PoolRandomWalk : public testing::Test {
 protected:
  static Task<void> query(DBConnector& db, Statements& statements) {
    ++statements.sent;
    try {
      if (co_await db.execute("SELECT 1", fetch_val_as<int>) == 1) ++statements.answered;
    } catch (const Error&) {
      ++statements.lost;  // its connection was, or none could be made, or it was stopped
    }
  }

  /// P13: what holds whatever happens.
  void check(const DBConnector& db) {
    const PoolStatistics now = db.statistics();
    EXPECT_LE(now.open + now.connecting, connections);
    EXPECT_LE(now.idle + now.lent, now.open);
    EXPECT_LE(now.closed, now.opened);
    EXPECT_EQ(now.opened - now.closed, now.open);
    std::size_t holding = 0, under_way = 0;
    for (const Customer& one : customers_) {
      holding += one.state() == Customer::State::holding ? 1u : 0u;
      under_way += one.is_under_way() ? 1u : 0u;
    }
    EXPECT_LE(holding, connections);
    const std::uint64_t open_statements =
        statements_.sent - statements_.answered - statements_.lost;
    EXPECT_LE(now.waiting, under_way + open_statements);
  }
  void step(DBConnector& db) {
    const auto under_way = [](const Customer& one) { return one.is_under_way(); };
    while (!customers_.empty() && customers_.front().state() == Customer::State::gone)
      customers_.pop_front();
    const auto some = [&]() -> Customer& { return customers_[random_() % customers_.size()]; };
    switch (random_() % 16) {
      case 0:
      case 1:
      case 2:
      case 3:
        if (std::count_if(customers_.begin(), customers_.end(), under_way) <
            static_cast<std::ptrdiff_t>(most_customers))
          customers_.emplace_back().ask(reactor_, db, 0, served_);
        return;
      case 4:
      case 5:
      case 6:
        if (!customers_.empty()) some().leave();
        return;
      case 7:
      case 8:
        if (!customers_.empty()) some().cancel();
        return;
      case 9:
      case 10:
      case 11:
      case 12:
        return reactor_.spawn(query(db, statements_));
      case 13:
        return backend_.drop(1 + random_() % backend_.counts().connections);
      case 14:
        return backend_.drop(backend_.counts().connections);
      default:
        backend_.refuse_connections(random_() % 4 == 0);
    }
  }

  std::deque<Customer> customers_;  // outlive their tasks, as do the next two
  std::vector<int> served_;
  Statements statements_;
  std::mt19937_64 random_{seed()};
  Reactor reactor_;
  AnsweringBackend backend_{reactor_};
};

// Requirement: P13
TEST_F(PoolRandomWalk, KeepsThePoolsAccounts) {
  SCOPED_TRACE("PGREACTOR_SEED=" + std::to_string(seed()));
  DBConnector db(reactor_, options_for(backend_, connections));
  const auto turn = [] { return sleep_for(std::chrono::nanoseconds(0)); };
  const auto walk = [&]() -> Task<void> {
    co_await db.warm_up();
    for (std::size_t i = 0; i < steps; ++i) {
      step(db);
      // Without a connection it is time that has to pass, until the next attempt to connect.
      if (db.statistics().open == 0) co_await sleep_for(std::chrono::milliseconds(1));
      for (auto turns = random_() % 4; turns != 0; --turns) {
        co_await turn();
        check(db);
      }
      if (HasFailure()) co_return;
    }
    // Everybody goes, and the pool is as good as new.
    backend_.refuse_connections(false);
    for (Customer& one : customers_) one.leave();
    const auto all_gone = [&] {
      const PoolStatistics now = db.statistics();
      const bool nobody = std::none_of(customers_.begin(), customers_.end(),
                                       [](const Customer& one) { return one.is_under_way(); });
      return nobody && now.lent == 0 && now.waiting == 0 &&
             statements_.answered + statements_.lost == statements_.sent;
    };
    while (!all_gone()) co_await sleep_for(std::chrono::milliseconds(1));
    check(db);
    EXPECT_EQ(co_await db.execute("SELECT 1", fetch_val_as<int>), 1);
  };
  reactor_.run(with_timeout(time_for_all, walk()));
  EXPECT_EQ(backend_.counts().violations, 0u);
  // The walk went somewhere.
  EXPECT_GT(served_.size(), 20u);
  EXPECT_GT(statements_.answered, 20u);
  EXPECT_GT(statements_.lost, 0u);
  EXPECT_GT(db.statistics().closed, 3u);
}

}  // namespace
}  // namespace pgreactor::pool_testing
