#pragma once
#include <concepts>
#include <cstddef>
#include <pgreactor/values/codec.hpp>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pgreactor {

/// A member of a struct and the column it takes its value from; made by member().
template <class Struct, class Member>
class MappedMember {
 public:
  using Type = Member;
  constexpr MappedMember(std::string_view name, Member Struct::* pointer) noexcept
      : name_(name), pointer_(pointer) {}
  constexpr std::string_view name() const noexcept { return name_; }
  constexpr Member& in(Struct& value) const noexcept { return value.*pointer_; }
  constexpr const Member& in(const Struct& value) const noexcept { return value.*pointer_; }

 private:
  std::string_view name_;
  Member Struct::* pointer_;
};

template <class Struct, class Member>
constexpr MappedMember<Struct, Member> member(std::string_view name,
                                              Member Struct::* pointer) noexcept {
  return {name, pointer};
}
template <class... Members>
constexpr std::tuple<Members...> members(Members... each) noexcept {
  return {each...};
}

class NotMapped {};

/// How a struct of the application's is made of named columns: rows by name (row.as<User>()), and
/// composite types in this order. Said once, outside every namespace:
///
///   template <>
///   inline constexpr auto pgreactor::mapping<User> =
///       pgreactor::members(pgreactor::member("id", &User::id),
///                          pgreactor::member("name", &User::name));
///
/// The struct needs a default constructor; names are literals.
template <class T>
inline constexpr NotMapped mapping{};

template <class T>
concept Mapped = !std::same_as<std::remove_cvref_t<decltype(mapping<T>)>, NotMapped>;

namespace detail {

template <Mapped T>
inline constexpr std::size_t mapped_members =
    std::tuple_size_v<std::remove_cvref_t<decltype(mapping<T>)>>;

/// Calls `visit(member, index)` for each member of a mapping in order.
template <Mapped T, class Visit>
constexpr void each_mapped(const Visit& visit) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(std::get<I>(mapping<T>), I), ...);
  }(std::make_index_sequence<mapped_members<T>>{});
}

template <class... Members>
constexpr bool any_keeps_view(std::type_identity<std::tuple<Members...>>) noexcept {
  return (keeps_view<typename Members::Type> || ...);
}

}  // namespace detail

template <Mapped T>
inline constexpr bool keeps_view<T> =
    detail::any_keeps_view(std::type_identity<std::remove_cvref_t<decltype(mapping<T>)>>{});

}  // namespace pgreactor
