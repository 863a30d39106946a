#include <gtest/gtest.h>
#include <uv.h>

#include <chrono>
#include <optional>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>

namespace pgreactor {
namespace {

using namespace std::chrono_literals;

class HostLoop : public testing::Test {
 protected:
  HostLoop() {
    EXPECT_EQ(uv_loop_init(&loop_), 0);
    reactor_.emplace(loop_);
  }
  void TearDown() override {
    reactor_.reset();
    run();  // the close callbacks
    EXPECT_EQ(uv_loop_close(&loop_), 0) << "the reactor left a handle on its host's loop";
  }
  int run() { return uv_run(&loop_, UV_RUN_DEFAULT); }

  uv_loop_t loop_{};
  std::optional<Reactor> reactor_;
};

TEST_F(HostLoop, AReactorWithNothingToDoDoesNotHoldIt) { EXPECT_EQ(run(), 0); }

TEST_F(HostLoop, SpawnedTasksRunToTheirEndInTheHostsOwnRun) {
  int steps = 0;
  const auto work = [&]() -> Task<void> {
    for (; steps < 3; ++steps) co_await sleep_for(1ms);
  };
  reactor_->spawn(work());
  run();
  EXPECT_EQ(steps, 3);
}

TEST_F(HostLoop, ADeadlineThatIsNoLongerNeededDoesNotHoldIt) {
  const auto work = []() -> Task<void> { co_await with_timeout(1h, sleep_for(1ms)); };
  reactor_->spawn(work());
  const auto before = std::chrono::steady_clock::now();
  run();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1min);
}

// Where ours has run before it, the loop must not fall asleep over what is queued.
TEST_F(HostLoop, ATaskSpawnedInAPrepareCallbackOfTheHostRunsBeforeTheLoopSleeps) {
  struct Host {
    std::optional<Reactor>& reactor;
    uv_loop_t& loop;
    bool ran = false;
    static Task<void> end(Host& self) {
      self.ran = true;
      uv_stop(&self.loop);
      co_return;
    }
  } host{reactor_, loop_};
  reactor_.reset();
  run();  // its handles close: a loop that still has any to close does not sleep
  bool overslept = false;
  uv_timer_t guard;  // keeps the loop alive, and ends it if the task does not
  uv_timer_init(&loop_, &guard);
  guard.data = &overslept;
  uv_timer_start(
      &guard,
      [](uv_timer_t* handle) {
        *static_cast<bool*>(handle->data) = true;
        uv_stop(handle->loop);
      },
      10'000, 0);
  uv_prepare_t prepare;
  uv_prepare_init(&loop_, &prepare);
  prepare.data = &host;
  uv_prepare_start(&prepare, [](uv_prepare_t* handle) {
    auto& self = *static_cast<Host*>(handle->data);
    self.reactor->spawn(Host::end(self));
    uv_prepare_stop(handle);
  });
  reactor_.emplace(loop_);  // libuv calls the handle that was started last first
  run();
  EXPECT_TRUE(host.ran);
  EXPECT_FALSE(overslept);
  uv_close(reinterpret_cast<uv_handle_t*>(&guard), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare), nullptr);
  run();
}

TEST_F(HostLoop, RunEndsWhenItsTaskHasEndedAndLeavesTheHostsHandlesAlone) {
  uv_timer_t forever;
  uv_timer_init(&loop_, &forever);
  uv_timer_start(&forever, [](uv_timer_t*) {}, 3'600'000, 0);
  const auto work = []() -> Task<int> {
    co_await sleep_for(1ms);
    co_return 3;
  };
  EXPECT_EQ(reactor_->run(work()), 3);
  EXPECT_NE(uv_is_active(reinterpret_cast<uv_handle_t*>(&forever)), 0);
  uv_close(reinterpret_cast<uv_handle_t*>(&forever), nullptr);
  run();
}

}  // namespace
}  // namespace pgreactor
