#include "src/reactor/off_loop.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <iterator>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/in_child.hpp"

namespace pgreactor::net {
namespace {

using namespace std::chrono_literals;

TEST(OffLoop, RunsOnAnotherThreadAndBringsTheResultBack) {
  Reactor reactor;
  const auto work = [&]() -> Task<std::string> {
    const std::thread::id loop_thread = std::this_thread::get_id();
    const auto ran_on = co_await off_loop([] { return std::this_thread::get_id(); });
    EXPECT_NE(ran_on, loop_thread);
    EXPECT_EQ(std::this_thread::get_id(), loop_thread);
    int touched = 0;
    co_await off_loop([&touched] { touched = 1; });
    EXPECT_EQ(touched, 1);
    auto owning = [text = std::string("a text that is too long to be held inline")] {
      return text;
    };
    co_return co_await off_loop(owning);
  };
  EXPECT_EQ(reactor.run(work()), "a text that is too long to be held inline");
}

TEST(OffLoop, ItsExceptionLeavesTheAwait) {
  Reactor reactor;
  const auto work = []() -> Task<void> {
    co_await off_loop([] { throw std::out_of_range("off the loop"); });
  };
  EXPECT_THROW(reactor.run(work()), std::out_of_range);
}

// Work that goes on until the test lets it.
struct Held {
  std::promise<void> begun;
  std::promise<void> release;
};

TEST(OffLoop, AStopResumesAtOnceWhileTheWorkGoesOn) {
  Reactor reactor;
  auto held = std::make_shared<Held>();
  std::stop_source stop;
  auto work = [held] {
    held->begun.set_value();
    held->release.get_future().wait();
  };
  const auto wait = [&]() -> Task<void> { co_await off_loop(work); };
  std::jthread stopper([&] {
    held->begun.get_future().wait();
    stop.request_stop();
  });
  EXPECT_THROW(reactor.run(wait(), stop.get_token()), CancelledError);
  held->release.set_value();
}

TEST(OffLoop, DestroyedWhileRunningTheWorkIsAbandoned) {
  auto held = std::make_shared<Held>();
  std::jthread releaser;
  {
    Reactor reactor;
    auto work = [held] {
      held->begun.set_value();
      held->release.get_future().wait();
    };
    const auto wait = [&]() -> Task<void> { co_await off_loop(work); };
    reactor.spawn(wait());
    reactor.run([]() -> Task<void> { co_await sleep_for(0ns); }());
    held->begun.get_future().wait();
    releaser = std::jthread([held] { held->release.set_value(); });
    // The reactor ends here, and with it the waiting task; then it waits for the thread.
  }
  releaser.join();
  EXPECT_EQ(held.use_count(), 1) << "the work was not destroyed";
}

// Each waits for the other: neither keeps the other from running.
TEST(OffLoop, TwoRunAtATime) {
  Reactor reactor;
  auto held = std::make_shared<Held>();
  const auto first = [&]() -> Task<int> {
    auto work = [held] {
      held->begun.set_value();
      held->release.get_future().wait();
      return 1;
    };
    co_return co_await off_loop(work);
  };
  const auto second = [&]() -> Task<int> {
    auto work = [held] {
      held->begun.get_future().wait();
      held->release.set_value();
      return 2;
    };
    co_return co_await off_loop(work);
  };
  const auto both = [&]() -> Task<int> {
    const auto [one, two] = co_await when_all(first(), second());
    co_return one + two;
  };
  EXPECT_EQ(reactor.run(with_timeout(30s, both())), 3);
}

// Not the pool's, which are there already or come all at once.
TEST(OffLoop, OneAtATimeHasOneThreadOfItsOwn) {
  Reactor reactor;
  const auto threads = [] {
    const std::filesystem::directory_iterator all("/proc/self/task");
    return std::distance(begin(all), end(all));
  };
  const auto work = [&]() -> Task<void> {
    const auto before = threads();
    for (int i = 0; i < 3; ++i) {
      const auto during = co_await off_loop(threads);
      EXPECT_GT(during, before);
      EXPECT_LE(during, before + 2);  // the one before may be listed a moment longer
    }
  };
  reactor.run(work());
}

// Though the loop is its parent's, and libuv's threads are not there.
TEST(OffLoop, InAChildTheReactorsEndWaitsForTheWorkToo) {
  if (!testing_support::children_may_start_threads) GTEST_SKIP() << "not under ThreadSanitizer";
  auto reactor = std::make_unique<Reactor>();
  testing_support::Child child([&] {
    auto held = std::make_shared<Held>();
    const auto wait = [&]() -> Task<void> {
      auto work = [held] {
        held->begun.set_value();
        held->release.get_future().wait();
      };
      co_await off_loop(work);
    };
    reactor->spawn(wait());
    reactor->run([]() -> Task<void> { co_await sleep_for(0ns); }());
    held->begun.get_future().wait();
    std::jthread releaser([held] { held->release.set_value(); });
    reactor.reset();
    releaser.join();
    testing_support::require(held.use_count() == 1, "the work was not destroyed");
  });
  EXPECT_TRUE(child.succeeded());
}

}  // namespace
}  // namespace pgreactor::net
