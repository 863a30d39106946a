#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/task.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace pgreactor {
namespace {

Task<int> number(int value) { co_return value; }

Task<int> sum_down_from(int n) {
  if (n == 0) co_return 0;
  const int rest = co_await sum_down_from(n - 1);
  co_return n + rest;
}

Task<std::unique_ptr<std::string>> owned(std::string text) {
  co_return std::make_unique<std::string>(std::move(text));
}

Task<void> fail(std::string why) {
  throw std::runtime_error(why);
  co_return;
}

Task<void> set(bool& flag) {
  flag = true;
  co_return;
}

TEST(Task, ResultsTravelThroughNestedTasks) {
  Reactor reactor;
  EXPECT_EQ(reactor.run(number(7)), 7);
  EXPECT_EQ(reactor.run(sum_down_from(100)), 5050);
  EXPECT_EQ(*reactor.run(owned("moved, never copied")), "moved, never copied");
}

TEST(Task, ManyTasksThatEndAtOnceDoNotGrowTheStack) {
#if !defined(__clang__)
  GTEST_SKIP() << "g++ makes a tail call of a resumption from -O2 on only, and no macro tells";
#endif
  Reactor reactor;
  const auto many_steps = []() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 200'000; ++i) sum += co_await number(1);
    co_return sum;
  };
  EXPECT_EQ(reactor.run(many_steps()), 200'000);
}

TEST(Task, AnExceptionLeavesTheAwaitAndMayBeCaughtThere) {
  Reactor reactor;
  const auto catcher = []() -> Task<std::string> {
    try {
      co_await fail("inner");
    } catch (const std::runtime_error& error) {
      co_return std::string("caught ") + error.what();
    }
    co_return "not thrown";
  };
  EXPECT_EQ(reactor.run(catcher()), "caught inner");
}

TEST(Task, AnExceptionOfTheOutermostTaskLeavesRun) {
  Reactor reactor;
  EXPECT_THROW(reactor.run(fail("outermost")), std::runtime_error);
  EXPECT_EQ(reactor.run(number(1)), 1) << "the reactor runs on afterwards";
}

TEST(Task, NothingRunsBeforeItIsAwaited) {
  Reactor reactor;
  bool ran = false;
  Task<void> task = set(ran);
  EXPECT_FALSE(ran);
  reactor.run(std::move(task));
  EXPECT_TRUE(ran);
  EXPECT_FALSE(static_cast<bool>(task));  // NOLINT(bugprone-use-after-move)
}

TEST(Task, OneThatIsNeverAwaitedReleasesItsArguments) {
  auto held = std::make_shared<int>(1);
  const auto hold = [](std::shared_ptr<int> value) -> Task<int> { co_return *value; };
  {
    Task<int> task = hold(held);
    EXPECT_EQ(held.use_count(), 2);
    task = hold(held);
    EXPECT_EQ(held.use_count(), 2) << "assignment ends the frame before it";
  }
  EXPECT_EQ(held.use_count(), 1);
}

Task<const detail::TaskContext*> context_below(int levels) {
  if (levels == 0) co_return &co_await detail::CurrentContext{};
  co_return co_await context_below(levels - 1);
}

TEST(Task, TheContextIsHandedDownToEveryTaskBelow) {
  Reactor reactor;
  std::stop_source stop;
  const auto compare = [&]() -> Task<void> {
    const detail::TaskContext* own = &co_await detail::CurrentContext{};
    EXPECT_EQ(own->reactor, &reactor);
    EXPECT_TRUE(own->stop.stop_possible());
    EXPECT_EQ(co_await context_below(3), own);
  };
  reactor.run(compare(), stop.get_token());
}

TEST(Task, AContextThatWasSetIsNotReplacedByTheWaiters) {
  Reactor reactor;
  const auto compare = []() -> Task<void> {
    detail::TaskContext changed = co_await detail::CurrentContext{};
    Task<const detail::TaskContext*> task = context_below(2);
    task.frame().promise().set_context(&changed);
    EXPECT_EQ(co_await std::move(task), &changed);
  };
  reactor.run(compare());
}

}  // namespace
}  // namespace pgreactor
