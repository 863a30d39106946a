#pragma once
#include <stop_token>

namespace pgreactor {

class Reactor;

namespace detail {

class AmbientScope;

/// What a task hands down to every task that it awaits. It lives in the frame that set it up, which
/// outlives all that inherit it; thread_local could not serve, since tasks share a thread.
struct TaskContext {
  Reactor* reactor = nullptr;
  /// Fires on the loop thread only; tokens from elsewhere are bridged where the task starts.
  std::stop_token stop;
  /// The innermost transaction that this task runs in, if any.
  AmbientScope* ambient = nullptr;
};

}  // namespace detail
}  // namespace pgreactor
