#pragma once
#include <algorithm>
#include <bit>
#include <cassert>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <pgreactor/values/integral.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <string>
#include <string_view>

namespace pgreactor::detail {

/// digits * 10^exponent, without zeros at the end of the digits.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

/// A finite value above zero in decimal: with `precision` digits, or the fewest that read back as
/// the same value when `precision` is 0.
template <std::floating_point F>
Decimal decimal_of(F value, int precision) noexcept {
  char text[32];
  char* const limit = text + sizeof(text);
  const auto [end, error] =
      precision == 0
          ? std::to_chars(text, limit, value, std::chars_format::scientific)
          : std::to_chars(text, limit, value, std::chars_format::scientific, precision - 1);
  assert(error == std::errc{});
  Decimal result;
  const char* at = text;  // "d.ddde+dd"
  int decimals = 0;
  for (; *at != 'e'; ++at) {
    if (*at == '.') continue;
    result.digits = result.digits * 10 + static_cast<std::uint64_t>(*at - '0');
    ++decimals;
  }
  at += at[1] == '+' ? 2 : 1;
  std::from_chars(at, end, result.exponent);
  result.exponent -= decimals - 1;
  for (; result.digits % 10 == 0; result.digits /= 10) ++result.exponent;
  return result;
}

/// Is the decimal exactly halfway between `value` and one of its neighbours? Only then does it
/// matter whether the ends of a rounding interval belong to it.
template <std::floating_point F>
bool is_halfway(Decimal decimal, F value) noexcept {
  // A halfway point is an odd integer of one bit more than the mantissa times a power of two. The
  // decimal is digits * 5^e * 2^e, so 5^e must divide the digits, or fit beside them: |e| <= 27,
  // as 5^28 exceeds 2^64.
  constexpr int most_exponent = 27;
  if (decimal.exponent > most_exponent || decimal.exponent < -most_exponent) return false;
  std::uint64_t odd = decimal.digits;
  for (int i = 0; i < decimal.exponent; ++i)
    if (__builtin_mul_overflow(odd, 5u, &odd)) return false;
  for (int i = 0; i > decimal.exponent; --i) {
    if (odd % 5 != 0) return false;
    odd /= 5;
  }
  const int zeros = std::countr_zero(odd);
  odd >>= zeros;
  const int power = decimal.exponent + zeros;

  for (const F neighbour :
       {std::nextafter(value, F{0}), std::nextafter(value, std::numeric_limits<F>::infinity())}) {
    if (std::isinf(neighbour)) continue;
    // Neighbours differ in the last bit alone: both mantissas fit with room for their sum.
    int exponent = 0;
    std::frexp(std::min(value, neighbour), &exponent);
    const int unit = exponent - std::numeric_limits<F>::digits;
    const auto sum = static_cast<std::uint64_t>(std::ldexp(value, -unit)) +
                     static_cast<std::uint64_t>(std::ldexp(neighbour, -unit));
    const int sum_zeros = std::countr_zero(sum);
    if (sum >> sum_zeros == odd && unit - 1 + sum_zeros == power) return true;
  }
  return false;
}

/// The decimal the server prints: the fewest digits strictly inside the rounding interval, so that
/// a reader that rounds halfway cases otherwise still finds the value.
/// Source  src/common/d2s.c, acceptBounds
template <std::floating_point F>
Decimal server_decimal(F value) noexcept {
  const Decimal shortest = decimal_of(value, 0);
  if (!is_halfway(shortest, value)) [[likely]]
    return shortest;
  int length = 1;
  for (std::uint64_t digits = shortest.digits; digits >= 10; digits /= 10) ++length;
  while (length < std::numeric_limits<F>::max_digits10) {
    const Decimal longer = decimal_of(value, ++length);
    const bool inside = longer.digits != shortest.digits || longer.exponent != shortest.exponent;
    if (inside && !is_halfway(longer, value)) return longer;
  }
  return decimal_of(value, std::numeric_limits<F>::max_digits10);
}

/// Appends the server's text of a float4 or float8 (extra_float_digits above 0, its default):
/// "0.0001" to "123456" plain, "1e-05" and "1e+06" beyond; float8 turns at 1e+15.
template <std::floating_point F>
void append_floating(std::string& out, F value) {
  if (std::isnan(value)) return void(out.append("NaN"));
  if (std::signbit(value)) out.push_back('-');
  if (std::isinf(value)) return void(out.append("Infinity"));
  if (value == 0) return void(out.push_back('0'));

  const Decimal decimal = server_decimal(std::abs(value));
  std::string digits;
  append_padded(digits, decimal.digits, 1);
  const int point =
      static_cast<int>(digits.size()) + decimal.exponent;  // value is 0.digits * 10^point
  constexpr int least_point = -3;
  constexpr int most_point = std::numeric_limits<F>::digits10;
  if (point < least_point || point > most_point) {
    out.push_back(digits[0]);
    if (digits.size() > 1) out.append(1, '.').append(digits, 1);
    out.append(point > 0 ? "e+" : "e-");
    append_padded(out, static_cast<std::uint64_t>(std::abs(point - 1)), 2);
  } else if (point <= 0) {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else if (const auto whole = static_cast<std::size_t>(point); whole >= digits.size()) {
    out.append(digits).append(whole - digits.size(), '0');
  } else {
    out.append(digits, 0, whole).append(1, '.').append(digits, whole);
  }
}

/// Reads a float's or a numeric's text: a decimal number, "NaN", "Infinity", "-Infinity".
template <std::floating_point F>
DecodeError parse_floating(std::string_view text, F& value) noexcept {
  using Limits = std::numeric_limits<F>;
  if (text == "NaN") return value = Limits::quiet_NaN(), DecodeError::none;
  if (text == "Infinity") return value = Limits::infinity(), DecodeError::none;
  if (text == "-Infinity") return value = -Limits::infinity(), DecodeError::none;
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  // from_chars also knows "inf" and "nan(...)", which the server does not write
  if (text.size() == sign || (!is_digit(text[sign]) && text[sign] != '.'))
    return DecodeError::invalid;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error == std::errc::invalid_argument || stop != end) return DecodeError::invalid;
  if (error != std::errc{} || std::isinf(value)) return DecodeError::out_of_range;
  return DecodeError::none;
}

}  // namespace pgreactor::detail
