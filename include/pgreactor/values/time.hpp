#pragma once
#include <chrono>
#include <compare>
#include <cstdint>
#include <pgreactor/values/calendar.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// time: a time of day without a zone.
/// Shape   00:00:00 to 24:00:00, both included; an object is always one of these.
/// Units   microseconds since midnight.
/// Errors  from(): out_of_range; parse(): invalid for what is no time of day.
class Time {
 public:
  /// Midnight, 00:00:00.
  constexpr Time() = default;
  static Decoded<Time> from(std::chrono::microseconds since_midnight) noexcept {
    const std::int64_t count = since_midnight.count();
    if (count < 0 || count > detail::microseconds_per_day) return DecodeError::out_of_range;
    return Time{count};
  }
  /// Reads "12:34:56.789".
  static Decoded<Time> parse(std::string_view text) noexcept {
    detail::TextScanner in{text};
    const Decoded<Time> time = scan(in);
    if (time && !in.at_end()) return DecodeError::invalid;
    return time;
  }

  constexpr std::chrono::microseconds since_midnight() const noexcept {
    return std::chrono::microseconds{microseconds_};
  }
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const {
    detail::append_clock(out, static_cast<std::uint64_t>(microseconds_));
  }

  friend constexpr bool operator==(const Time&, const Time&) = default;
  friend constexpr auto operator<=>(const Time&, const Time&) = default;

 private:
  friend class TimeTz;
  constexpr explicit Time(std::int64_t microseconds) noexcept : microseconds_(microseconds) {}
  static Decoded<Time> scan(detail::TextScanner& in) noexcept {
    const auto microseconds = detail::scan_clock(in, 24);
    if (!microseconds) return DecodeError::invalid;
    const Decoded<Time> time =
        from(std::chrono::microseconds{static_cast<std::int64_t>(*microseconds)});
    return time ? time : Decoded<Time>{DecodeError::invalid};
  }
  std::int64_t microseconds_ = 0;
};

/// timetz: a time of day with its offset from UTC.
/// Units   seconds east of UTC, less than sixteen hours either way.
/// Errors  from(): out_of_range; parse(): invalid.
class TimeTz {
 public:
  /// Midnight at UTC.
  constexpr TimeTz() = default;
  static Decoded<TimeTz> from(Time time, std::chrono::seconds utc_offset) noexcept {
    const std::int64_t east = utc_offset.count();
    if (east <= -detail::utc_offset_limit || east >= detail::utc_offset_limit)
      return DecodeError::out_of_range;
    return TimeTz{time, static_cast<std::int32_t>(east)};
  }
  /// Reads "12:34:56.789+02", "12:34:56-05:30" or "12:34:56+01:02:03".
  static Decoded<TimeTz> parse(std::string_view text) noexcept {
    detail::TextScanner in{text};
    const Decoded<Time> time = Time::scan(in);
    if (!time) return time.error();
    const auto east = detail::scan_utc_offset(in);
    if (!east || !in.at_end()) return DecodeError::invalid;
    return TimeTz{*time, *east};
  }

  constexpr Time time() const noexcept { return time_; }
  constexpr std::chrono::seconds utc_offset() const noexcept { return std::chrono::seconds{east_}; }
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const {
    time_.append_to(out);
    detail::append_utc_offset(out, east_);
  }

  /// The same time at the same offset. (The server agrees: it orders by the moment, then by zone.)
  friend constexpr bool operator==(const TimeTz&, const TimeTz&) = default;

 private:
  constexpr TimeTz(Time time, std::int32_t east) noexcept : time_(time), east_(east) {}
  Time time_;
  std::int32_t east_ = 0;
};

namespace detail {

// i64 microseconds since midnight
struct TimeLayout {
  static void write(ByteBuffer& out, Time value) {
    append_fixed(out, static_cast<std::int64_t>(value.since_midnight().count()));
  }
  static DecodeError read(Bytes in, Time& value) noexcept {
    std::int64_t count = 0;
    if (const DecodeError error = read_fixed(in, count); error != DecodeError::none) return error;
    const Decoded<Time> time = Time::from(std::chrono::microseconds{count});
    if (!time) return DecodeError::invalid;
    value = *time;
    return DecodeError::none;
  }
};

// i64 microseconds since midnight
// i32 seconds WEST of UTC
struct TimeTzLayout {
  static void write(ByteBuffer& out, TimeTz value) {
    TimeLayout::write(out, value.time());
    append_fixed(out, static_cast<std::int32_t>(-value.utc_offset().count()));
  }
  static DecodeError read(Bytes in, TimeTz& value) noexcept {
    ValueReader reader{in};
    const auto count = reader.number<std::int64_t>();
    const std::int64_t west = reader.number<std::int32_t>();
    if (reader.error() != DecodeError::none) return reader.error();
    const Decoded<Time> time = Time::from(std::chrono::microseconds{count});
    if (!time) return DecodeError::invalid;
    const Decoded<TimeTz> result = TimeTz::from(*time, std::chrono::seconds{-west});
    if (!result) return DecodeError::invalid;
    value = *result;
    return DecodeError::none;
  }
};

}  // namespace detail

/// Time <-> time.
template <>
struct ValueCodec<Time> : detail::SingleTypeCodec<Time, oid::time, detail::TimeLayout> {};

/// TimeTz <-> timetz.
template <>
struct ValueCodec<TimeTz> : detail::SingleTypeCodec<TimeTz, oid::timetz, detail::TimeTzLayout> {};

}  // namespace pgreactor
