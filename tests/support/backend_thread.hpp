#pragma once
#include <cstdint>
#include <optional>
#include <pgreactor/blocking.hpp>
#include <pgreactor/task.hpp>
#include <string>
#include <utility>

#include "src/reactor/endpoint.hpp"

namespace pgreactor::testing_support {

/// A ScriptedBackend or an AnsweringBackend on a thread and a loop of its own.
template <class Backend>
class BackendThread {
 public:
  /// `arguments` are those of Backend after its reactor.
  template <class... Arguments>
  explicit BackendThread(Arguments&&... arguments) {
    on_loop([&] { backend_.emplace(loop_.reactor(), std::forward<Arguments>(arguments)...); });
  }
  ~BackendThread() {
    on_loop([&] { backend_.reset(); });
  }

  /// Never changes, and so may be asked from anywhere.
  std::string host() const { return backend_->host(); }
  std::uint16_t port() const noexcept { return backend_->port(); }
  net::Endpoint endpoint() const { return backend_->endpoint(); }

  /// Calls `function(backend)` on its thread and returns what that returns.
  template <class F>
  auto with_backend(F function) {
    return on_loop([&] { return function(*backend_); });
  }

 private:
  template <class F>
  auto on_loop(F function) {
    const auto task = [&]() -> Task<decltype(function())> { co_return function(); };
    return loop_.call(task);
  }

  blocking::LoopThread loop_;
  std::optional<Backend> backend_;
};

}  // namespace pgreactor::testing_support
