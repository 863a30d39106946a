#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <pgreactor/blocking.hpp>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace pgreactor::blocking {
namespace {

using namespace std::chrono_literals;

Task<int> after(std::chrono::microseconds time, int value) {
  co_await sleep_for(time);
  co_return value;
}

Task<std::string> fail(std::string why) {
  co_await sleep_for(0ns);
  throw ConnectionError(why);
}

TEST(LoopThread, WaitGivesTheResultOrThrows) {
  LoopThread loop;
  EXPECT_EQ(loop.wait(after(100us, 3)), 3);
  loop.wait([]() -> Task<void> { co_await sleep_for(0ns); }());
  EXPECT_EQ(
      *loop.wait([]() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); }()), 5);
  try {
    loop.wait(fail("why"));
    FAIL() << "did not throw";
  } catch (const ConnectionError& error) {
    EXPECT_STREQ(error.what(), "why");
  }
}

TEST(LoopThread, CallMakesItsAwaitableOnTheLoopThread) {
  LoopThread loop;
  std::thread::id made_on;
  const auto make = [&] {
    made_on = std::this_thread::get_id();
    return after(0us, 7);
  };
  EXPECT_EQ(loop.call(make), 7);
  EXPECT_NE(made_on, std::this_thread::get_id());
  loop.call([] { return sleep_for(0ns); });  // any awaitable will do
  EXPECT_THROW(loop.call([]() -> Task<int> { throw std::logic_error("made badly"); }),
               std::logic_error);
}

TEST(LoopThread, ManyThreadsWaitAtOnce) {
  LoopThread loop;
  constexpr int threads = 8, rounds = 300;
  std::latch start(threads);
  std::atomic<int> mistakes = 0;
  {
    std::vector<std::jthread> waiters;
    waiters.reserve(threads);
    for (int thread = 0; thread < threads; ++thread) {
      waiters.emplace_back([&, thread] {
        start.arrive_and_wait();
        for (int i = 0; i < rounds; ++i) {
          const int value = thread * rounds + i;
          if (loop.wait(after((i % 3) * 10us, value)) != value) ++mistakes;
        }
      });
    }
  }
  EXPECT_EQ(mistakes, 0);
}

// Requirement: P6
TEST(LoopThread, OnItsOwnThreadItThrowsRatherThanDeadLocks) {
  LoopThread loop;
  const auto nested = [&]() -> Task<std::string> {
    try {
      loop.wait(after(0us, 1));
    } catch (const std::logic_error& error) {
      co_return error.what();
    }
    co_return "returned";
  };
  EXPECT_NE(loop.call(nested).find("would dead-lock"), std::string::npos);
}

TEST(LoopThread, DestructionStopsWhatRunsAndReleasesWhoWaits) {
  std::optional<LoopThread> loop(std::in_place);
  std::latch sleeping(4);
  std::atomic<int> cancelled = 0;
  const auto sleep = [&]() -> Task<void> {
    sleeping.count_down();
    co_await sleep_for(1h);
  };
  std::vector<std::jthread> waiters;
  waiters.reserve(4);
  for (int i = 0; i < 4; ++i) {
    waiters.emplace_back([&] {
      try {
        loop->wait(sleep());
      } catch (const CancelledError&) {
        ++cancelled;
      }
    });
  }
  sleeping.wait();
  loop.reset();
  waiters.clear();
  EXPECT_EQ(cancelled, 4);
}

TEST(LoopThread, ATaskMayTakeItsTimeToStop) {
  std::optional<LoopThread> loop(std::in_place);
  std::latch sleeping(1);
  const auto roll_back = [&]() -> Task<int> {
    sleeping.count_down();
    EXPECT_FALSE(co_await as_attempt(sleep_for(1h)));
    const detail::TaskContext quiet{(co_await detail::CurrentContext{}).reactor, {}, nullptr};
    Task<int> last = after(5ms, 9);
    last.frame().promise().set_context(&quiet);
    co_return co_await std::move(last);
  };
  auto result = std::async(std::launch::async, [&] { return loop->wait(roll_back()); });
  sleeping.wait();
  loop.reset();
  EXPECT_EQ(result.get(), 9);
}

TEST(LoopThread, ATaskThatIgnoresTheStopIsDestroyedInTheEnd) {
  std::optional<LoopThread> loop(std::in_place);
  std::latch sleeping(1);
  auto held = std::make_shared<int>();
  const auto ignore = [&](std::shared_ptr<int>) -> Task<void> {
    const detail::TaskContext quiet{(co_await detail::CurrentContext{}).reactor, {}, nullptr};
    Task<int> deaf = after(1h, 0);
    deaf.frame().promise().set_context(&quiet);
    sleeping.count_down();
    co_await std::move(deaf);
  };
  auto result = std::async(std::launch::async, [&] { loop->wait(ignore(held)); });
  sleeping.wait();
  loop.reset();
  EXPECT_THROW(result.get(), CancelledError);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace pgreactor::blocking
