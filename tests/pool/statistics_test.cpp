#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <pgreactor/pgreactor.hpp>
#include <random>
#include <vector>

#include "src/pool/histogram.hpp"
#include "tests/pool/scripted_answers.hpp"
#include "tests/support/answering_backend.hpp"

// What a pool knows of how long its users wait, and how long they keep what they got.
namespace pgreactor::pool_testing {
namespace {

using namespace std::chrono_literals;
using pool::Histogram;
using testing_support::AnsweringBackend;
using testing_support::CannedResult;

TEST(Histogram, OfNothingIsNothing) {
  const Percentiles none = Histogram().percentiles();
  EXPECT_EQ(none.count, 0u);
  EXPECT_EQ(none.p99, 0ns);
  EXPECT_EQ(none.max, 0ns);
}

TEST(Histogram, OfOneTimeIsThatTime) {
  for (const std::chrono::nanoseconds took : std::vector<std::chrono::nanoseconds>{
           0ns, 1ns, 1us, 15us, 16us, 17us, 999us, 1ms, 1234567us, 3600'000'000us}) {
    Histogram histogram;
    histogram.add(took);
    EXPECT_EQ(histogram.percentiles().p50, took);
    EXPECT_EQ(histogram.percentiles().max, took);
  }
}

TEST(Histogram, AbsurdTimesAreCountedToo) {
  Histogram histogram;
  histogram.add(-5s);
  histogram.add(std::chrono::nanoseconds::max());
  EXPECT_EQ(histogram.percentiles().count, 2u);
  EXPECT_LE(histogram.percentiles().p50, 1us);
  EXPECT_EQ(histogram.percentiles().max, std::chrono::nanoseconds::max());
}

// Compared with the sorted list, over seven orders of magnitude.
TEST(Histogram, PercentilesAreAtMostAnEighthAndAMicrosecondTooHigh) {
  std::minstd_rand random(11);
  std::uniform_real_distribution<double> exponent(2, 9.9);
  for (const std::size_t count : {1u, 2u, 10u, 99u, 100u, 101u, 5000u}) {
    Histogram histogram;
    std::vector<std::chrono::nanoseconds> times;
    for (std::size_t i = 0; i < count; ++i) {
      times.emplace_back(static_cast<std::int64_t>(std::pow(10.0, exponent(random))));
      histogram.add(times.back());
    }
    std::sort(times.begin(), times.end());
    const auto exact = [&](std::size_t percent) { return times[(count * percent + 99) / 100 - 1]; };
    const Percentiles found = histogram.percentiles();
    for (const auto& [told, is] :
         {std::pair{found.p50, exact(50)}, {found.p90, exact(90)}, {found.p99, exact(99)}}) {
      EXPECT_GE(told, is) << count;
      EXPECT_LE(told, is + is / 8 + 1us) << count;
    }
    EXPECT_EQ(found.max, times.back());
    EXPECT_EQ(found.count, count);
  }
}

class PoolStatisticsOf : public testing::Test {
 protected:
  PoolStatisticsOf() { backend_.answer("COMMIT", CannedResult({}, {}, 0, "COMMIT")); }
  template <class F>
  void run(F body) {
    DBConnector db(reactor_, options_for(backend_, 1));
    reactor_.run(with_timeout(30s, body(db)));
  }
  Reactor reactor_;
  AnsweringBackend backend_{reactor_};
};

TEST_F(PoolStatisticsOf, HoldsLastFromTheHandOverToTheReturn) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    EXPECT_EQ(db.statistics().hold.count, 0u);
    co_await sleep_for(20ms);
    co_await tx.commit();
    EXPECT_EQ(db.statistics().hold.count, 1u);
    EXPECT_GE(db.statistics().hold.max, 20ms);
  });
}

TEST_F(PoolStatisticsOf, WaitsLastFromTheCallToTheHandOver) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("SELECT 1");
    Transaction held = co_await db.begin();
    const auto before = db.statistics().wait;
    EXPECT_EQ(before.count, 2u);
    const auto wait = [&]() -> Task<void> {
      Transaction tx = co_await db.begin();
      co_await tx.rollback();
    };
    const auto ask = [&]() -> Task<void> { co_await db.execute("SELECT 1"); };
    const auto give_back = [&]() -> Task<void> {
      co_await sleep_for(20ms);
      co_await held.rollback();
    };
    co_await when_all(wait(), ask(), give_back());
    EXPECT_EQ(db.statistics().wait.count, before.count + 2);
    EXPECT_GE(db.statistics().wait.max, 20ms);
    EXPECT_LT(db.statistics().wait.max, 10s);
  });
}

TEST_F(PoolStatisticsOf, StatementsThatNeedNotWaitAreNotCounted) {
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute("SELECT 1");
    for (int i = 0; i < 10; ++i) co_await db.execute("SELECT 1");
    EXPECT_EQ(db.statistics().wait.count, 1u);  // the first, for its connection
  });
}

}  // namespace
}  // namespace pgreactor::pool_testing
