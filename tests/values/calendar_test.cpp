#include <gtest/gtest.h>

#include <chrono>
#include <pgreactor/values/chrono.hpp>
#include <pgreactor/values/interval.hpp>
#include <pgreactor/values/time.hpp>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using SystemTime = std::chrono::sys_time<microseconds>;
using LocalTime = std::chrono::local_time<microseconds>;

TEST(Calendar, CountsEveryDayOfSixteenCenturies) {
  detail::CivilDate expected{-400, 1, 1};
  for (std::int64_t day = detail::days_of(expected); expected.year < 1200; ++day) {
    const detail::CivilDate date = detail::civil_of(day);
    ASSERT_TRUE(date.year == expected.year && date.month == expected.month &&
                date.day == expected.day)
        << day;
    ASSERT_EQ(detail::days_of(date), day);
    ++expected.day;
    if (!detail::is_civil_date(expected)) expected = {expected.year, expected.month + 1, 1};
    if (!detail::is_civil_date(expected)) expected = {expected.year + 1, 1, 1};
  }
}

TEST(Date, ComesFromYearMonthAndDay) {
  EXPECT_EQ(value_of(Date::from_civil(2024, 2, 29)).to_string(), "2024-02-29");
  EXPECT_EQ(value_of(Date::from_civil(0, 2, 29)).to_string(), "0001-02-29 BC");
  EXPECT_EQ(value_of(Date::from_civil(-4713, 11, 24)).to_string(), "4714-11-24 BC");
  EXPECT_EQ(Date::from_civil(-4713, 11, 23), DecodeError::out_of_range);
  EXPECT_EQ(value_of(Date::from_civil(5'874'897, 12, 31)).days_since_2000(), 2'145'031'948);
  EXPECT_EQ(Date::from_civil(5'874'898, 1, 1), DecodeError::out_of_range);
  EXPECT_EQ(Date::from_civil(INT64_MAX, 1, 1), DecodeError::out_of_range);
  EXPECT_EQ(Date::from_civil(2023, 2, 29), DecodeError::invalid);
  EXPECT_EQ(Date::from_civil(1900, 2, 29), DecodeError::invalid);
  EXPECT_EQ(Date::from_civil(2024, 13, 1), DecodeError::invalid);
  EXPECT_EQ(Date::from_civil(2024, 4, 31), DecodeError::invalid);
}

TEST(Date, HasTwoInfinitiesBeyondEveryDay) {
  EXPECT_EQ(Date::infinity().finiteness(), Finiteness::infinity);
  EXPECT_EQ(value_of(binary_column<Date>("80000000", oid::date)).finiteness(),
            Finiteness::minus_infinity);
  EXPECT_LT(Date::minus_infinity(), value_of(Date::from_civil(-4713, 11, 24)));
  EXPECT_GT(Date::infinity(), value_of(Date::from_civil(5'874'897, 12, 31)));
  EXPECT_EQ(Date::infinity().to_chrono(), DecodeError::out_of_range);
}

TEST(Date, RefusesOtherTextsAndDaysThatNeverWere) {
  for (const std::string_view text :
       {"", "2024", "2024-02", "2024-2-29", "24-02-29", "2023-02-29", "2024-00-10", "2024-01-32",
        "0000-01-01", "02/29/2024", "2024-02-29 ", "2024-02-29BC", "2024-02-29 AD", "Infinity",
        "-2024-02-29", "0002-02-29 BC", "20240229", "12345678-01-01"})
    EXPECT_EQ(text_column<Date>(text, oid::date), DecodeError::invalid) << text;
  EXPECT_EQ(text_column<Date>("5874898-01-01", oid::date), DecodeError::out_of_range);
  EXPECT_EQ(text_column<Date>("4714-11-23 BC", oid::date), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<Date>("7fffffff00", oid::date), DecodeError::trailing);
  EXPECT_EQ(binary_column<Date>("7ffffffe", oid::date), DecodeError::invalid);
}

TEST(Date, IsSysDays) {
  const sys_days day{days{19'782}};
  EXPECT_EQ(parameter(day, oid::date), "binary 00002279");
  EXPECT_EQ(value_of(binary_column<sys_days>("00002279", oid::date)), day);
  EXPECT_EQ(binary_column<sys_days>("7fffffff", oid::date), DecodeError::out_of_range);
  EXPECT_EQ(parameter(sys_days::max(), oid::date), out_of_range);
  EXPECT_EQ(parameter(sys_days::min(), oid::date), out_of_range);
  EXPECT_EQ(parameter(day, oid::timestamptz), mismatch);
}

TEST(Time, RunsToTwentyFourHours) {
  EXPECT_EQ(value_of(Time::from(microseconds{86'400'000'000})).to_string(), "24:00:00");
  EXPECT_EQ(Time::from(microseconds{86'400'000'001}), DecodeError::out_of_range);
  EXPECT_EQ(Time::from(microseconds{-1}), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<Time>("000000141dd76001", oid::time), DecodeError::invalid);
  EXPECT_EQ(binary_column<Time>("ffffffffffffffff", oid::time), DecodeError::invalid);
  for (const std::string_view text :
       {"", "12", "12:34", "1:02:03", "12:60:00", "12:00:60", "25:00:00", "24:00:00.000001",
        "24:00:01", "12:34:56.", "12:34:56.1234567", "12:34:56 ", "-12:34:56", "12:34:56+00"})
    EXPECT_EQ(text_column<Time>(text, oid::time), DecodeError::invalid) << text;
}

TEST(TimeTz, CountsItsOffsetEastOfUtc) {
  const Time noon = value_of(Time::parse("12:00:00"));
  EXPECT_EQ(value_of(TimeTz::from(noon, seconds{3723})).to_string(), "12:00:00+01:02:03");
  EXPECT_EQ(value_of(text_column<TimeTz>("12:00:00-05:30", oid::timetz)).utc_offset(),
            seconds{-19'800});
  EXPECT_EQ(TimeTz::from(noon, seconds{57'600}), DecodeError::out_of_range);
  EXPECT_EQ(TimeTz::from(noon, seconds{-57'600}), DecodeError::out_of_range);
  EXPECT_EQ(TimeTz::from(noon, seconds::min()), DecodeError::out_of_range);
  EXPECT_EQ(binary_column<TimeTz>("00000000000000000000e100", oid::timetz), DecodeError::invalid);
  EXPECT_EQ(binary_column<TimeTz>("000000000000000080000000", oid::timetz), DecodeError::invalid);
  for (const std::string_view text : {"12:00:00", "12:00:00+", "12:00:00+1", "12:00:00+16",
                                      "12:00:00+01:60", "12:00:00+01:02:03:04", "12:00:00 +01"})
    EXPECT_EQ(text_column<TimeTz>(text, oid::timetz), DecodeError::invalid) << text;
}

TEST(Timestamp, IsChronoTime) {
  const SystemTime unix_epoch{};
  EXPECT_EQ(parameter(unix_epoch, oid::timestamptz), "binary fffca2fec4c82000");
  EXPECT_EQ(value_of(binary_column<SystemTime>("fffca2fec4c82000", oid::timestamptz)), unix_epoch);
  EXPECT_EQ(parameter(LocalTime{}, oid::timestamp), "binary fffca2fec4c82000");
  EXPECT_EQ(value_of(text_column<LocalTime>("1970-01-01 00:00:01", oid::timestamp)),
            LocalTime{seconds{1}});
  EXPECT_EQ(value_of(text_column<SystemTime>("1970-01-01 05:30:01+05:30", oid::timestamptz)),
            SystemTime{seconds{1}});
  EXPECT_EQ(parameter(SystemTime::max(), oid::timestamptz), "binary 7ffca2fec4c81fff")
      << "292277-01-09, within the server's range";
  EXPECT_EQ(parameter(SystemTime::min(), oid::timestamptz), out_of_range);
  EXPECT_EQ(binary_column<SystemTime>("7fffffffffffffff", oid::timestamptz),
            DecodeError::out_of_range);
  EXPECT_EQ(binary_column<SystemTime>("7fffff5bb3b29fff", oid::timestamptz),
            DecodeError::out_of_range)
      << "294276-12-31 is beyond std::chrono's 2^63 microseconds";
}

TEST(Timestamp, KeepsZonedAndLocalApart) {
  EXPECT_EQ(parameter(Timestamp{}, oid::timestamptz), mismatch);
  EXPECT_EQ(parameter(TimestampTz{}, oid::timestamp), mismatch);
  EXPECT_EQ(binary_column<Timestamp>("0000000000000000", oid::timestamptz),
            DecodeError::type_mismatch);
  EXPECT_EQ(parameter(TimestampTz{}, 16'400), "text 2000-01-01 00:00:00+00");
}

TEST(Timestamp, ReadsOffsetsOfAnyZone) {
  const auto moment = [](std::string_view text) {
    return value_of(text_column<TimestampTz>(text, oid::timestamptz)).to_string();
  };
  EXPECT_EQ(moment("2024-02-29 17:30:00.5+05:30"), "2024-02-29 12:00:00.5+00");
  EXPECT_EQ(moment("1799-12-31 19:03:58-04:56:02"), "1800-01-01 00:00:00+00");
  EXPECT_EQ(moment("0044-03-14 20:06:01-04:56:02 BC"), "0044-03-15 01:02:03+00 BC");
  EXPECT_EQ(moment("0001-01-01 00:00:00+00:00:01"), "0001-12-31 23:59:59+00 BC");
}

TEST(Timestamp, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "2024-02-29", "2024-02-29T12:00:00+00", "2024-02-29 12:00:00", "2024-02-30 12:00:00+00",
        "2024-02-29 24:00:00+00", "2024-02-29 12:00:00+00 AD", "Infinity", "2024-02-29 12:00:00Z"})
    EXPECT_EQ(text_column<TimestampTz>(text, oid::timestamptz), DecodeError::invalid) << text;
  EXPECT_EQ(text_column<Timestamp>("2024-02-29 12:00:00+00", oid::timestamp), DecodeError::invalid);
  EXPECT_EQ(text_column<Timestamp>("294277-01-01 00:00:00", oid::timestamp),
            DecodeError::out_of_range);
  EXPECT_EQ(text_column<Timestamp>("9999999-01-01 00:00:00", oid::timestamp),
            DecodeError::out_of_range);
  EXPECT_EQ(text_column<Timestamp>("4714-11-23 23:59:59 BC", oid::timestamp),
            DecodeError::out_of_range);
  EXPECT_EQ(binary_column<Timestamp>("7ffffffffffffffe", oid::timestamp), DecodeError::invalid);
  EXPECT_EQ(binary_column<Timestamp>("8000000000000001", oid::timestamp), DecodeError::invalid);
}

TEST(Interval, KeepsItsThreePartsApart) {
  const Interval interval =
      value_of(text_column<Interval>("-1 years -2 mons +3 days -04:05:06.5", oid::interval));
  EXPECT_EQ(interval, Interval(-14, 3, microseconds{-14'706'500'000}));
  EXPECT_EQ(interval.to_string(), "-1 years -2 mons +3 days -04:05:06.5");
  EXPECT_NE(Interval(1, 0, microseconds{0}), Interval(0, 30, microseconds{0}));
}

TEST(Interval, HoldsItsExtremes) {
  const Interval least(INT32_MIN, INT32_MIN, microseconds{INT64_MIN + 1});
  EXPECT_EQ(least.to_string(),
            "-178956970 years -8 mons -2147483648 days -2562047788:00:54.775807");
  EXPECT_EQ(value_of(Interval::parse(least.to_string())), least);
  EXPECT_EQ(value_of(Interval::parse("-2562047788:00:54.775808")),
            Interval(0, 0, microseconds::min()));
  EXPECT_EQ(Interval::parse("2562047788:00:54.775808"), DecodeError::out_of_range);
  EXPECT_EQ(Interval::parse("-2562047788:00:54.775809"), DecodeError::out_of_range);
  EXPECT_EQ(Interval::parse("178956970 years 8 mons"), DecodeError::out_of_range);
  EXPECT_EQ(Interval::parse("2147483648 days"), DecodeError::out_of_range);
}

TEST(Interval, HasTheInfinitiesOfServer17) {
  EXPECT_EQ(parameter(Interval::infinity(), oid::interval),
            "binary 7fffffffffffffff7fffffff7fffffff");
  EXPECT_EQ(value_of(text_column<Interval>("-infinity", oid::interval)).finiteness(),
            Finiteness::minus_infinity);
  EXPECT_EQ(Interval::infinity().to_string(), "infinity");
}

TEST(Interval, RefusesOtherTexts) {
  for (const std::string_view text : {"",
                                      " ",
                                      "1",
                                      "1 ",
                                      "1 year ",
                                      "year",
                                      "1 fortnight",
                                      "1 day 1 year",
                                      "1 day 1 day",
                                      "1 year  2 mons",
                                      "1 years2 mons",
                                      "P1Y",
                                      "@ 1 day ago",
                                      "01:02",
                                      "01:02:03 1 day",
                                      "--1 day",
                                      "01:60:00",
                                      "12345678901 days",
                                      "1 dayss",
                                      "1 day ago"})
    EXPECT_EQ(text_column<Interval>(text, oid::interval), DecodeError::invalid) << text;
}

}  // namespace
}  // namespace pgreactor::testing
