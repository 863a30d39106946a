#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <pgreactor/detail/ready_list.hpp>
#include <pgreactor/detail/task_context.hpp>
#include <pgreactor/task.hpp>
#include <stop_token>

#include "src/reactor/event_loop.hpp"

namespace pgreactor::net {

/// A task that nobody awaits: the one under Reactor::run, and each that was spawned. Owns its frame
/// and its context, and brings a stop requested on another thread over to the loop thread.
class RootTask : private detail::Resumable {
 public:
  static void launch(EventLoop& loop, Task<void> task, std::stop_token stop,
                     EventLoop::OnEnd on_end);
  ~RootTask();

 private:
  class Driver;
  // Shared with a stop callback that may run on another thread while this task ends.
  struct StopBridge {
    std::stop_source source;
  };
  struct ForwardStop {
    EventLoop* loop;
    std::shared_ptr<StopBridge> bridge;
    void operator()() const;
  };

  RootTask(EventLoop& loop, Task<void> task, std::stop_token stop, EventLoop::OnEnd on_end);
  static Driver drive(RootTask& self);
  void end() noexcept;

  EventLoop& loop_;
  std::size_t index_;  // where it stands in the loop's list
  EventLoop::OnEnd on_end_;
  std::shared_ptr<StopBridge> bridge_;
  detail::TaskContext context_;
  Task<void> task_;
  std::coroutine_handle<> driver_;
  std::exception_ptr failure_;
  std::optional<std::stop_callback<ForwardStop>> stop_callback_;
};

}  // namespace pgreactor::net
