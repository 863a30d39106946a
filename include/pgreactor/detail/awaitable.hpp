#pragma once
#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

namespace pgreactor::detail {

template <class T>
concept HasMemberAwait = requires(T&& value) { std::forward<T>(value).operator co_await(); };

template <HasMemberAwait T>
decltype(auto) awaiter_of(T&& awaitable) {
  return std::forward<T>(awaitable).operator co_await();
}
template <class T>
  requires(!HasMemberAwait<T>)
T&& awaiter_of(T&& awaiter) {
  return std::forward<T>(awaiter);
}

/// What `co_await` accepts.
template <class T>
concept Awaitable = requires(T&& value) {
  { awaiter_of(std::forward<T>(value)).await_ready() } -> std::convertible_to<bool>;
  awaiter_of(std::forward<T>(value)).await_resume();
};

/// What `co_await` of it yields.
template <Awaitable T>
using AwaitResult = decltype(awaiter_of(std::declval<T>()).await_resume());

/// g++ 12 destroys some temporaries of a co_await expression twice: aggregates with non-trivial
/// members and closures with by-value captures that have a destructor. Arguments of awaitable
/// functions are held to this on every compiler, so that code written with one builds with all.
template <class T>
concept SafeInAwait =
    std::is_lvalue_reference_v<T> || std::is_trivially_copyable_v<std::remove_cvref_t<T>> ||
    !std::is_aggregate_v<std::remove_cvref_t<T>>;

/// The same for callables: an lvalue, or a closure that captures by reference or trivially. Where
/// this fails: name the lambda first, then pass the name.
template <class F>
concept SafeCallable =
    std::is_lvalue_reference_v<F> || std::is_trivially_copyable_v<std::remove_cvref_t<F>>;

}  // namespace pgreactor::detail
