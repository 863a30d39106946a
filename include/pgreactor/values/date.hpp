#pragma once
#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <pgreactor/values/calendar.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// date: a day of the proleptic Gregorian calendar, or one of the two infinities.
/// Shape   4714-11-24 BC to 5874897-12-31; an object is always one of these or infinite.
/// Units   days; years are astronomical: 0 is 1 BC.
/// Errors  out_of_range beyond the range, invalid for what is no date.
/// Source  postgresql.org/docs/current/datatype-datetime.html
class Date {
 public:
  /// 2000-01-01, the server's epoch.
  constexpr Date() = default;
  static Decoded<Date> from_civil(std::int64_t year, unsigned month, unsigned day);
  static Decoded<Date> from_days_since_2000(std::int64_t days) noexcept {
    if (days < first_day || days > last_day) return DecodeError::out_of_range;
    return Date{static_cast<std::int32_t>(days)};
  }
  static Decoded<Date> from(std::chrono::sys_days day) noexcept {
    const std::int64_t since_1970 = day.time_since_epoch().count();
    if (since_1970 < first_day || since_1970 > last_day + detail::epoch_days)
      return DecodeError::out_of_range;  // before the subtraction could overflow
    return from_days_since_2000(since_1970 - detail::epoch_days);
  }
  static constexpr Date infinity() noexcept { return Date{most}; }
  static constexpr Date minus_infinity() noexcept { return Date{least}; }
  /// Reads "2024-02-29", "0044-03-15 BC", "infinity" or "-infinity" (DateStyle ISO).
  static Decoded<Date> parse(std::string_view text) noexcept;

  constexpr Finiteness finiteness() const noexcept {
    if (days_ == most) return Finiteness::infinity;
    return days_ == least ? Finiteness::minus_infinity : Finiteness::finite;
  }
  constexpr bool is_finite() const noexcept { return finiteness() == Finiteness::finite; }
  /// The server's own number: 2^31-1 is infinity, -2^31 is minus infinity.
  constexpr std::int32_t days_since_2000() const noexcept { return days_; }
  /// out_of_range for an infinity.
  Decoded<std::chrono::sys_days> to_chrono() const noexcept {
    if (!is_finite()) return DecodeError::out_of_range;
    return std::chrono::sys_days{std::chrono::days{days_ + detail::epoch_days}};
  }
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const;

  friend constexpr bool operator==(const Date&, const Date&) = default;
  friend constexpr auto operator<=>(const Date&, const Date&) = default;

 private:
  static constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
  static constexpr std::int32_t least = std::numeric_limits<std::int32_t>::min();
  static constexpr std::int32_t first_day = -2'451'545;    // 4714-11-24 BC, Julian day 0
  static constexpr std::int32_t last_day = 2'145'031'948;  // 5874897-12-31

  constexpr explicit Date(std::int32_t days) noexcept : days_(days) {}
  std::int32_t days_ = 0;
};

inline Decoded<Date> Date::from_civil(std::int64_t year, unsigned month, unsigned day) {
  constexpr std::int64_t most_years = 6'000'000;  // far below where the arithmetic could overflow
  if (year < -most_years || year > most_years) return DecodeError::out_of_range;
  const detail::CivilDate date{year, month, day};
  if (!detail::is_civil_date(date)) return DecodeError::invalid;
  return from_days_since_2000(detail::days_of(date));
}

inline Decoded<Date> Date::parse(std::string_view text) noexcept {
  if (text == "infinity") return infinity();
  if (text == "-infinity") return minus_infinity();
  detail::TextScanner in{text};
  const auto written = detail::scan_date(in);
  if (!written) return DecodeError::invalid;
  const auto date = detail::with_era(in, *written);
  if (!date || !in.at_end()) return DecodeError::invalid;
  return from_days_since_2000(detail::days_of(*date));
}

inline void Date::append_to(std::string& out) const {
  if (!is_finite()) return void(out.append(days_ > 0 ? "infinity" : "-infinity"));
  const detail::CivilDate date = detail::civil_of(days_);
  detail::append_date(out, date);
  detail::append_era(out, date);
}

namespace detail {

// i32 days since 2000-01-01; the extremes are the infinities
struct DateLayout {
  static void write(ByteBuffer& out, Date value) { append_fixed(out, value.days_since_2000()); }
  static DecodeError read(Bytes in, Date& value) noexcept {
    std::int32_t days = 0;
    if (const DecodeError error = read_fixed(in, days); error != DecodeError::none) return error;
    if (days == Date::infinity().days_since_2000())
      value = Date::infinity();
    else if (days == Date::minus_infinity().days_since_2000())
      value = Date::minus_infinity();
    else if (const Decoded<Date> date = Date::from_days_since_2000(days))
      value = *date;
    else
      return DecodeError::invalid;
    return DecodeError::none;
  }
};

}  // namespace detail

/// Date <-> date.
template <>
struct ValueCodec<Date> : detail::SingleTypeCodec<Date, oid::date, detail::DateLayout> {};

}  // namespace pgreactor
