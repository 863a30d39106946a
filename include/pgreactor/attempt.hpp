#pragma once
#include <cassert>
#include <exception>
#include <optional>
#include <pgreactor/detail/awaitable.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/task.hpp>
#include <type_traits>
#include <utility>

namespace pgreactor {

/// What came of an operation: a value, or an Error that was not thrown. No co_await may stand in a
/// handler, so code that goes on asynchronously after a failure asks for one of these.
template <class T>
class [[nodiscard]] Attempt {
 public:
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  explicit Attempt(Stored value) : value_(std::move(value)) {}
  explicit Attempt(std::exception_ptr thrown, const Error& error)
      : thrown_(std::move(thrown)), error_(&error) {}

  explicit operator bool() const noexcept { return value_.has_value(); }
  /// The value; throws the Error when there is none.
  Stored& value() & {
    if (thrown_) std::rethrow_exception(thrown_);
    return *value_;
  }
  Stored value() && { return std::move(value()); }
  /// What was thrown; null when nothing was.
  const std::exception_ptr& thrown() const noexcept { return thrown_; }
  /// The error of a failed attempt, valid as long as that; ask a successful one for value() only.
  const Error& error() const noexcept {
    assert(error_ != nullptr && "the attempt succeeded");
    return *error_;
  }

 private:
  std::optional<Stored> value_;
  std::exception_ptr thrown_;  // owns what error_ points to
  const Error* error_ = nullptr;
};

/// Awaits `awaitable` and gives its value or its Error without throwing. What is not an Error (a
/// bad_alloc, an exception of the application) is thrown on.
template <class A>
  requires detail::Awaitable<A>
Task<Attempt<std::remove_cvref_t<detail::AwaitResult<A>>>> as_attempt(A awaitable) {
  using Yielded = std::remove_cvref_t<detail::AwaitResult<A>>;
  try {
    if constexpr (std::is_void_v<Yielded>) {
      co_await std::move(awaitable);
      co_return Attempt<Yielded>{std::monostate{}};
    } else {
      co_return Attempt<Yielded>{co_await std::move(awaitable)};
    }
  } catch (const Error& error) {
    co_return Attempt<Yielded>{std::current_exception(), error};
  }
}

}  // namespace pgreactor
