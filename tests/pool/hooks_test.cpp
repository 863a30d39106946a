#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"

// What a pool calls in the life of its connections.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::AnsweringBackend;
using testing_support::CannedResult;

class PoolHooksOf : public testing::Test {
 protected:
  PoolHooksOf() { backend_.answer("COMMIT", CannedResult({}, {}, 0, "COMMIT")); }
  template <class F>
  void run(const PoolHooks& hooks, std::uint32_t connections, F body) {
    DBConnector db(reactor_, options_for(backend_, connections));
    db.set_hooks(hooks);
    reactor_.run(with_timeout(30s, body(db)));
  }
  // Notes each call as a word and the connection's number.
  PoolHooks noting(std::vector<std::string>& calls) {
    const auto note = [&calls](const char* word) {
      return
          [&calls, word](std::uint64_t number) { calls.push_back(word + std::to_string(number)); };
    };
    PoolHooks hooks;
    hooks.on_acquire(note("acquire ")).on_release(note("release ")).on_close(note("close "));
    return hooks;
  }
  Reactor reactor_;
  AnsweringBackend backend_{reactor_};
};

TEST_F(PoolHooksOf, ANewConnectionIsPreparedBeforeAnybodyGetsIt) {
  std::vector<std::string> order;
  PoolHooks hooks;
  hooks.on_connect([&](Executor& fresh) -> Task<void> {
    co_await fresh.execute("SET search_path = shop");
    EXPECT_EQ(co_await fresh.execute("SELECT 1", fetch_val_as<int>), 1);
    order.emplace_back("prepared");
  });
  run(hooks, 1, [&](DBConnector& db) -> Task<void> {
    co_await db.execute("SELECT 1");
    order.emplace_back("asked");
    co_await db.execute("SELECT 1");
    order.emplace_back("asked");
  });
  EXPECT_THAT(order, ElementsAre("prepared", "asked", "asked"));
}

TEST_F(PoolHooksOf, OneThatCouldNotBePreparedIsNotUsed) {
  PoolHooks hooks;
  hooks.on_connect([](Executor& fresh) -> Task<void> {
    co_await fresh.execute("SELECT 1");
    throw QueryError("no such role");
  });
  run(hooks, 1, [&](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 2"));
    if (attempt) co_return ADD_FAILURE() << "it was used";
    EXPECT_NE(dynamic_cast<const ConnectionError*>(&attempt.error()), nullptr);
    EXPECT_EQ(attempt.error().outcome(), Outcome::not_sent);
    EXPECT_THAT(attempt.error().what(), HasSubstr("the hook for a new connection to "));
    EXPECT_THAT(attempt.error().what(), HasSubstr("no such role"));
    EXPECT_EQ(db.statistics().opened, 0u);
    EXPECT_GE(db.statistics().failed_connects, 1u);
  });
  EXPECT_EQ(backend_.counts().executes, backend_.counts().connections) << "the hook's alone";
}

TEST_F(PoolHooksOf, AHookThatLeavesATransactionOpenHasFailed) {
  PoolHooks hooks;
  hooks.on_connect([](Executor& fresh) -> Task<void> { co_await fresh.execute("BEGIN"); });
  run(hooks, 1, [&](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
    if (attempt) co_return ADD_FAILURE() << "it was used";
    EXPECT_THAT(attempt.error().what(), HasSubstr("left a transaction open"));
  });
}

TEST_F(PoolHooksOf, AHookThatThrowsAtOnceHasFailed) {
  PoolHooks hooks;
  hooks.on_connect([](Executor&) -> Task<void> { throw std::runtime_error("not today"); });
  run(hooks, 1, [&](DBConnector& db) -> Task<void> {
    const auto attempt = co_await as_attempt(db.execute("SELECT 1"));
    if (attempt) co_return ADD_FAILURE() << "it was used";
    EXPECT_THAT(attempt.error().what(), HasSubstr("not today"));
  });
}

TEST_F(PoolHooksOf, APoolMayEndWhileItsHookRuns) {
  bool began = false;
  PoolHooks hooks;
  hooks.on_connect([&](Executor& fresh) -> Task<void> {
    began = true;
    for (;;) {
      static_cast<void>(co_await as_attempt(sleep_for(1ms)));
      co_await fresh.execute("SELECT 1");
    }
  });
  const auto body = [&]() -> Task<void> {
    DBConnector db(reactor_, options_for(backend_, 1));
    db.set_hooks(hooks);
    const auto ask = [&]() -> Task<void> {
      static_cast<void>(co_await as_attempt(db.execute("SELECT 1")));
    };
    const auto wait = [&]() -> Task<void> {
      while (!began) co_await sleep_for(1ms);
    };
    co_await when_any(ask(), wait());
  };
  reactor_.run(with_timeout(30s, body()));
  const auto rest = []() -> Task<void> { co_await sleep_for(20ms); };
  reactor_.run(rest());  // what is left of the hook ends
  EXPECT_TRUE(began);
}

TEST_F(PoolHooksOf, LendingGivingBackAndClosingAreTold) {
  std::vector<std::string> calls;
  run(noting(calls), 1, [&](DBConnector& db) -> Task<void> {
    co_await db.execute("SELECT 1");  // shares it
    EXPECT_THAT(calls, ElementsAre());
    {
      Transaction tx = co_await db.begin();
      EXPECT_THAT(calls, ElementsAre("acquire 1"));
      co_await tx.commit();
    }
    EXPECT_THAT(calls, ElementsAre("acquire 1", "release 1"));
    co_await db.close();
    co_await sleep_for(1ms);
    EXPECT_THAT(calls, ElementsAre("acquire 1", "release 1", "close 1"));
  });
  EXPECT_EQ(calls.size(), 3u) << "once";
}

TEST_F(PoolHooksOf, AHolderThatPausesIsToldOfOnceAPause) {
  std::vector<IdleHolder> pauses;
  PoolHooks hooks;
  hooks.on_idle_holder([&](const IdleHolder& holder) { pauses.push_back(holder); }, 30ms);
  run(hooks, 2, [&](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await tx.execute("SELECT 1");
    while (pauses.empty()) co_await sleep_for(1ms);
    EXPECT_EQ(pauses.at(0).connection, 1u);
    EXPECT_GE(pauses.at(0).idle, 30ms);
    EXPECT_THAT(pauses.at(0).holder.file_name(), testing::EndsWith("hooks_test.cpp"));
    co_await sleep_for(100ms);
    EXPECT_EQ(pauses.size(), 1u) << "the same pause";
    co_await tx.execute("SELECT 1");
    while (pauses.size() < 2) co_await sleep_for(1ms);
    co_await tx.commit();
    co_await sleep_for(100ms);
    EXPECT_EQ(pauses.size(), 2u) << "idle in the pool";
  });
}

TEST_F(PoolHooksOf, AHolderMayPauseForTheLongestTimeThereIs) {
  std::size_t told = 0;
  PoolHooks hooks;
  hooks.on_idle_holder([&](const IdleHolder&) { ++told; }, std::chrono::milliseconds::max());
  ConnectionOptions options = options_for(backend_, 1);
  options.pool_idle_timeout = 100ms;  // so that it is looked at every 10
  DBConnector db(reactor_, options);
  db.set_hooks(hooks);
  const auto body = [&]() -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await sleep_for(50ms);
    co_await tx.commit();
  };
  reactor_.run(with_timeout(30s, body()));
  EXPECT_EQ(told, 0u);
}

TEST_F(PoolHooksOf, ThePoolsEndClosesAll) {
  std::vector<std::string> calls;
  run(noting(calls), 1, [&](DBConnector& db) -> Task<void> { co_await db.execute("SELECT 1"); });
  EXPECT_THAT(calls, ElementsAre("close 1"));
}

TEST_F(PoolHooksOf, AreNotChangedOnceThePoolIsUsed) {
  run(PoolHooks(), 1, [](DBConnector& db) -> Task<void> {
    co_await db.execute("SELECT 1");
    EXPECT_THROW(db.set_hooks(PoolHooks()), ConfigurationError);
  });
}

}  // namespace
}  // namespace pgreactor::pool_testing
