#pragma once
#include <chrono>
#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>
#include <pgreactor/values/calendar.hpp>
#include <pgreactor/values/fixed_size.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// timestamp and timestamptz, told apart by the std::chrono type that is their counterpart: local
/// time for the one, system time (UTC) for the other. They do not convert to each other.
/// Shape   4714-11-24 BC to 294276-12-31, or one of the two infinities; an object is always one of
///         these.
/// Units   microseconds.
/// Errors  out_of_range beyond the range, invalid for what is no timestamp.
/// Source  postgresql.org/docs/current/datatype-datetime.html
template <class ChronoTime>
class BasicTimestamp {
 public:
  static constexpr bool has_zone =
      std::same_as<ChronoTime, std::chrono::sys_time<std::chrono::microseconds>>;

  /// 2000-01-01 00:00:00, the server's epoch.
  constexpr BasicTimestamp() = default;
  static Decoded<BasicTimestamp> from_microseconds_since_2000(std::int64_t count) noexcept {
    if (count < first || count >= end) return DecodeError::out_of_range;
    return BasicTimestamp{count};
  }
  static Decoded<BasicTimestamp> from(ChronoTime time) noexcept {
    std::int64_t count = time.time_since_epoch().count();
    if (__builtin_sub_overflow(count, detail::epoch_microseconds, &count))
      return DecodeError::out_of_range;
    return from_microseconds_since_2000(count);
  }
  static constexpr BasicTimestamp infinity() noexcept { return BasicTimestamp{most}; }
  static constexpr BasicTimestamp minus_infinity() noexcept { return BasicTimestamp{least}; }
  /// Reads "2024-02-29 12:00:00.5", with an offset ("+05:30") when it has a zone, then perhaps
  /// " BC"; or "infinity", "-infinity" (DateStyle ISO).
  static Decoded<BasicTimestamp> parse(std::string_view text) noexcept;

  constexpr Finiteness finiteness() const noexcept {
    if (microseconds_ == most) return Finiteness::infinity;
    return microseconds_ == least ? Finiteness::minus_infinity : Finiteness::finite;
  }
  constexpr bool is_finite() const noexcept { return finiteness() == Finiteness::finite; }
  /// The server's own number: 2^63-1 is infinity, -2^63 is minus infinity.
  constexpr std::int64_t microseconds_since_2000() const noexcept { return microseconds_; }
  /// out_of_range for an infinity, and for the last thirty years before 294277.
  Decoded<ChronoTime> to_chrono() const noexcept {
    std::int64_t count = 0;
    if (!is_finite() || __builtin_add_overflow(microseconds_, detail::epoch_microseconds, &count))
      return DecodeError::out_of_range;
    return ChronoTime{std::chrono::microseconds{count}};
  }
  /// A timestamptz is shown at UTC: "2024-02-29 06:30:00.5+00".
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const;

  friend constexpr bool operator==(const BasicTimestamp&, const BasicTimestamp&) = default;
  friend constexpr auto operator<=>(const BasicTimestamp&, const BasicTimestamp&) = default;

  /// The server's number as read from the wire; an infinity is one of its two extremes.
  static DecodeError from_wire(std::int64_t count, BasicTimestamp& value) noexcept {
    // One comparison for both ends.
    const bool finite = static_cast<std::uint64_t>(count) - static_cast<std::uint64_t>(first) <
                        static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(first);
    if (!finite && count != most && count != least) [[unlikely]]
      return DecodeError::invalid;
    value.microseconds_ = count;
    return DecodeError::none;
  }

 private:
  static constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t first = -211'813'488'000'000'000;  // 4714-11-24 00:00:00 BC
  static constexpr std::int64_t end = 9'223'371'331'200'000'000;   // 294277-01-01 00:00:00

  constexpr explicit BasicTimestamp(std::int64_t count) noexcept : microseconds_(count) {}
  std::int64_t microseconds_ = 0;
};

using Timestamp = BasicTimestamp<std::chrono::local_time<std::chrono::microseconds>>;
using TimestampTz = BasicTimestamp<std::chrono::sys_time<std::chrono::microseconds>>;

template <class ChronoTime>
Decoded<BasicTimestamp<ChronoTime>> BasicTimestamp<ChronoTime>::parse(
    std::string_view text) noexcept {
  if (text == "infinity") return infinity();
  if (text == "-infinity") return minus_infinity();
  detail::TextScanner in{text};
  const auto written = detail::scan_date(in);
  if (!written || !in.accept(' ')) return DecodeError::invalid;
  const auto clock = detail::scan_clock(in, 23);
  if (!clock) return DecodeError::invalid;
  std::int64_t east = 0;
  if constexpr (has_zone) {
    const auto offset = detail::scan_utc_offset(in);
    if (!offset) return DecodeError::invalid;
    east = *offset;
  }
  const auto date = detail::with_era(in, *written);
  if (!date || !in.at_end()) return DecodeError::invalid;

  const std::int64_t days = detail::days_of(*date);
  constexpr std::int64_t most_days = 106'751'989;  // a day and an offset more still fit 63 bits
  if (days < -most_days || days > most_days) return DecodeError::out_of_range;
  return from_microseconds_since_2000(days * detail::microseconds_per_day +
                                      static_cast<std::int64_t>(*clock) -
                                      east * detail::microseconds_per_second);
}

template <class ChronoTime>
void BasicTimestamp<ChronoTime>::append_to(std::string& out) const {
  if (!is_finite()) return void(out.append(microseconds_ > 0 ? "infinity" : "-infinity"));
  std::int64_t days = microseconds_ / detail::microseconds_per_day;
  std::int64_t clock = microseconds_ % detail::microseconds_per_day;
  if (clock < 0) {
    clock += detail::microseconds_per_day;
    --days;
  }
  const detail::CivilDate date = detail::civil_of(days);
  detail::append_date(out, date);
  out.push_back(' ');
  detail::append_clock(out, static_cast<std::uint64_t>(clock));
  if (has_zone) out.append("+00");
  detail::append_era(out, date);
}

namespace detail {

// Microseconds since 2000-01-01 00:00:00 (UTC with a zone); the extremes are the infinities.
template <class ChronoTime>
struct FixedSizeBits<BasicTimestamp<ChronoTime>> {
  using Bits = std::uint64_t;
  static Bits to_bits(BasicTimestamp<ChronoTime> value) noexcept {
    return static_cast<Bits>(value.microseconds_since_2000());
  }
  static DecodeError from_bits(Bits bits, BasicTimestamp<ChronoTime>& value) noexcept {
    return BasicTimestamp<ChronoTime>::from_wire(static_cast<std::int64_t>(bits), value);
  }
};

}  // namespace detail

/// Timestamp <-> timestamp.
template <>
struct ValueCodec<Timestamp>
    : detail::SingleTypeCodec<Timestamp, oid::timestamp, detail::FixedSizeLayout<Timestamp>> {};

/// TimestampTz <-> timestamptz.
template <>
struct ValueCodec<TimestampTz>
    : detail::SingleTypeCodec<TimestampTz, oid::timestamptz, detail::FixedSizeLayout<TimestampTz>> {
};

}  // namespace pgreactor
