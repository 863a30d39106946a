#pragma once
#include <chrono>
#include <pgreactor/execution.hpp>
#include <pgreactor/fetch.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

// Sorts the arguments of execute() into values, fetch mode and clauses, at compile time.
namespace pgreactor::detail {

template <class T>
struct IsMode : std::false_type {};
template <>
struct IsMode<FetchAll> : std::true_type {};
template <>
struct IsMode<FetchRow> : std::true_type {};
template <>
struct IsMode<FetchDict> : std::true_type {};
template <>
struct IsMode<FetchVal> : std::true_type {};
template <class T>
struct IsMode<FetchValAs<T>> : std::true_type {};
template <class T>
struct IsMode<FetchAllAs<T>> : std::true_type {};
template <class T>
struct IsMode<FetchRowAs<T>> : std::true_type {};

template <class T>
inline constexpr bool is_mode = IsMode<std::remove_cvref_t<T>>::value;
template <class T>
inline constexpr bool is_timeout = std::is_same_v<std::remove_cvref_t<T>, Timeout>;
template <class T>
inline constexpr bool is_server_timeout = std::is_same_v<std::remove_cvref_t<T>, ServerTimeout>;

template <class... Arguments>
struct FirstMode {
  using type = FetchAll;
};
template <class First, class... Rest>
struct FirstMode<First, Rest...> {
  using type = std::conditional_t<is_mode<First>, std::remove_cvref_t<First>,
                                  typename FirstMode<Rest...>::type>;
};
template <class... Arguments>
  requires(((is_mode<Arguments> ? 1 : 0) + ... + 0) <= 1)
using ModeOf = typename FirstMode<Arguments...>::type;

/// The values of one argument: those within params() and tuples, none of a clause.
template <class T>
auto values_of_one(T&& argument) {
  if constexpr (is_mode<T> || is_timeout<T> || is_server_timeout<T>) {
    return std::tuple<>{};
  } else {
    return std::tuple<Hold<T>>{Hold<T>(std::forward<T>(argument))};
  }
}
template <class... Held>
auto values_of_one(Params<Held...>&& values) {
  return std::move(values).take();
}
template <class... Held>
auto values_of_one(const Params<Held...>& values) {
  return values.values();
}
template <class... Held>
auto values_of_one(Params<Held...>& values) {
  return values.values();
}
template <class... Ts>
auto values_of_one(std::tuple<Ts...>&& values) {
  return std::apply(
      [](Ts&... each) { return std::tuple<Hold<Ts>...>{Hold<Ts>(std::move(each))...}; }, values);
}
template <class... Ts>
auto values_of_one(const std::tuple<Ts...>& values) {
  return std::apply(
      [](const Ts&... each) { return std::tuple<Hold<const Ts&>...>{Hold<const Ts&>(each)...}; },
      values);
}
template <class... Ts>
auto values_of_one(std::tuple<Ts...>& values) {
  return values_of_one(std::as_const(values));
}

template <class... Arguments>
auto values_of(Arguments&&... arguments) {
  return std::tuple_cat(values_of_one(std::forward<Arguments>(arguments))...);
}

template <class... Arguments>
std::chrono::nanoseconds timeout_of(const Arguments&... arguments) noexcept {
  std::chrono::nanoseconds timeout = no_timeout;
  [[maybe_unused]] const auto look = [&timeout](const auto& argument) {
    if constexpr (is_timeout<decltype(argument)>) timeout = argument.duration();
  };
  (look(arguments), ...);
  return timeout;
}

template <class... Arguments>
std::chrono::nanoseconds server_timeout_of(const Arguments&... arguments) noexcept {
  std::chrono::nanoseconds timeout{0};
  const auto look = [&timeout](const auto& argument) {
    if constexpr (is_server_timeout<decltype(argument)>) timeout = argument.duration();
  };
  (look(arguments), ...);
  return timeout;
}

template <class Mode, class Source, class... Held>
auto make_execution(Executor& executor, Source source, std::tuple<Held...> values,
                    std::chrono::nanoseconds timeout) {
  return Execution<Source, Mode, Held...>{executor, std::move(source), std::move(values), timeout};
}

}  // namespace pgreactor::detail
