#pragma once
#include <compare>
#include <cstdint>
#include <pgreactor/values/integral.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// money: an exact number of the currency's smallest unit.
/// Units   cents, or whatever the lc_monetary of the database makes the last decimal; how many
///         there are to a whole is known to the server alone.
/// Errors  parse(): invalid for what has no digits, out_of_range beyond 64 bits.
/// Source  postgresql.org/docs/current/datatype-money.html
class Money {
 public:
  constexpr Money() = default;
  constexpr explicit Money(std::int64_t smallest_units) noexcept : units_(smallest_units) {}
  /// Reads what a server writes, in any locale: its digits, all decimals always among them, with
  /// whatever stands between them; below zero when there is a minus sign or a parenthesis.
  static Decoded<Money> parse(std::string_view text) noexcept;

  constexpr std::int64_t smallest_units() const noexcept { return units_; }
  /// The number of smallest units, without a currency. Not what the server reads: "1.00" are
  /// a hundred of them.
  std::string to_string() const { return std::to_string(units_); }

  friend constexpr bool operator==(const Money&, const Money&) = default;
  friend constexpr auto operator<=>(const Money&, const Money&) = default;

 private:
  std::int64_t units_ = 0;
};

inline Decoded<Money> Money::parse(std::string_view text) noexcept {
  constexpr std::string_view minus_sign = "\xE2\x88\x92";  // U+2212, of some locales
  const bool negative = text.find_first_of("-(") != std::string_view::npos ||
                        text.find(minus_sign) != std::string_view::npos;
  std::int64_t units = 0;
  bool any = false;
  for (const char c : text) {
    if (!detail::is_digit(c)) continue;
    any = true;
    const int digit = negative ? '0' - c : c - '0';  // the least number has no opposite
    if (__builtin_mul_overflow(units, 10, &units) || __builtin_add_overflow(units, digit, &units))
      return DecodeError::out_of_range;
  }
  if (!any) return DecodeError::invalid;
  return Money{units};
}

/// Money <-> money: a parameter in binary; a column in either format. Results arrive as text, which
/// the server's locale decides. Not an application type, for want of a text.
template <>
struct ValueCodec<Money> {
  static constexpr Oid natural_type = oid::money;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return type == oid::money ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, Money value, Oid type) {
    if (type != oid::money) return EncodeError::type_mismatch;
    detail::append_fixed(out, value.smallest_units());
    return EncodeError::none;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Money& value) noexcept {
    if (type != oid::money) return DecodeError::type_mismatch;
    std::int64_t units = 0;
    if (format == FormatCode::binary) {
      const DecodeError error = detail::read_fixed(in, units);
      if (error == DecodeError::none) value = Money{units};
      return error;
    }
    const Decoded<Money> parsed = Money::parse(as_text(in));
    if (parsed) value = *parsed;
    return parsed.error();
  }
};

}  // namespace pgreactor
