#pragma once
#include <bit>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <pgreactor/vocabulary/decoded.hpp>
#include <string_view>
#include <system_error>
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

/// Reads the decimal text of an integer column into 64 bits, unsigned for xid8 alone.
template <OneOf<std::int64_t, std::uint64_t> T>
DecodeError parse_integer(std::string_view text, T& value) noexcept {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error == std::errc::result_out_of_range) return DecodeError::out_of_range;
  if (error != std::errc{} || stop != end) return DecodeError::invalid;
  return DecodeError::none;
}

}  // namespace pgreactor::detail
