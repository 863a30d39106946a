#include <gtest/gtest.h>

#include <chrono>
#include <latch>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <stop_token>
#include <thread>
#include <vector>

namespace pgreactor {
namespace {

using namespace std::chrono_literals;

TEST(Post, WorkOfManyThreadsArrivesWholeAndInTheOrderOfEach) {
  Reactor reactor;
  constexpr int threads = 8, posts = 2000;
  std::vector<int> seen(threads, 0);  // touched by the loop thread alone
  int total = 0;
  bool in_order = true;
  std::latch start(threads);
  std::vector<std::jthread> posters;
  posters.reserve(threads);
  for (int thread = 0; thread < threads; ++thread) {
    posters.emplace_back([&, thread] {
      start.arrive_and_wait();
      for (int i = 0; i < posts; ++i) {
        reactor.post([&, thread, i] {
          int& count = seen[static_cast<std::size_t>(thread)];
          in_order = in_order && count == i;
          ++count;
          ++total;
        });
      }
    });
  }
  const auto wait = [&]() -> Task<void> {
    while (total < threads * posts) co_await sleep_for(100us);
  };
  reactor.run(with_timeout(60s, wait()));
  EXPECT_TRUE(in_order);
}

TEST(Post, WakesALoopThatSleeps) {
  Reactor reactor;
  std::stop_source stop;
  std::jthread poster;
  const auto sleep = [&]() -> Task<void> {
    poster = std::jthread([&] { reactor.post([&] { stop.request_stop(); }); });
    co_await sleep_for(1h);
  };
  EXPECT_THROW(reactor.run(sleep(), stop.get_token()), CancelledError);
}

TEST(Stop, FromAnotherThreadItArrivesOnTheLoopThread) {
  for (int round = 0; round < 200; ++round) {
    Reactor reactor;
    std::stop_source stop;
    std::thread::id resumed_on;
    std::latch running(1);
    std::jthread stopper([&] {
      running.wait();
      stop.request_stop();
    });
    const auto sleep = [&]() -> Task<void> {
      running.count_down();
      const auto slept = co_await as_attempt(when_all(sleep_for(1h), sleep_for(1h)));
      EXPECT_FALSE(slept);
      resumed_on = std::this_thread::get_id();
    };
    reactor.run(sleep(), stop.get_token());
    EXPECT_EQ(resumed_on, std::this_thread::get_id());
  }
}

// The task ends by itself while the stop is on its way: neither may touch what the other has freed.
TEST(Stop, MayRaceTheEndOfTheTask) {
  for (int round = 0; round < 500; ++round) {
    Reactor reactor;
    std::stop_source stop;
    std::latch running(1);
    std::jthread stopper([&] {
      running.wait();
      stop.request_stop();
    });
    const auto end = [&]() -> Task<void> {
      running.count_down();
      co_return;
    };
    reactor.run(end(), stop.get_token());
    stopper.join();
  }
}

TEST(Reactor, MayBeMadeOnOneThreadAndRunOnAnother) {
  Reactor reactor;
  std::stop_source stop;
  std::latch running(1);
  std::jthread loop([&] {
    const auto sleep = [&]() -> Task<void> {
      running.count_down();
      EXPECT_FALSE(co_await as_attempt(sleep_for(1h)));
    };
    reactor.run(sleep(), stop.get_token());
  });
  running.wait();
  EXPECT_FALSE(reactor.on_loop_thread());
  stop.request_stop();
}

}  // namespace
}  // namespace pgreactor
