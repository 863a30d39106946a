#pragma once
#include <chrono>
#include <cstdint>
#include <iterator>
#include <limits>
#include <pgreactor/values/calendar.hpp>
#include <pgreactor/values/integral.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {

/// interval: months, days and microseconds, each with a sign of its own, since a month has no fixed
/// number of days nor a day of hours.
/// Shape   any values. All three at their greatest mean infinity, all three at their least minus
///         infinity; servers before 17 have no such intervals and take them for very long ones.
/// Errors  parse(): invalid for other text, out_of_range when a part does not fit.
/// Source  postgresql.org/docs/current/datatype-datetime.html#DATATYPE-INTERVAL-INPUT
class Interval {
 public:
  /// No time at all.
  constexpr Interval() = default;
  constexpr Interval(std::int32_t months, std::int32_t days,
                     std::chrono::microseconds time) noexcept
      : microseconds_(time.count()), days_(days), months_(months) {}
  static constexpr Interval infinity() noexcept {
    return {most_part, most_part, std::chrono::microseconds::max()};
  }
  static constexpr Interval minus_infinity() noexcept {
    return {least_part, least_part, std::chrono::microseconds::min()};
  }
  /// Reads "1 year 2 mons -3 days +04:05:06.789" (IntervalStyle postgres).
  static Decoded<Interval> parse(std::string_view text) noexcept;

  constexpr std::int32_t months() const noexcept { return months_; }
  constexpr std::int32_t days() const noexcept { return days_; }
  constexpr std::chrono::microseconds time() const noexcept {
    return std::chrono::microseconds{microseconds_};
  }
  constexpr Finiteness finiteness() const noexcept {
    if (*this == infinity()) return Finiteness::infinity;
    return *this == minus_infinity() ? Finiteness::minus_infinity : Finiteness::finite;
  }
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const;

  /// The same three parts. (The server also calls 30 days and 1 mon equal.)
  friend constexpr bool operator==(const Interval&, const Interval&) = default;

 private:
  static constexpr std::int32_t most_part = std::numeric_limits<std::int32_t>::max();
  static constexpr std::int32_t least_part = std::numeric_limits<std::int32_t>::min();

  std::int64_t microseconds_ = 0;
  std::int32_t days_ = 0;
  std::int32_t months_ = 0;
};

namespace detail {

/// Reads the clock of an interval, "04:05:06.789", whose sign has been read before.
inline DecodeError scan_interval_clock(TextScanner& in, bool negative,
                                       std::int64_t& microseconds) noexcept {
  constexpr std::int64_t most_hours = 2'562'047'788;  // of 2^63 microseconds
  const auto clock = scan_clock(in, most_hours);
  if (!clock) return DecodeError::invalid;
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (*clock > most + (negative ? 1 : 0)) return DecodeError::out_of_range;
  microseconds = static_cast<std::int64_t>(negative ? std::uint64_t{0} - *clock : *clock);
  return DecodeError::none;
}

/// The largest unit first, in the singular: the "s" of a plural is read or added beside it.
inline constexpr std::string_view interval_unit_names[] = {" year", " mon", " day"};

}  // namespace detail

// part [blank part]...   with each part at most once, in this order:
//   [+-]n year[s]   [+-]n mon[s]   [+-]n day[s]   [+-]hh:mm:ss[.ffffff]
inline Decoded<Interval> Interval::parse(std::string_view text) noexcept {
  if (text == "infinity") return infinity();
  if (text == "-infinity") return minus_infinity();
  detail::TextScanner in{text};
  std::int64_t counts[] = {0, 0, 0};  // of interval_unit_names
  std::int64_t microseconds = 0;
  std::size_t unit = 0;  // the first that may still come; it only grows, which bounds the loop
  do {
    const bool negative = in.accept('-');
    if (!negative) in.accept('+');
    detail::TextScanner ahead = in;
    const auto count = ahead.number(1, 10);
    if (!count) return DecodeError::invalid;
    while (unit < std::size(counts) && !ahead.accept(detail::interval_unit_names[unit])) ++unit;
    if (unit == std::size(counts)) {
      const DecodeError error = detail::scan_interval_clock(in, negative, microseconds);
      if (error != DecodeError::none) return error;
      break;
    }
    ahead.accept('s');
    counts[unit++] = negative ? -*count : *count;
    in = ahead;
  } while (in.accept(' '));
  if (!in.at_end()) return DecodeError::invalid;

  const std::int64_t months = counts[0] * 12 + counts[1];
  if (!std::in_range<std::int32_t>(months) || !std::in_range<std::int32_t>(counts[2]))
    return DecodeError::out_of_range;
  return Interval{static_cast<std::int32_t>(months), static_cast<std::int32_t>(counts[2]),
                  std::chrono::microseconds{microseconds}};
}

/// As EncodeInterval() of the server writes it: a part after a negative one shows its plus sign.
inline void Interval::append_to(std::string& out) const {
  if (const Finiteness which = finiteness(); which != Finiteness::finite)
    return void(out.append(which == Finiteness::infinity ? "infinity" : "-infinity"));
  const std::int32_t counts[] = {months_ / 12, months_ % 12, days_};
  bool first = true;
  bool after_negative = false;
  for (std::size_t unit = 0; unit < std::size(counts); ++unit) {
    const std::int32_t count = counts[unit];
    if (count == 0) continue;
    if (!first) out.push_back(' ');
    if (count < 0)
      out.push_back('-');
    else if (after_negative)
      out.push_back('+');
    detail::append_padded(out, detail::magnitude_of(count), 1);
    out.append(detail::interval_unit_names[unit]);
    if (count != 1) out.push_back('s');
    first = false;
    after_negative = count < 0;
  }
  if (!first && microseconds_ == 0) return;
  if (!first) out.push_back(' ');
  if (microseconds_ < 0)
    out.push_back('-');
  else if (after_negative)
    out.push_back('+');
  detail::append_clock(out, detail::magnitude_of(microseconds_));
}

namespace detail {

// i64 microseconds
// i32 days
// i32 months
struct IntervalLayout {
  static void write(ByteBuffer& out, Interval value) {
    append_fixed(out, static_cast<std::int64_t>(value.time().count()));
    append_fixed(out, value.days());
    append_fixed(out, value.months());
  }
  static DecodeError read(Bytes in, Interval& value) noexcept {
    ValueReader reader{in};
    const std::chrono::microseconds time{reader.number<std::int64_t>()};
    const auto days = reader.number<std::int32_t>();
    const auto months = reader.number<std::int32_t>();
    value = Interval{months, days, time};
    return reader.error();
  }
};

}  // namespace detail

/// Interval <-> interval.
template <>
struct ValueCodec<Interval>
    : detail::SingleTypeCodec<Interval, oid::interval, detail::IntervalLayout> {};

}  // namespace pgreactor
