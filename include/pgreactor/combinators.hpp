#pragma once
#include <array>
#include <chrono>
#include <optional>
#include <pgreactor/attempt.hpp>
#include <pgreactor/detail/child_task.hpp>
#include <pgreactor/reactor.hpp>
#include <stop_token>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace pgreactor {
namespace detail {

/// A context whose stop is its own, and follows the stop of the context it comes from.
class PGREACTOR_API StoppableScope {
 public:
  explicit StoppableScope(const TaskContext& outer) : context_(outer) {
    context_.stop = source_.get_token();
    if (outer.stop.stop_possible()) follow_.emplace(outer.stop, Forward{&source_});
  }
  StoppableScope(const StoppableScope&) = delete;
  StoppableScope& operator=(const StoppableScope&) = delete;

  const TaskContext& context() const noexcept { return context_; }
  void request_stop() noexcept { source_.request_stop(); }

 private:
  struct Forward {
    std::stop_source* source;
    void operator()() const noexcept { source->request_stop(); }
  };
  std::stop_source source_;
  TaskContext context_;
  std::optional<std::stop_callback<Forward>> follow_;
};

/// Remembers which child ended first, and stops the others.
class FirstToEnd final : public ChildObserver {
 public:
  explicit FirstToEnd(StoppableScope& scope) noexcept : scope_(scope) {}
  void on_child_end(std::size_t index) noexcept override {
    if (first_) return;
    first_ = index;
    scope_.request_stop();
  }
  std::size_t first() const noexcept { return *first_; }

 private:
  StoppableScope& scope_;
  std::optional<std::size_t> first_;
};

/// Requests the scope's stop when time is up.
class PGREACTOR_API Deadline : private TimerEntry {
 public:
  Deadline(StoppableScope& scope, std::chrono::nanoseconds duration);
  bool passed() const noexcept { return passed_; }

 private:
  static void on_due(TimerEntry& entry) noexcept;
  StoppableScope& scope_;
  bool passed_ = false;
};

[[noreturn]] PGREACTOR_API void throw_timed_out(std::chrono::nanoseconds duration,
                                                const Error& cancelled);

template <class... Results, std::size_t... I>
std::tuple<typename Results::Stored...> take_all(std::tuple<Results...>& results,
                                                 std::index_sequence<I...>) {
  // braces: evaluated in order, so the first failure in argument order is the one thrown
  return std::tuple<typename Results::Stored...>{std::get<I>(results).take()...};
}

template <class... As, class... Results, std::size_t... I>
std::array<ChildTask, sizeof...(As)> children_of(std::tuple<As&...> awaitables,
                                                 std::tuple<Results...>& results,
                                                 std::index_sequence<I...>) {
  return {run_child(std::get<I>(awaitables), std::get<I>(results))...};
}

template <class Variant, class... Results, std::size_t... I>
Variant take_one(std::tuple<Results...>& results, std::size_t which, std::index_sequence<I...>) {
  std::optional<Variant> taken;
  ((which == I
        ? static_cast<void>(taken.emplace(std::in_place_index<I>, std::get<I>(results).take()))
        : static_cast<void>(0)),
   ...);
  return std::move(*taken);
}

}  // namespace detail

/// Runs all at once and waits until all have ended: a tuple of their values, std::monostate for
/// void. Errors  the first failure in argument order, after all have ended; none is stopped for it.
template <class... As>
  requires(sizeof...(As) > 0 && (detail::Awaitable<As> && ...))
auto when_all(As... awaitables)
    -> Task<std::tuple<typename detail::ChildResult<detail::AwaitResult<As>>::Stored...>> {
  static_assert((detail::SafeInAwait<As> && ...), "await classes with a constructor");
  std::tuple<detail::ChildResult<detail::AwaitResult<As>>...> results;
  auto children =
      detail::children_of(std::tie(awaitables...), results, std::index_sequence_for<As...>{});
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  co_await detail::StartAndJoin(children, context, nullptr);
  co_return detail::take_all(results, std::index_sequence_for<As...>{});
}

/// The same for any number of one type: their values in order.
template <class A>
  requires detail::Awaitable<A>
auto when_all(std::vector<A> awaitables)
    -> Task<std::vector<typename detail::ChildResult<detail::AwaitResult<A>>::Stored>> {
  using Yielded = detail::ChildResult<detail::AwaitResult<A>>;
  std::vector<Yielded> results(awaitables.size());
  std::vector<detail::ChildTask> children;
  children.reserve(awaitables.size());
  for (std::size_t i = 0; i < awaitables.size(); ++i)
    children.push_back(detail::run_child(awaitables[i], results[i]));
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  co_await detail::StartAndJoin(children, context, nullptr);
  std::vector<typename Yielded::Stored> values;
  values.reserve(results.size());
  for (Yielded& result : results) values.push_back(result.take());
  co_return values;
}

/// Runs all at once; the first to end, with a value or an exception, decides. The others are
/// stopped and awaited before this resumes, so nothing of them runs on.
/// Shape  a variant whose index() is the position of the winner.
template <class... As>
  requires(sizeof...(As) > 0 && (detail::Awaitable<As> && ...))
auto when_any(As... awaitables)
    -> Task<std::variant<typename detail::ChildResult<detail::AwaitResult<As>>::Stored...>> {
  static_assert((detail::SafeInAwait<As> && ...), "await classes with a constructor");
  using Winner = std::variant<typename detail::ChildResult<detail::AwaitResult<As>>::Stored...>;
  std::tuple<detail::ChildResult<detail::AwaitResult<As>>...> results;
  detail::StoppableScope scope(co_await detail::CurrentContext{});  // outlives the children
  auto children =
      detail::children_of(std::tie(awaitables...), results, std::index_sequence_for<As...>{});
  detail::FirstToEnd first(scope);
  co_await detail::StartAndJoin(children, scope.context(), &first);
  co_return detail::take_one<Winner>(results, first.first(), std::index_sequence_for<As...>{});
}

/// Gives `awaitable` this long, then stops it and waits for it to end.
/// Units   monotonic time from the moment of the co_await.
/// Errors  TimeoutError when time was up first, with the outcome of what was stopped.
template <class A>
  requires detail::Awaitable<A>
auto with_timeout(std::chrono::nanoseconds duration, A awaitable)
    -> Task<std::remove_cvref_t<detail::AwaitResult<A>>> {
  static_assert(detail::SafeInAwait<A>, "await a class with a constructor");
  detail::ChildResult<detail::AwaitResult<A>> result;
  detail::StoppableScope scope(co_await detail::CurrentContext{});  // outlives the child
  std::array<detail::ChildTask, 1> child{detail::run_child(awaitable, result)};
  detail::Deadline deadline(scope, duration);
  co_await detail::StartAndJoin(child, scope.context(), nullptr);
  if (deadline.passed() && result.failure() != nullptr) {
    try {
      result.take();
    } catch (const CancelledError& cancelled) {
      detail::throw_timed_out(duration, cancelled);
    }
  }
  if constexpr (std::is_void_v<detail::AwaitResult<A>>) {
    result.take();
  } else {
    co_return result.take();
  }
}

}  // namespace pgreactor
