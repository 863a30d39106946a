#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <pgreactor/values/text_scanner.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// Dates and timestamps have two values beyond every other; they compare as the server has them.
enum class Finiteness : std::int8_t { minus_infinity = -1, finite = 0, infinity = 1 };

namespace detail {

inline constexpr std::int64_t microseconds_per_second = 1'000'000;
inline constexpr std::int64_t seconds_per_day = 86'400;
inline constexpr std::int64_t microseconds_per_day = seconds_per_day * microseconds_per_second;
/// 2000-01-01, the server's epoch, counted from 1970-01-01.
inline constexpr std::int64_t epoch_days = 10'957;
inline constexpr std::int64_t epoch_microseconds = epoch_days * microseconds_per_day;
/// Time zone offsets stay below sixteen hours (TZDISP_LIMIT of datatype/timestamp.h).
inline constexpr std::int32_t utc_offset_limit = 16 * 3600;

/// A day of the proleptic Gregorian calendar. Year 0 is 1 BC, year -1 is 2 BC.
struct CivilDate {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

/// The day number, 0 being 2000-01-01. The arithmetic counts years from March, so that a leap day
/// ends its year, in eras of 400 years of 146,097 days each.
constexpr std::int64_t days_of(const CivilDate& date) noexcept {
  constexpr std::int64_t epoch_from_year_0_march = 730'425;
  const std::int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t month_from_march = (date.month + 9) % 12;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - epoch_from_year_0_march;
}

constexpr CivilDate civil_of(std::int64_t days) noexcept {
  constexpr std::int64_t epoch_from_year_0_march = 730'425;
  const std::int64_t from_zero = days + epoch_from_year_0_march;
  const std::int64_t era = (from_zero >= 0 ? from_zero : from_zero - 146'096) / 146'097;
  const std::int64_t day_of_era = from_zero - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<unsigned>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const auto month = static_cast<unsigned>((month_from_march + 2) % 12 + 1);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

constexpr bool is_leap_year(std::int64_t year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr bool is_civil_date(const CivilDate& date) noexcept {
  constexpr std::array<unsigned, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (date.month < 1 || date.month > 12 || date.day < 1) return false;
  const bool leap_february = date.month == 2 && is_leap_year(date.year);
  return date.day <= lengths[date.month - 1] + (leap_february ? 1 : 0);
}

/// "2024-02-29"; the year has at least four digits and no sign, append_era() follows at the end.
inline void append_date(std::string& out, const CivilDate& date) {
  append_padded(out, static_cast<std::uint64_t>(date.year > 0 ? date.year : 1 - date.year), 4);
  out.push_back('-');
  append_padded(out, date.month, 2);
  out.push_back('-');
  append_padded(out, date.day, 2);
}

inline void append_era(std::string& out, const CivilDate& date) {
  if (date.year <= 0) out.append(" BC");
}

/// "07.89": seconds below a minute, fraction of up to six digits without trailing zeros.
inline void append_seconds(std::string& out, std::uint64_t microseconds) {
  append_padded(out, microseconds / microseconds_per_second, 2);
  std::uint64_t fraction = microseconds % microseconds_per_second;
  if (fraction == 0) return;
  std::size_t width = 6;
  for (; fraction % 10 == 0; fraction /= 10) --width;
  out.push_back('.');
  append_padded(out, fraction, width);
}

/// "12:34:56.789"; an interval may have more than two digits of hours.
inline void append_clock(std::string& out, std::uint64_t microseconds) {
  constexpr std::uint64_t minute = 60 * microseconds_per_second;
  append_padded(out, microseconds / (60 * minute), 2);
  out.push_back(':');
  append_padded(out, microseconds / minute % 60, 2);
  out.push_back(':');
  append_seconds(out, microseconds % minute);
}

/// "+02", "-05:30" or "+01:02:03", east of UTC being positive.
inline void append_utc_offset(std::string& out, std::int32_t seconds_east) {
  out.push_back(seconds_east < 0 ? '-' : '+');
  const auto seconds = static_cast<std::uint32_t>(seconds_east < 0 ? -seconds_east : seconds_east);
  append_padded(out, seconds / 3600, 2);
  if (seconds % 3600 == 0) return;
  out.push_back(':');
  append_padded(out, seconds / 60 % 60, 2);
  if (seconds % 60 == 0) return;
  out.push_back(':');
  append_padded(out, seconds % 60, 2);
}

/// Reads "2024-02-29". The year is of the Christian era until with_era() has seen the rest.
inline std::optional<CivilDate> scan_date(TextScanner& in) noexcept {
  const auto year = in.number(4, 7);
  if (!year || *year == 0 || !in.accept('-')) return std::nullopt;
  const auto month = in.number(2, 2);
  if (!month || !in.accept('-')) return std::nullopt;
  const auto day = in.number(2, 2);
  if (!day) return std::nullopt;
  return CivilDate{*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day)};
}

/// Reads " BC" if it is there and checks that the whole is a date.
inline std::optional<CivilDate> with_era(TextScanner& in, CivilDate date) noexcept {
  if (in.accept(" BC")) date.year = 1 - date.year;
  if (!is_civil_date(date)) return std::nullopt;
  return date;
}

/// Reads "07.89" as microseconds.
inline std::optional<std::int64_t> scan_seconds(TextScanner& in) noexcept {
  const auto seconds = in.number(2, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  std::int64_t fraction = 0;
  if (in.accept('.')) {
    const std::size_t before = in.rest().size();
    const auto digits = in.number(1, 6);
    if (!digits) return std::nullopt;
    fraction = *digits;
    for (std::size_t count = before - in.rest().size(); count < 6; ++count) fraction *= 10;
  }
  return *seconds * microseconds_per_second + fraction;
}

/// Reads "12:34:56.789" as microseconds. With `most_hours` up to those of an interval (ten digits)
/// the result stays below 2^64.
inline std::optional<std::uint64_t> scan_clock(TextScanner& in, std::int64_t most_hours) noexcept {
  const auto hours = in.number(2, 10);
  if (!hours || *hours > most_hours || !in.accept(':')) return std::nullopt;
  const auto minutes = in.number(2, 2);
  if (!minutes || *minutes > 59 || !in.accept(':')) return std::nullopt;
  const auto seconds = scan_seconds(in);
  if (!seconds) return std::nullopt;
  const auto whole_minutes = static_cast<std::uint64_t>(*hours * 60 + *minutes);
  return whole_minutes * 60 * microseconds_per_second + static_cast<std::uint64_t>(*seconds);
}

/// Reads "+02", "-05:30" or "+01:02:03" as seconds east of UTC.
inline std::optional<std::int32_t> scan_utc_offset(TextScanner& in) noexcept {
  const bool west = in.accept('-');
  if (!west && !in.accept('+')) return std::nullopt;
  const auto hours = in.number(2, 2);
  if (!hours) return std::nullopt;
  std::int64_t seconds = *hours * 3600;
  for (const std::int64_t unit : {60, 1}) {
    if (!in.accept(':')) break;
    const auto part = in.number(2, 2);
    if (!part || *part > 59) return std::nullopt;
    seconds += *part * unit;
  }
  if (seconds >= utc_offset_limit) return std::nullopt;
  return static_cast<std::int32_t>(west ? -seconds : seconds);
}

}  // namespace detail

}  // namespace pgreactor
