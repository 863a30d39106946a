#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <new>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <stop_token>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace pgreactor {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Task<int> after(std::chrono::milliseconds time, int value) {
  co_await sleep_for(time);
  co_return value;
}

Task<int> fail_after(std::chrono::milliseconds time, std::string why) {
  co_await sleep_for(time);
  throw ConnectionError(why);
}

// Ends when it is stopped, and takes a while to: what a rollback does.
Task<int> slow_to_stop(bool& ended) {
  const auto slept = co_await as_attempt(sleep_for(1h));
  if (slept) co_return 0;
  for (int turn = 0; turn < 5; ++turn) {
    Task<void> unstoppable = []() -> Task<void> { co_await sleep_for(1ms); }();
    const detail::TaskContext quiet{(co_await detail::CurrentContext{}).reactor, {}, nullptr};
    unstoppable.frame().promise().set_context(&quiet);
    co_await std::move(unstoppable);
  }
  ended = true;
  throw CancelledError("stopped at last");
}

template <class F>
auto run(F& make) {
  Reactor reactor;
  return reactor.run(make());
}

TEST(WhenAll, GivesTheValuesInOrderWhateverEndsFirst) {
  const auto work = []() -> Task<void> {
    const auto [slow, fast, none] = co_await when_all(after(5ms, 1), after(1ms, 2), sleep_for(1ms));
    EXPECT_EQ(slow, 1);
    EXPECT_EQ(fast, 2);
    static_assert(std::is_same_v<decltype(none), const std::monostate>);
    std::vector<Task<int>> many;
    many.reserve(5);
    for (int i = 0; i < 5; ++i) many.push_back(after((5 - i) * 1ms, i));
    EXPECT_THAT(co_await when_all(std::move(many)), testing::ElementsAre(0, 1, 2, 3, 4));
    EXPECT_TRUE((co_await when_all(std::vector<Task<int>>())).empty());
  };
  run(work);
}

TEST(WhenAll, ThrowsTheFirstFailureInArgumentOrderOnceAllHaveEnded) {
  bool last_ended = false;
  const auto last = [&]() -> Task<void> {
    co_await sleep_for(10ms);
    last_ended = true;
  };
  const auto work = [&]() -> Task<std::string> {
    const auto attempt =
        co_await as_attempt(when_all(fail_after(5ms, "first"), fail_after(0ms, "second"), last()));
    co_return attempt ? "succeeded" : attempt.error().what();
  };
  EXPECT_EQ(run(work), "first");
  EXPECT_TRUE(last_ended);
}

TEST(WhenAny, TheFirstValueWins) {
  const auto work = []() -> Task<void> {
    const auto winner = co_await when_any(after(1h, 1), after(1ms, 2), fail_after(1h, "late"));
    EXPECT_EQ(winner.index(), 1u);
    EXPECT_EQ(std::get<1>(winner), 2);
  };
  run(work);
}

TEST(WhenAny, AnExceptionWinsAsAValueDoes) {
  const auto work = []() -> Task<std::string> {
    const auto attempt = co_await as_attempt(when_any(after(1h, 1), fail_after(1ms, "early")));
    co_return attempt ? "succeeded" : attempt.error().what();
  };
  EXPECT_EQ(run(work), "early");
}

TEST(WhenAny, TheLosersAreStoppedAndAwaited) {
  bool ended = false;
  const auto work = [&]() -> Task<void> {
    const auto winner = co_await when_any(slow_to_stop(ended), after(1ms, 2));
    EXPECT_EQ(winner.index(), 1u);
    EXPECT_TRUE(ended) << "the loser still ran when when_any had resumed";
  };
  run(work);
}

TEST(WhenAny, OneThatEndsAtOnceStopsThoseThatHaveNotBegun) {
  const auto at_once = []() -> Task<int> { co_return 1; };
  const auto work = [&]() -> Task<void> {
    const auto winner = co_await when_any(at_once(), after(1h, 2));
    EXPECT_EQ(winner.index(), 0u);
  };
  run(work);
}

TEST(WhenAny, AStopOfTheParentPassesOn) {
  Reactor reactor;
  std::stop_source stop;
  const auto work = [&]() -> Task<void> {
    reactor.post([&] { stop.request_stop(); });
    co_await when_any(after(1h, 1), when_all(after(1h, 2), after(1h, 3)));
  };
  EXPECT_THROW(reactor.run(work(), stop.get_token()), CancelledError);
}

TEST(WithTimeout, GivesTheValueWhenThereIsTime) {
  const auto work = []() -> Task<void> {
    EXPECT_EQ(co_await with_timeout(1h, after(1ms, 5)), 5);
    co_await with_timeout(std::chrono::nanoseconds::max(), sleep_for(1ms));
  };
  run(work);
}

TEST(WithTimeout, ThrowsTimeoutErrorOnceTheTaskHasEnded) {
  bool ended = false;
  const auto work = [&]() -> Task<std::string> {
    const auto attempt = co_await as_attempt(with_timeout(2ms, slow_to_stop(ended)));
    EXPECT_TRUE(ended);
    EXPECT_NE(dynamic_cast<const TimeoutError*>(&attempt.error()), nullptr);
    co_return attempt.error().what();
  };
  EXPECT_THAT(run(work), HasSubstr("after 2 ms: stopped at last"));
}

TEST(WithTimeout, AnExceptionWithinTheTimeIsThrownAsItIs) {
  const auto work = []() -> Task<std::string> {
    const auto attempt = co_await as_attempt(with_timeout(1h, fail_after(1ms, "own reason")));
    co_return attempt ? "succeeded" : attempt.error().what();
  };
  EXPECT_EQ(run(work), "own reason");
}

TEST(WithTimeout, AStopOfTheParentIsNoTimeout) {
  Reactor reactor;
  std::stop_source stop;
  const auto work = [&]() -> Task<void> {
    reactor.post([&] { stop.request_stop(); });
    co_await with_timeout(1h, after(1h, 1));
  };
  EXPECT_THROW(reactor.run(work(), stop.get_token()), CancelledError);
}

TEST(WithTimeout, TheInnermostOfTwoDecides) {
  const auto work = []() -> Task<std::string> {
    const auto attempt = co_await as_attempt(with_timeout(1h, with_timeout(1ms, after(1h, 1))));
    co_return attempt ? "succeeded" : attempt.error().what();
  };
  EXPECT_THAT(run(work), HasSubstr("after 1 ms"));
}

// Destroys a reactor while everything below is suspended, one turn later each time.
TEST(Combinators, MayBeDestroyedAtAnyPoint) {
  auto held = std::make_shared<int>();
  const auto hold = [](std::shared_ptr<int>) -> Task<int> {
    for (int i = 0; i < 5; ++i) co_await sleep_for(0ns);
    co_return 1;
  };
  const auto all = [&]() -> Task<void> {
    co_await when_any(with_timeout(1h, hold(held)), when_all(hold(held), hold(held)));
    static_cast<void>(co_await as_attempt(when_any(hold(held), sleep_for(1h))));
  };
  for (int turns = 0; turns < 20; ++turns) {
    {
      Reactor reactor;
      reactor.spawn(all());
      const auto wait = [](int left) -> Task<void> {
        for (; left > 0; --left) co_await sleep_for(0ns);
      };
      reactor.run(wait(turns));
    }
    ASSERT_EQ(held.use_count(), 1) << "leaked when destroyed after " << turns << " turns";
  }
}

TEST(AsAttempt, GivesTheValueOrTheError) {
  const auto work = []() -> Task<void> {
    auto good = co_await as_attempt(after(1ms, 4));
    EXPECT_TRUE(good);
    EXPECT_EQ(good.value(), 4);
    auto bad = co_await as_attempt(fail_after(1ms, "why"));
    EXPECT_FALSE(bad);
    EXPECT_STREQ(bad.error().what(), "why");
    EXPECT_EQ(bad.error().outcome(), Outcome::not_sent);
    EXPECT_THROW(bad.value(), ConnectionError);
  };
  run(work);
}

TEST(AsAttempt, WhatIsNotAnErrorOfOursIsThrownOn) {
  const auto exhausted = []() -> Task<void> {
    throw std::bad_alloc();
    co_return;
  };
  const auto work = [&]() -> Task<void> { static_cast<void>(co_await as_attempt(exhausted())); };
  EXPECT_THROW(run(work), std::bad_alloc);
}

}  // namespace
}  // namespace pgreactor
