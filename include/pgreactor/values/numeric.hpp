#pragma once
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/integral.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor {

/// numeric: an exact decimal number with the number of decimals it is shown with, or NaN, or an
/// infinity.
/// Shape   up to 131072 digits before the decimal point and 16383 after it, as on the server.
/// Units   scale() counts digits after the point: 12.50 has scale 2 and equals 12.5.
/// Errors  parse(): invalid for other text, out_of_range beyond those limits. Never throws but for
///         want of memory.
/// Source  postgresql.org/docs/current/datatype-numeric.html
class Numeric {
 public:
  Numeric() = default;
  template <detail::Integer T>
  explicit Numeric(T value);
  /// The shortest decimal that reads back as the same float or double: 0.1 becomes 0.1.
  template <std::floating_point F>
    requires(detail::OneOf<F, float, double>)
  explicit Numeric(F value);

  /// Reads "-12.50", "1.5e-7", "NaN", "Infinity" or "-Infinity"; no blanks around it.
  static Decoded<Numeric> parse(std::string_view text);
  static Numeric nan() { return Numeric{Kind::nan}; }
  static Numeric infinity() { return Numeric{Kind::infinity}; }
  static Numeric minus_infinity() { return Numeric{Kind::minus_infinity}; }

  bool is_nan() const noexcept { return kind_ == Kind::nan; }
  bool is_finite() const noexcept { return kind_ == Kind::positive || kind_ == Kind::negative; }
  bool is_negative() const noexcept {
    return kind_ == Kind::negative || kind_ == Kind::minus_infinity;
  }
  bool is_zero() const noexcept { return is_finite() && groups_.empty(); }
  /// Finite and without a fraction; 12.00 is.
  bool is_integral() const noexcept {
    return is_finite() && static_cast<std::int64_t>(groups_.size()) <= weight_ + std::int64_t{1};
  }
  unsigned scale() const noexcept { return scale_; }

  /// The server's text, all decimals shown: up to 147,457 characters.
  std::string to_string() const;
  void append_to(std::string& out) const;
  /// The same, but where that is mostly zeros, digits and an exponent: "1e131071", which the server
  /// and JSON read as the same number of the same scale.
  void append_compact_to(std::string& out) const;
  /// The nearest double; out_of_range where that would be infinite, or zero without being so.
  Decoded<double> to_double() const { return to_floating<double>(); }
  template <std::floating_point F>
  Decoded<F> to_floating() const;
  /// out_of_range when it has a fraction, is not finite or does not fit.
  template <detail::Integer T>
  Decoded<T> to_integer() const noexcept;
  Decoded<std::int64_t> to_int64() const noexcept { return to_integer<std::int64_t>(); }

  /// The server's order: -Infinity, the numbers, Infinity, NaN; NaN equals NaN, 1.0 equals 1.00.
  friend std::weak_ordering operator<=>(const Numeric& a, const Numeric& b) noexcept;
  friend bool operator==(const Numeric& a, const Numeric& b) noexcept {
    return a.kind_ == b.kind_ && a.weight_ == b.weight_ && a.groups_ == b.groups_;
  }

  /// The binary form, both ways; see numeric_wire.hpp for its layout.
  static DecodeError read(Bytes in, Numeric& value);
  void write(ByteBuffer& out) const;

 private:
  /// What it is, with the sign codes of the binary form.
  enum class Kind : std::uint16_t {
    positive = 0x0000,
    negative = 0x4000,
    nan = 0xc000,
    infinity = 0xd000,
    minus_infinity = 0xf000,
  };
  static constexpr unsigned max_scale = 16'383;
  static constexpr std::int64_t max_digits_before_point = 131'072;

  explicit Numeric(Kind kind) noexcept : kind_(kind) {}
  static Decoded<Numeric> from_decimal(bool negative, std::string_view digits, std::int64_t point,
                                       std::int64_t scale);
  void strip_zero_groups() noexcept;
  std::int64_t decimals_used() const noexcept;
  unsigned group_at(std::int64_t position) const noexcept;
  std::weak_ordering compare_magnitude(const Numeric& other) const noexcept;

  // |value| is the sum of groups_[i] * 10000^(weight_ - i). No zero group stands first or last, and
  // zero is positive with weight 0 and no groups, so equal numbers have equal members.
  Kind kind_ = Kind::positive;
  std::uint16_t scale_ = 0;
  std::int32_t weight_ = 0;
  std::vector<std::uint16_t> groups_;
};

inline unsigned Numeric::group_at(std::int64_t position) const noexcept {
  const std::int64_t index = weight_ - position;
  if (index < 0 || index >= static_cast<std::int64_t>(groups_.size())) return 0;
  return groups_[static_cast<std::size_t>(index)];
}

template <detail::Integer T>
Numeric::Numeric(T value) {
  std::uint64_t rest = detail::magnitude_of(value);
  if (rest == 0) return;
  if (std::cmp_less(value, 0)) kind_ = Kind::negative;
  std::uint16_t groups[5];  // 10000^5 exceeds 2^64
  std::size_t count = 0;
  for (; rest != 0; rest /= 10'000) groups[count++] = static_cast<std::uint16_t>(rest % 10'000);
  weight_ = static_cast<std::int32_t>(count) - 1;
  while (count != 0) groups_.push_back(groups[--count]);
  strip_zero_groups();
}

template <detail::Integer T>
Decoded<T> Numeric::to_integer() const noexcept {
  constexpr std::int32_t most_weight = 4;  // 10000^5 exceeds 2^64
  if (!is_integral() || weight_ > most_weight) return DecodeError::out_of_range;
  std::uint64_t magnitude = 0;
  for (std::int32_t position = weight_; position >= 0; --position)
    if (__builtin_mul_overflow(magnitude, 10'000u, &magnitude) ||
        __builtin_add_overflow(magnitude, group_at(position), &magnitude))
      return DecodeError::out_of_range;
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  if (kind_ == Kind::positive) {
    if (magnitude > most) return DecodeError::out_of_range;
    return static_cast<T>(magnitude);
  }
  if (!std::is_signed_v<T> || magnitude > most + 1) return DecodeError::out_of_range;
  return static_cast<T>(std::uint64_t{0} - magnitude);
}

inline std::weak_ordering Numeric::compare_magnitude(const Numeric& other) const noexcept {
  if (groups_.empty() || other.groups_.empty()) return other.groups_.empty() <=> groups_.empty();
  if (weight_ != other.weight_) return weight_ <=> other.weight_;
  return groups_ <=> other.groups_;
}

inline std::weak_ordering operator<=>(const Numeric& a, const Numeric& b) noexcept {
  const auto rank = [](Numeric::Kind kind) {
    switch (kind) {
      case Numeric::Kind::minus_infinity:
        return 0;
      case Numeric::Kind::negative:
        return 1;
      case Numeric::Kind::positive:
        return 2;
      case Numeric::Kind::infinity:
        return 3;
      case Numeric::Kind::nan:
        break;
    }
    return 4;
  };
  if (a.kind_ != b.kind_) return rank(a.kind_) <=> rank(b.kind_);
  if (!a.is_finite()) return std::weak_ordering::equivalent;
  return a.is_negative() ? b.compare_magnitude(a) : a.compare_magnitude(b);
}

}  // namespace pgreactor

#include <pgreactor/values/numeric_text.hpp>
#include <pgreactor/values/numeric_wire.hpp>
