#pragma once
#include <exception>
#include <memory>
#include <optional>
#include <pgreactor/attempt.hpp>
#include <pgreactor/db_connector.hpp>
#include <pgreactor/detail/awaitable.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <pgreactor/sql.hpp>
#include <pgreactor/statement.hpp>
#include <pgreactor/task.hpp>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// The engine's calls for hosts without coroutines: each gives what it came to to a handler.
namespace pgreactor {

/// What was begun with a handler, to be given up if it is no longer wanted. Dropping it changes
/// nothing. Owner  the caller's; may be copied, and outlive the call.
class AsyncCall {
 public:
  /// Stops what is under way; the handler then gets a CancelledError, unless it has ended before.
  /// From any thread, as long as the reactor lives.
  void cancel() noexcept { stop_.request_stop(); }

  /// For the library.
  std::stop_token token() const noexcept { return stop_.get_token(); }

 private:
  std::stop_source stop_;
};

namespace detail {

/// What is no Error of ours as one, for a handler to look at: nobody knows what had been done.
[[noreturn]] inline void throw_as_error(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& other) {
    throw QueryError(other.what(), Outcome::unknown);
  } catch (...) {
    throw QueryError("an exception of an unknown type", Outcome::unknown);
  }
}

template <class T>
Attempt<T> attempt_that_threw(const std::exception_ptr& thrown) {
  try {
    throw_as_error(thrown);
  } catch (const Error& error) {
    return Attempt<T>{std::current_exception(), error};
  }
}

/// Text is copied, for the host's may be gone when the loop turns; a null pointer is SQL NULL.
template <class T>
auto own(T&& value) {
  using Plain = std::decay_t<T>;
  if constexpr (TextPointer<T>) {
    return value == nullptr ? std::optional<std::string>() : std::optional<std::string>(value);
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    return std::string(std::string_view(value));
  } else {
    return Plain(std::forward<T>(value));
  }
}
template <class T>
using Owned = decltype(own(std::declval<T>()));

template <class T>
inline constexpr bool is_params = false;
template <class... Held>
inline constexpr bool is_params<Params<Held...>> = true;

/// A statement and its values, kept until the loop turns.
template <class Source, class... Values>
class OwnedStatement {
 public:
  OwnedStatement(Executor& executor, Source source, std::tuple<Values...> values)
      : executor_(executor), source_(std::move(source)), values_(std::move(values)) {}
  auto operator()() {
    return std::apply([&](auto&... each) { return executor_.execute(source_, each...); }, values_);
  }

 private:
  Executor& executor_;
  Source source_;
  std::tuple<Values...> values_;
};

/// Work and the handler of its result, in a task of their own.
template <class Work, class Handler>
class HandledWork {
 public:
  using Awaited = std::invoke_result_t<Work&>;
  using Value = std::remove_cvref_t<AwaitResult<Awaited>>;
  static_assert(std::is_nothrow_invocable_v<Handler&, Attempt<Value>>,
                "the handler takes an Attempt of the call's result, and is noexcept: nothing "
                "above it could catch what it throws");

  HandledWork(Work work, Handler handler) : work_(std::move(work)), handler_(std::move(handler)) {}

  static Task<void> run(std::unique_ptr<HandledWork> self) {
    auto task = attempt(*self);
    self->handler_(co_await std::move(task));
  }

 private:
  static Task<Attempt<Value>> attempt(HandledWork& self) {
    try {
      auto awaitable = self.work_();
      auto result = as_attempt(std::move(awaitable));
      co_return co_await std::move(result);
    } catch (...) {
      co_return attempt_that_threw<Value>(std::current_exception());
    }
  }

  Work work_;
  Handler handler_;
};

template <class Source, class Arguments, std::size_t... I>
AsyncCall execute_with_handler(DBConnector& db, Executor& executor, Source source,
                               Arguments arguments, std::index_sequence<I...>);

}  // namespace detail

/// Calls `work()` at the loop's next turn, awaits what that returns, and gives it to the handler.
///
///   pg::async_call(db, [&db] { return db.begin(); },
///                  [](pg::Attempt<pg::Transaction> begun) noexcept { ... });
///   pg::async_call(db, [&tx] { return tx.commit(); },
///                  [](pg::Attempt<void> done) noexcept { ... });
///
/// Shape   the handler is called once, on the loop's thread, never from within this call; not at
///         all when the reactor ends first.
/// Errors  all in the Attempt. What is no Error of this library becomes a QueryError with its
///         words and the outcome unknown. Here only std::bad_alloc: then nothing was begun.
/// Owner   called on the loop's thread; work and handler are kept until the handler has returned.
template <class Work, class Handler>
AsyncCall async_call(DBConnector& db, Work work, Handler handler) {
  using Handled = detail::HandledWork<Work, Handler>;
  AsyncCall call;
  db.reactor().spawn(Handled::run(std::make_unique<Handled>(std::move(work), std::move(handler))),
                     call.token());
  return call;
}

/// As Executor::execute, with the handler as the last argument.
///
///   pg::async_execute(db, "SELECT name FROM users WHERE id = $1", id, pg::fetch_row,
///                     [](pg::Attempt<std::optional<pg::Row>> row) noexcept { ... });
///
/// Owner   values are copied or moved in, text too. Errors  as async_call().
template <class... Arguments>
AsyncCall async_execute(DBConnector& db, Sql sql, Arguments&&... arguments) {
  return detail::execute_with_handler(db, db, std::move(sql),
                                      std::forward_as_tuple(std::forward<Arguments>(arguments)...),
                                      std::make_index_sequence<sizeof...(Arguments) - 1>());
}
/// The same within a transaction of that connector, which must live until the handler is called.
template <class... Arguments>
AsyncCall async_execute_in(DBConnector& db, Transaction& transaction, Sql sql,
                           Arguments&&... arguments) {
  return detail::execute_with_handler(db, transaction, std::move(sql),
                                      std::forward_as_tuple(std::forward<Arguments>(arguments)...),
                                      std::make_index_sequence<sizeof...(Arguments) - 1>());
}

template <class Source, class Arguments, std::size_t... I>
AsyncCall detail::execute_with_handler(DBConnector& db, Executor& executor, Source source,
                                       Arguments arguments, std::index_sequence<I...>) {
  static_assert((!is_params<std::remove_cvref_t<std::tuple_element_t<I, Arguments>>> && ...),
                "params() may refer to values that are gone by then: pass the values themselves");
  using Owner = OwnedStatement<Source, Owned<std::tuple_element_t<I, Arguments>>...>;
  return async_call(db,
                    Owner(executor, std::move(source),
                          std::tuple<Owned<std::tuple_element_t<I, Arguments>>...>(
                              own(std::get<I>(std::move(arguments)))...)),
                    std::decay_t<std::tuple_element_t<sizeof...(I), Arguments>>(
                        std::get<sizeof...(I)>(std::move(arguments))));
}

}  // namespace pgreactor
