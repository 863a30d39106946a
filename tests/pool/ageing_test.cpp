#include "src/pool/ageing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <pgreactor/pgreactor.hpp>
#include <set>
#include <utility>
#include <vector>

#include "tests/pool/patience.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"

// How old connections become, and how a pool parts from those that nobody needs.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using pool::Ageing;
using testing_support::AnsweringBackend;
using testing_support::CannedResult;

constexpr Ageing::TimePoint start{1h};

ConnectionOptions aged(std::chrono::milliseconds lifetime, std::chrono::milliseconds idle) {
  ConnectionOptions options;
  options.pool_max_lifetime = lifetime;
  options.pool_idle_timeout = idle;
  return options;
}

TEST(PoolAgeing, LivesEndFromNineTenthsToTheWholeAndNotTogether) {
  const Ageing ageing(aged(1000s, 0s));
  std::minstd_rand random(7);
  std::set<std::chrono::nanoseconds> lives;
  for (int i = 0; i < 1000; ++i) lives.insert(ageing.end_of_life(start, random) - start);
  EXPECT_GE(*lives.begin(), 900s);
  EXPECT_LT(*lives.begin(), 910s);
  EXPECT_LE(*lives.rbegin(), 1000s);
  EXPECT_GT(*lives.rbegin(), 990s);
  EXPECT_GT(lives.size(), 900u);
  EXPECT_EQ(Ageing(aged(0s, 1s)).end_of_life(start, random), Ageing::TimePoint::max());
}

TEST(PoolAgeing, OneIsReplacedInASecondOrATenthOfThePool) {
  for (const auto& [size, expected] : {std::pair{1, 1}, {19, 1}, {20, 2}, {50, 5}}) {
    Ageing ageing(aged(1s, 0s));
    int turns = 0;
    for (auto now = start; now < start + 10s; now += 10ms)
      if (ageing.take_turn(now, static_cast<std::size_t>(size))) ++turns;
    EXPECT_EQ(turns, 10 * expected) << size;
  }
}

TEST(PoolAgeing, IsIdleForTooLongFromTheTimeOnAndWithoutALimitNever) {
  const Ageing ageing(aged(0s, 10s));
  EXPECT_FALSE(ageing.is_idle_too_long(start + 9999ms, start));
  EXPECT_TRUE(ageing.is_idle_too_long(start + 10s, start));
  EXPECT_FALSE(Ageing(aged(1s, 0s)).is_idle_too_long(start + 100h, start));
}

TEST(PoolAgeing, IsLookedAtOftenEnoughForTheShorterTime) {
  EXPECT_FALSE(Ageing(aged(0s, 0s)).is_needed());
  EXPECT_EQ(Ageing(aged(30min, 10min)).interval(), 1s);
  EXPECT_EQ(Ageing(aged(0s, 2s)).interval(), 200ms);
  EXPECT_EQ(Ageing(aged(1s, 2s)).interval(), 100ms);
  EXPECT_EQ(Ageing(aged(20ms, 0s)).interval(), 10ms);
}

class PoolAges : public testing::Test {
 protected:
  PoolAges() { backend_.answer("COMMIT", CannedResult({}, {}, 0, "COMMIT")); }

  ConnectionOptions options(std::uint32_t least, std::uint32_t most) const {
    ConnectionOptions options = options_for(backend_, most);
    options.pool_min_conns = least;
    options.pool_max_lifetime = options.pool_idle_timeout = 0ms;
    return options;
  }
  template <class F>
  void run(const ConnectionOptions& options, F body) {
    DBConnector db(reactor_, options);
    const auto work = [&]() -> Task<void> {
      co_await db.warm_up();
      co_await body(db);
    };
    reactor_.run(with_timeout(patience, work()));
  }
  // Looks each turn until `retired` are gone; the fewest and the most that were open then.
  static Task<std::pair<std::size_t, std::size_t>> watch_until(DBConnector& db,
                                                               std::uint64_t retired) {
    std::size_t fewest = 1000, most = 0;
    while (db.statistics().retired < retired) {
      fewest = std::min(fewest, db.statistics().open);
      most = std::max(most, db.statistics().open + db.statistics().connecting);
      co_await sleep_for(1ms);
    }
    co_return std::pair(fewest, most);
  }
  static Task<void> until_open(DBConnector& db, std::size_t open) {
    while (db.statistics().open != open) co_await sleep_for(1ms);
  }

  Reactor reactor_;
  AnsweringBackend backend_{reactor_};
};

TEST_F(PoolAges, TheSuccessorOfTheLastIsOpenedFirst) {
  ConnectionOptions short_lived = options(1, 2);
  short_lived.pool_max_lifetime = 30ms;
  run(short_lived, [](DBConnector& db) -> Task<void> {
    const auto [fewest, most] = co_await watch_until(db, 2);
    EXPECT_EQ(fewest, 1u);
    EXPECT_LE(most, 2u);
    EXPECT_EQ(db.statistics().evicted, 0u);
    co_await db.execute("SELECT 1");
  });
}

TEST_F(PoolAges, AFullPoolHasOneLessForAMoment) {
  ConnectionOptions short_lived = options(2, 2);
  short_lived.pool_max_lifetime = 30ms;
  run(short_lived, [](DBConnector& db) -> Task<void> {
    const auto [fewest, most] = co_await watch_until(db, 2);
    EXPECT_GE(fewest, 1u);
    EXPECT_EQ(most, 2u);
    co_await until_open(db, 2);
  });
}

TEST_F(PoolAges, WhatIsLentEndsWhenItIsGivenBack) {
  ConnectionOptions short_lived = options(0, 1);
  short_lived.pool_max_lifetime = 20ms;
  run(short_lived, [](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    co_await sleep_for(60ms);  // longer than it may live
    co_await tx.execute("SELECT 1");
    EXPECT_EQ(db.statistics().lent, 1u);
    co_await tx.commit();
    co_await until_open(db, 0);
    EXPECT_EQ(db.statistics().retired, 1u);
  });
}

TEST_F(PoolAges, ThoseThatNobodyNeedsAreClosedDownToTheSmallestNumber) {
  ConnectionOptions shrinking = options(1, 4);
  shrinking.pool_idle_timeout = 20ms;
  run(shrinking, [](DBConnector& db) -> Task<void> {
    {
      const Transaction a = co_await db.begin(), b = co_await db.begin();
      const Transaction c = co_await db.begin(), d = co_await db.begin();
      EXPECT_EQ(db.statistics().lent, 4u);
    }
    co_await until_open(db, 1);
    EXPECT_GE(db.statistics().retired, 3u);
    const auto opened = db.statistics().opened;
    co_await sleep_for(60ms);  // the last one stays, however long nobody needs it
    EXPECT_EQ(db.statistics().open, 1u);
    EXPECT_EQ(db.statistics().opened, opened);
  });
}

TEST_F(PoolAges, OneThatIsUsedNowAndThenIsNotIdle) {
  ConnectionOptions shrinking = options(0, 1);
  shrinking.pool_idle_timeout = 1s;
  run(shrinking, [](DBConnector& db) -> Task<void> {
    const auto end = std::chrono::steady_clock::now() + 1500ms;
    while (std::chrono::steady_clock::now() < end) {
      co_await db.execute("SELECT 1");
      co_await sleep_for(10ms);
    }
    EXPECT_EQ(db.statistics().opened, 1u);
  });
}

// Else a host's loop would never return.
TEST_F(PoolAges, AClosedPoolLooksNoMore) {
  ConnectionOptions short_lived = options(1, 2);
  short_lived.pool_max_lifetime = short_lived.pool_idle_timeout = 20ms;
  run(short_lived, [](DBConnector& db) -> Task<void> {
    co_await db.close();
    co_await sleep_for(40ms);
    EXPECT_EQ(db.statistics().open, 0u);
    EXPECT_EQ(db.statistics().connecting, 0u);
  });
}

}  // namespace
}  // namespace pgreactor::pool_testing
