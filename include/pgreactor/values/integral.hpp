#pragma once
#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace pgreactor::detail {

template <class T, class... Others>
concept OneOf = (std::same_as<T, Others> || ...);

/// An integer that means a number: characters and bool do not.
template <class T>
concept Integer = std::integral<T> && sizeof(T) <= 8 && std::same_as<T, std::remove_cv_t<T>> &&
                  !OneOf<T, bool, char, wchar_t, char8_t, char16_t, char32_t>;

/// The unsigned integer with the bits of a float or a double.
template <std::floating_point F>
using BitsOf = std::conditional_t<sizeof(F) == 4, std::uint32_t, std::uint64_t>;

/// |value| without overflow at the least signed value.
template <Integer T>
constexpr std::uint64_t magnitude_of(T value) noexcept {
  const auto bits = static_cast<std::uint64_t>(value);
  if constexpr (std::is_signed_v<T>) return value < 0 ? std::uint64_t{0} - bits : bits;
  return bits;
}

/// Does F hold this integer exactly? 64 bits never leave the exponent range of a float.
template <std::floating_point F, Integer T>
constexpr bool is_exact_in(T value) noexcept {
  const std::uint64_t magnitude = magnitude_of(value);
  if (magnitude == 0) return true;
  const auto significant =
      static_cast<int>(std::bit_width(magnitude)) - std::countr_zero(magnitude);
  return significant <= std::numeric_limits<F>::digits;
}

}  // namespace pgreactor::detail
