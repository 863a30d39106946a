#pragma once
#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <pgreactor/values/numeric.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

template <std::floating_point F>
  requires(detail::OneOf<F, float, double>)
Numeric::Numeric(F value) {
  if (std::isnan(value)) {
    kind_ = Kind::nan;
  } else if (std::isinf(value)) {
    kind_ = value < 0 ? Kind::minus_infinity : Kind::infinity;
  } else {
    char digits[32];  // shortest forms have up to 17 digits, a sign, a point and e-324
    const auto [end, error] =
        std::to_chars(digits, digits + sizeof(digits), value, std::chars_format::scientific);
    assert(error == std::errc{});
    Decoded<Numeric> parsed = parse({digits, static_cast<std::size_t>(end - digits)});
    assert(parsed);  // every finite double is within the limits of numeric
    *this = *std::move(parsed);
  }
}

//  [+-] digits [. digits] [e [+-] digits]   with a digit on at least one side of the point
inline Decoded<Numeric> Numeric::parse(std::string_view text) {
  detail::TextScanner in{text};
  const bool negative = in.accept('-');
  if (!negative) in.accept('+');
  if (in.rest() == "NaN" && in.rest().size() == text.size()) return nan();
  if (in.rest() == "Infinity") return negative ? minus_infinity() : infinity();

  const std::string_view number = in.rest();
  const std::size_t length = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, length);
  std::string digits;
  digits.reserve(mantissa.size());
  std::size_t before_point = std::string_view::npos;
  for (const char c : mantissa) {
    if (detail::is_digit(c))
      digits.push_back(c);
    else if (c == '.' && before_point == std::string_view::npos)
      before_point = digits.size();
    else
      return DecodeError::invalid;
  }
  if (digits.empty()) return DecodeError::invalid;
  before_point = std::min(before_point, digits.size());

  std::int32_t exponent = 0;
  if (length < number.size()) {
    std::string_view power = number.substr(length + 1);
    if (power.starts_with('+') && power.size() > 1 && detail::is_digit(power[1]))
      power.remove_prefix(1);
    const char* const begin = power.data();
    const char* const end = begin + power.size();
    const auto [stop, error] = std::from_chars(begin, end, exponent);
    if (error == std::errc::invalid_argument || stop != end) return DecodeError::invalid;
    if (error != std::errc{}) return DecodeError::out_of_range;
  }
  const auto point = static_cast<std::int64_t>(before_point) + exponent;
  return from_decimal(negative, digits, point, static_cast<std::int64_t>(digits.size()) - point);
}

/// The number 0.<digits> * 10^point, to be shown with `scale` decimals (none when negative).
inline Decoded<Numeric> Numeric::from_decimal(bool negative, std::string_view digits,
                                              std::int64_t point, std::int64_t scale) {
  Numeric result;
  if (scale > max_scale) return DecodeError::out_of_range;
  result.scale_ = static_cast<std::uint16_t>(std::max<std::int64_t>(scale, 0));

  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string_view::npos) return result;
  digits.remove_prefix(first);
  digits = digits.substr(0, digits.find_last_not_of('0') + 1);
  point -= static_cast<std::int64_t>(first);
  if (point > max_digits_before_point) return DecodeError::out_of_range;

  // Digits before the point come in fours counted from the point, so the first group may be short.
  // The scale bounds `point` from below: at least one digit stands within 16383 decimals.
  const std::int64_t groups_before = point > 0 ? (point + 3) / 4 : -(-point / 4);
  result.weight_ = static_cast<std::int32_t>(groups_before - 1);
  const auto padding = static_cast<std::size_t>(groups_before * 4 - point);
  result.kind_ = negative ? Kind::negative : Kind::positive;
  result.groups_.resize((padding + digits.size() + 3) / 4);
  constexpr std::uint16_t place_values[4] = {1000, 100, 10, 1};
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t place = padding + i;
    const auto digit = static_cast<unsigned>(digits[i] - '0');
    std::uint16_t& group = result.groups_[place / 4];
    group = static_cast<std::uint16_t>(group + digit * place_values[place % 4]);
  }
  return result;
}

inline void Numeric::append_to(std::string& out) const {
  if (is_nan()) return void(out.append("NaN"));
  if (is_negative()) out.push_back('-');
  if (!is_finite()) return void(out.append("Infinity"));

  detail::append_padded(out, group_at(std::max(weight_, 0)), 1);
  for (std::int64_t position = std::int64_t{weight_} - 1; position >= 0; --position)
    detail::append_padded(out, group_at(position), 4);
  if (scale_ == 0) return;

  out.push_back('.');
  const std::size_t end = out.size() + scale_;
  for (std::int64_t position = -1; out.size() < end; --position)
    detail::append_padded(out, group_at(position), 4);
  out.resize(end);
}

inline void Numeric::append_compact_to(std::string& out) const {
  constexpr std::int64_t few_zeros = 64;
  const auto digits_kept = static_cast<std::int64_t>(groups_.size()) * 4;
  const std::int64_t digits_shown = std::int64_t{std::max(weight_, 0)} * 4 + scale_;
  if (!is_finite() || groups_.empty() || digits_shown <= digits_kept + few_zeros)
    return append_to(out);

  // digits * 10^exponent. With a scale the exponent tells it, so there are just as many decimals.
  std::string digits;
  for (const std::uint16_t group : groups_) detail::append_padded(digits, group, 4);
  std::int64_t exponent = (weight_ + 1) * std::int64_t{4} - digits_kept;
  if (scale_ != 0) {
    const std::int64_t missing = exponent + scale_;
    digits.resize(static_cast<std::size_t>(digits_kept + missing), '0');
    exponent = -std::int64_t{scale_};
  }
  if (is_negative()) out.push_back('-');
  out.append(digits, digits.find_first_not_of('0'));
  out.push_back('e');
  out.append(std::to_string(exponent));
}

inline std::string Numeric::to_string() const {
  std::string text;
  append_to(text);
  return text;
}

template <std::floating_point F>
Decoded<F> Numeric::to_floating() const {
  using Limits = std::numeric_limits<F>;
  if (is_nan()) return Limits::quiet_NaN();
  if (!is_finite()) return is_negative() ? -Limits::infinity() : Limits::infinity();
  if (is_zero()) return F{0};
  // Its significant digits and an exponent: as short as the groups, whatever the weight.
  std::string text{is_negative() ? "-" : ""};
  for (const std::uint16_t group : groups_) detail::append_padded(text, group, 4);
  text.push_back('e');
  const std::int64_t exponent = (weight_ + 1 - static_cast<std::int64_t>(groups_.size())) * 4;
  text.append(std::to_string(exponent));
  F value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  assert(stop == text.data() + text.size());
  if (error != std::errc{} || value == 0 || std::isinf(value)) return DecodeError::out_of_range;
  return value;
}

}  // namespace pgreactor
