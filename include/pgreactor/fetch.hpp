#pragma once
#include <chrono>
#include <optional>
#include <pgreactor/detail/parameters.hpp>
#include <pgreactor/result.hpp>
#include <tuple>
#include <utility>

namespace pgreactor {

/// Which part of a statement's answer is wanted; the type of co_await follows from it.
class FetchAll {};   ///< Result
class FetchRow {};   ///< std::optional<Row>: the first row, the rest is dropped
class FetchDict {};  ///< std::optional<Dict>
class FetchVal {};   ///< Scalar: first column of the first row
template <class T>
class FetchValAs {};  ///< T; std::optional<T> where there may be none
template <class T>
class FetchAllAs {};  ///< std::vector<T> of a mapped struct, see Row::as
template <class T>
class FetchRowAs {};  ///< std::optional<T> of a mapped struct: the first row, the rest is dropped

inline constexpr FetchAll fetch_all{};
inline constexpr FetchRow fetch_row{};
inline constexpr FetchDict fetch_dict{};
inline constexpr FetchVal fetch_val{};
template <class T>
inline constexpr FetchValAs<T> fetch_val_as{};
template <class T>
inline constexpr FetchAllAs<T> fetch_all_as{};
template <class T>
inline constexpr FetchRowAs<T> fetch_row_as{};

/// How long one statement may take, from its co_await on; made by timeout().
class Timeout {
 public:
  explicit constexpr Timeout(std::chrono::nanoseconds duration) noexcept : duration_(duration) {}
  constexpr std::chrono::nanoseconds duration() const noexcept { return duration_; }

 private:
  std::chrono::nanoseconds duration_;
};
/// Units  any chrono duration; one that is used up already (0 or less) lets nothing be sent.
/// Errors  the statement throws TimeoutError when it is over.
constexpr Timeout timeout(std::chrono::nanoseconds duration) noexcept { return Timeout{duration}; }

/// How long the server may work on one statement; made by server_timeout().
class ServerTimeout {
 public:
  explicit constexpr ServerTimeout(std::chrono::nanoseconds duration) noexcept
      : duration_(duration) {}
  constexpr std::chrono::nanoseconds duration() const noexcept { return duration_; }

 private:
  std::chrono::nanoseconds duration_;
};
/// The server ends the statement by itself, so that it needs no cancelling and the connection goes
/// on: its statement_timeout is set for that statement alone, in the same round trip.
/// Units   any chrono duration; the server counts whole milliseconds, so it is rounded up.
/// Limits  not for what cannot run in a transaction block, such as VACUUM, and not for a stream.
/// Errors  the statement throws TimeoutError when it is over, with the server's report: 57014,
/// which
///         is also what pg_cancel_backend() ends it by.
constexpr ServerTimeout server_timeout(std::chrono::nanoseconds duration) noexcept {
  return ServerTimeout{duration};
}

/// The values of a statement's parameters in order; made by params().
template <class... Held>
class Params {
 public:
  explicit Params(std::tuple<Held...> values) : values_(std::move(values)) {}
  std::tuple<Held...> take() && { return std::move(values_); }
  const std::tuple<Held...>& values() const& noexcept { return values_; }

 private:
  std::tuple<Held...> values_;
};

/// `params(id, "name")`: lvalues other than small plain ones are referred to and must live until
/// the statement is awaited; temporaries are kept.
template <class... Values>
auto params(Values&&... values) {
  return Params<detail::Hold<Values>...>{
      std::tuple<detail::Hold<Values>...>{detail::Hold<Values>(std::forward<Values>(values))...}};
}

}  // namespace pgreactor
