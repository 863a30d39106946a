#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "src/reactor/event_loop.hpp"

namespace pgreactor {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

Task<void> sleep_then_note(std::chrono::milliseconds time, int number, std::vector<int>& notes) {
  co_await sleep_for(time);
  notes.push_back(number);
}

TEST(SleepFor, ResumesInTheOrderOfTheDeadlines) {
  Reactor reactor;
  std::vector<int> notes;
  const auto all = [&]() -> Task<void> {
    co_await when_all(sleep_then_note(30ms, 3, notes), sleep_then_note(10ms, 1, notes),
                      sleep_then_note(20ms, 2, notes));
  };
  reactor.run(all());
  EXPECT_THAT(notes, ElementsAre(1, 2, 3));
}

TEST(SleepFor, OfLessThanNoTimeYieldsOnce) {
  Reactor reactor;
  std::vector<int> notes;
  const auto all = [&]() -> Task<void> {
    const auto past = [&]() -> Task<void> {
      co_await sleep_for(std::chrono::nanoseconds::min());
      notes.push_back(0);
    };
    co_await when_all(sleep_then_note(10ms, 1, notes), past());
  };
  reactor.run(all());
  EXPECT_THAT(notes, ElementsAre(0, 1));
}

// The awaiter of the sleep lives as long as the expression that it stands in.
TEST(SleepFor, AStopBehindItsEndIsNothingToIt) {
  Reactor reactor;
  bool ended = false;
  const auto later = [&]() -> Task<int> {
    static_cast<void>(co_await as_attempt(sleep_for(1h)));
    ended = true;
    co_return 1;
  };
  const auto both = [&]() -> Task<int> { co_return (co_await sleep_for(1ms), co_await later()); };
  const auto all = [&]() -> Task<void> {
    EXPECT_EQ(co_await with_timeout(10ms, both()), 1);
    EXPECT_TRUE(ended);
  };
  reactor.run(all());
}

// An answer that only looking brings: no socket and no timer ever wakes the loop.
class SeenWhenLookedAt final : public net::BusyPolled {
 public:
  SeenWhenLookedAt(Reactor& reactor, int looks) : loop_(reactor.event_loop()), left_(looks) {
    loop_.add_busy_polled(*this, 1h);
  }
  ~SeenWhenLookedAt() { loop_.remove_busy_polled(*this); }

  class Wait {
   public:
    explicit Wait(SeenWhenLookedAt& answer) noexcept : answer_(&answer) {}
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> task) const noexcept {
      answer_->entry_.waiter = task;
      answer_->awaits_ = true;
    }
    void await_resume() const noexcept {}

   private:
    SeenWhenLookedAt* answer_;
  };
  Wait wait() noexcept { return Wait{*this}; }
  int left() const noexcept { return left_; }

 private:
  bool awaits() const noexcept override { return awaits_; }
  bool poll() noexcept override {
    if (--left_ != 0) return false;
    awaits_ = false;
    loop_.resume_later(entry_);
    return true;
  }

  net::EventLoop& loop_;
  detail::Resumable entry_;
  int left_;
  bool awaits_ = false;
};

TEST(BusyPoll, LooksForWhatIsAwaitedBeforeItSleeps) {
  Reactor reactor;
  SeenWhenLookedAt answer(reactor, 1000);
  const auto wait = [&]() -> Task<void> { co_await answer.wait(); };
  reactor.run(wait());
  EXPECT_EQ(answer.left(), 0);
}

TEST(BusyPoll, EndsWhenATimerIsDue) {
  Reactor reactor;
  SeenWhenLookedAt answer(reactor, std::numeric_limits<int>::max());
  const auto wait = [&]() -> Task<void> { co_await answer.wait(); };
  const auto nap = []() -> Task<int> {
    co_await sleep_for(5ms);
    co_return 1;
  };
  reactor.spawn(wait());
  EXPECT_EQ(reactor.run(nap()), 1);
}

TEST(SleepFor, IsNeverShort) {
  Reactor reactor;
  const auto measure = []() -> Task<void> {
    for (const auto time : {1us, 500us, 1500us, 2999us, 5000us}) {
      const auto before = std::chrono::steady_clock::now();
      co_await sleep_for(time);
      EXPECT_GE(std::chrono::steady_clock::now() - before, time);
    }
  };
  reactor.run(measure());
}

TEST(SleepFor, AStopEndsItWithCancelledError) {
  Reactor reactor;
  std::stop_source stop;
  const auto sleeper = [&]() -> Task<void> {
    reactor.post([&] { stop.request_stop(); });
    co_await sleep_for(1h);
  };
  EXPECT_THROW(reactor.run(sleeper(), stop.get_token()), CancelledError);
}

TEST(SleepFor, AfterAStopItDoesNotSleepAtAll) {
  Reactor reactor;
  std::stop_source stop;
  stop.request_stop();
  const auto sleeper = []() -> Task<void> { co_await sleep_for(1h); };
  EXPECT_THROW(reactor.run(sleeper(), stop.get_token()), CancelledError);
}

TEST(SleepFor, TheLongestDurationIsForEver) {
  Reactor reactor;
  std::stop_source stop;
  const auto sleeper = [&]() -> Task<void> {
    reactor.post([&] { stop.request_stop(); });
    co_await sleep_for(std::chrono::nanoseconds::max());
  };
  EXPECT_THROW(reactor.run(sleeper(), stop.get_token()), CancelledError);
}

// A task that polls something must not keep what it polls for from happening.
TEST(SleepFor, ZeroLetsTheRestOfTheLoopHaveItsTurn) {
  Reactor reactor;
  bool posted = false;
  int turns = 0;
  const auto poll = [&]() -> Task<void> {
    reactor.post([&] { posted = true; });
    for (; !posted && turns < 100; ++turns) co_await sleep_for(0ns);
  };
  reactor.run(poll());
  EXPECT_TRUE(posted);
  EXPECT_LT(turns, 100);
}

TEST(Spawn, RunsBesideTheTaskThatSpawnedIt) {
  Reactor reactor;
  std::vector<int> notes;
  const auto spawner = [&]() -> Task<void> {
    reactor.spawn(sleep_then_note(0ms, 2, notes));
    notes.push_back(1);
    co_await sleep_for(10ms);
    notes.push_back(3);
  };
  reactor.run(spawner());
  EXPECT_THAT(notes, ElementsAre(1, 2, 3));
}

TEST(Spawn, ManyTasksEndInAnyOrder) {
  Reactor reactor;
  constexpr int count = 1000;
  std::vector<int> notes;
  const auto spawner = [&]() -> Task<void> {
    for (int i = 0; i < count; ++i) reactor.spawn(sleep_then_note((i * 7 % 5) * 1ms, i, notes));
    while (notes.size() < count) co_await sleep_for(1ms);
  };
  reactor.run(spawner());
  std::sort(notes.begin(), notes.end());
  for (int i = 0; i < count; ++i) ASSERT_EQ(notes[static_cast<std::size_t>(i)], i);
}

TEST(Spawn, AStopReachesTheSpawnedTask) {
  Reactor reactor;
  std::stop_source stop;
  bool cancelled = false;
  const auto sleeper = [&]() -> Task<void> { cancelled = !co_await as_attempt(sleep_for(1h)); };
  const auto spawner = [&]() -> Task<void> {
    reactor.spawn(sleeper(), stop.get_token());
    co_await sleep_for(0ns);
    stop.request_stop();
    co_await sleep_for(0ns);
  };
  reactor.run(spawner());
  EXPECT_TRUE(cancelled);
}

TEST(Spawn, AnExceptionThatLeavesItEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto thrower = []() -> Task<void> {
    throw std::runtime_error("out of a spawned task");
    co_return;
  };
  EXPECT_DEATH(
      {
        Reactor reactor;
        reactor.spawn(thrower());
        reactor.run([]() -> Task<void> { co_await sleep_for(1s); }());
      },
      "out of a spawned task");
}

TEST(Reactor, DestroysTheTasksThatAreStillRunning) {
  auto held = std::make_shared<int>();
  const auto hold = [](std::shared_ptr<int>) -> Task<void> { co_await sleep_for(1h); };
  const auto hold_two = [](std::shared_ptr<int> value, auto& inner) -> Task<void> {
    co_await when_all(inner(value), with_timeout(1h, inner(value)));
  };
  {
    Reactor reactor;
    reactor.spawn(hold(held));
    reactor.spawn(hold_two(held, hold));
    reactor.run([]() -> Task<void> { co_await sleep_for(1ms); }());
    EXPECT_GT(held.use_count(), 1);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Reactor, PostedWorkRunsInOrderOnTheLoopThread) {
  Reactor reactor;
  std::vector<int> notes;
  for (int i = 0; i < 3; ++i) {
    reactor.post([&, i] {
      EXPECT_TRUE(reactor.on_loop_thread());
      notes.push_back(i);
    });
  }
  reactor.run([](std::vector<int>& seen) -> Task<void> {
    while (seen.size() < 3) co_await sleep_for(0ns);
  }(notes));
  EXPECT_THAT(notes, ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace pgreactor
