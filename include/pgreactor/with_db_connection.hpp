#pragma once
#include <functional>
#include <optional>
#include <pgreactor/db_connector.hpp>
#include <pgreactor/detail/awaitable.hpp>
#include <pgreactor/retry.hpp>
#include <pgreactor/transaction.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pgreactor {

namespace detail {

/// f(connection, arguments...), or for a member function object.f(connection, arguments...).
template <class F, class... Arguments>
decltype(auto) call_with_connection(F& f, auto& connection, Arguments&... arguments) {
  if constexpr (std::is_member_function_pointer_v<F>) {
    return std::apply(
        [&](auto& self, auto&... rest) -> decltype(auto) {
          return std::invoke(f, self, connection, rest...);
        },
        std::forward_as_tuple(arguments...));
  } else {
    return std::invoke(f, connection, arguments...);
  }
}

}  // namespace detail

/// What with_db_connection() makes of a function: the same without its first argument.
template <class F>
class WithDbConnection {
 public:
  WithDbConnection(DBConnector& db, std::optional<RetryPolicy> policy, TransactionOptions options,
                   F f)
      : db_(&db), policy_(policy), options_(options), f_(std::move(f)) {}

  /// Owner  lvalues are referred to and must live until the task has ended; temporaries are kept.
  template <class... Arguments>
  auto operator()(Arguments&&... arguments) const {
    static_assert((detail::SafeInAwait<Arguments&&> && ...),
                  "g++ 12 destroys such temporaries of a co_await twice: name the value first");
    return run(*db_, policy_, options_, f_,
               std::tuple<Arguments...>(std::forward<Arguments>(arguments)...));
  }

 private:
  template <class... Arguments>
  using Returned = decltype(detail::call_with_connection(
      std::declval<F&>(), std::declval<Transaction&>(), std::declval<Arguments&>()...));

  template <class... Arguments>
  static Returned<Arguments...> run(DBConnector& db, std::optional<RetryPolicy> policy,
                                    TransactionOptions options, F f,
                                    std::tuple<Arguments...> arguments) {
    const auto body = [&f, &arguments](Transaction& connection) {
      return std::apply(
          [&](auto&... each) { return detail::call_with_connection(f, connection, each...); },
          arguments);
    };
    if (policy) co_return co_await db.transaction(*policy, body);
    co_return co_await db.transaction(options, body);
  }

  DBConnector* db_;
  std::optional<RetryPolicy> policy_;
  TransactionOptions options_;
  F f_;
};

/// Wraps a function, a lambda or a member function that takes a connection first: the wrapped one
/// takes the rest, and runs it in a transaction that is committed when it returns and rolled back
/// when it throws.
///
///   pg::Task<int> process(pg::Transaction& conn, int id);
///   const auto process_data = pg::with_db_connection(db, process);
///   int result = co_await process_data(7);
///
///   const auto method = pg::with_db_connection(db, &Service::process);
///   co_await method(service, 7);
///
/// Within another transaction of that connector, in the same task, it is a savepoint of that.
/// Errors  what the function threw; or those of Transaction::commit.
/// Owner   the connector outlives what is returned; that outlives no task that it gave.
template <class F>
auto with_db_connection(DBConnector& db, F f) {
  return WithDbConnection<F>(db, std::nullopt, TransactionOptions(), std::move(f));
}
/// The same in a transaction of that kind: requires_new() has it commit by itself.
template <class F>
auto with_db_connection(DBConnector& db, TransactionOptions options, F f) {
  return WithDbConnection<F>(db, std::nullopt, options, std::move(f));
}
/// The same, and runs the whole function again after the failures that the policy names.
template <class F>
auto with_db_connection(DBConnector& db, RetryPolicy policy, F f) {
  return WithDbConnection<F>(db, policy, TransactionOptions(), std::move(f));
}

}  // namespace pgreactor
