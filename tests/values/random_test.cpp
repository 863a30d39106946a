#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <pgreactor/values/all.hpp>
#include <random>

#include "tests/values/recorded_values.hpp"
#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

using std::chrono::microseconds;
using Random = std::mt19937_64;

constexpr int rounds = 5'000;
constexpr Oid server_types[] = {oid::boolean,
                                oid::bytea,
                                oid::name,
                                oid::int8,
                                oid::int2,
                                oid::int4,
                                oid::text,
                                oid::oid,
                                oid::xid,
                                oid::json,
                                oid::xml,
                                oid::float4,
                                oid::float8,
                                oid::money,
                                oid::varchar,
                                oid::date,
                                oid::time,
                                oid::timestamp,
                                oid::numeric,
                                oid::interval,
                                oid::timestamptz,
                                oid::timetz,
                                oid::uuid,
                                oid::jsonb,
                                oid::unknown,
                                oid::unspecified,
                                oid::int4_array,
                                oid::text_array,
                                oid::numeric_array,
                                oid::timestamptz_array,
                                oid::tid,
                                oid::xid8,
                                oid::pg_lsn,
                                oid::inet,
                                oid::cidr,
                                oid::macaddr,
                                oid::varbit,
                                oid::point,
                                oid::box_array,
                                oid::int4range,
                                oid::int8multirange,
                                oid::tsvector,
                                oid::tsquery,
                                16'400};

/// Some numbers are near the ends of their range, some small, some anything.
std::int64_t integer(Random& random) {
  switch (random() % 3) {
    case 0:
      return static_cast<std::int64_t>(random());
    case 1:
      return static_cast<std::int64_t>(random() % 2'000) - 1'000;
    default:
      return std::bit_cast<std::int64_t>(random() >> (random() % 64)) *
             (random() % 2 == 0 ? 1 : -1);
  }
}
std::int64_t within(Random& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}
std::string digits(Random& random, std::size_t most) {
  std::string text(random() % (most + 1), '0');
  for (char& c : text)
    if (random() % 3 != 0) c = static_cast<char>('0' + random() % 10);
  return text;
}
template <class T>
T random_value(Random& random);
template <>
double random_value(Random& random) {
  const auto bits = std::bit_cast<double>(random());
  return random() % 2 == 0 && !std::isnan(bits) ? bits : static_cast<double>(integer(random)) / 64;
}
template <>
Numeric random_value(Random& random) {
  const std::string sign = random() % 2 == 0 ? "-" : "";
  return value_of(
      Numeric::parse(sign + "0" + digits(random, 40) + "." + digits(random, 40) + "e0"));
}
template <>
Date random_value(Random& random) {
  return value_of(Date::from_days_since_2000(within(random, -2'451'545, 2'145'031'948)));
}
template <>
TimeTz random_value(Random& random) {
  const Time time = value_of(Time::from(microseconds{within(random, 0, 86'400'000'000)}));
  return value_of(TimeTz::from(time, std::chrono::seconds{within(random, -57'599, 57'599)}));
}
template <>
TimestampTz random_value(Random& random) {
  return value_of(TimestampTz::from_microseconds_since_2000(
      within(random, -211'813'488'000'000'000, 9'223'371'331'199'999'999)));
}
template <>
Interval random_value(Random& random) {
  return {static_cast<std::int32_t>(integer(random)), static_cast<std::int32_t>(integer(random)),
          microseconds{integer(random)}};
}
template <>
std::optional<std::string> random_value(Random& random) {
  constexpr std::string_view pieces[] = {"a", "\"", "\\", "{", "}", ",", " ", "NULL", "\n", "é"};
  if (random() % 5 == 0) return std::nullopt;
  std::string text;
  for (std::size_t left = random() % 5; left != 0; --left)
    text += pieces[random() % std::size(pieces)];
  return text;
}
template <>
std::vector<std::optional<std::string>> random_value(Random& random) {
  std::vector<std::optional<std::string>> values(random() % 5);
  for (auto& value : values) value = random_value<std::optional<std::string>>(random);
  return values;
}

template <class T>
void round_trips(Oid type, std::uint64_t seed) {
  Random random{seed};
  for (int round = 0; round < rounds; ++round) {
    const T value = random_value<T>(random);
    ByteBuffer out;
    ASSERT_EQ(ValueCodec<T>::encode(out, value, type), EncodeError::none);
    ASSERT_EQ(value_of(column<T>(out.bytes(), type, FormatCode::binary)), value);
    const std::string text = value_of(column<std::string>(out.bytes(), type, FormatCode::binary));
    ASSERT_EQ(value_of(text_column<T>(text, type)), value) << text;
  }
}

TEST(RandomValue, SurvivesBothFormats) {
  round_trips<double>(oid::float8, 1);
  round_trips<Numeric>(oid::numeric, 2);
  round_trips<Date>(oid::date, 3);
  round_trips<TimeTz>(oid::timetz, 4);
  round_trips<TimestampTz>(oid::timestamptz, 5);
  round_trips<Interval>(oid::interval, 6);
  round_trips<std::vector<std::optional<std::string>>>(oid::text_array, 7);
}

TEST(RandomValue, OfAnyIntegerFitsOrIsRefused) {
  Random random{8};
  for (int round = 0; round < rounds; ++round) {
    const std::int64_t value = integer(random);
    EXPECT_EQ(parameter(value, oid::int2) != out_of_range, std::in_range<std::int16_t>(value));
    EXPECT_EQ(parameter(value, oid::int4) != out_of_range, std::in_range<std::int32_t>(value));
    EXPECT_EQ(parameter(value, oid::oid) != out_of_range, std::in_range<std::uint32_t>(value));
    const Numeric numeric{value};
    EXPECT_EQ(value_of(numeric.to_int64()), value);
    EXPECT_EQ(numeric.to_string(), std::to_string(value));
    EXPECT_EQ(parameter(value, oid::numeric), parameter(numeric, oid::numeric));
  }
}

/// Whatever format is announced, the bytes are of that format: the server's text of a value is the
/// same whether it was sent in binary or as text.
template <class T>
void agrees(const T& value, std::string_view text) {
  for (const Oid type : server_types) {
    ByteBuffer out;
    if (ValueCodec<T>::encode(out, value, type) != EncodeError::none) continue;
    const FormatCode format = ValueCodec<T>::parameter_format(type);
    if (format == FormatCode::binary && element_type(type) == oid::unspecified) {
      ASSERT_TRUE(has_binary_decoder(type)) << type;
      const std::string shown = value_of(column<std::string>(out.bytes(), type, format));
      if (type != oid::float4 && type != oid::float8) {
        EXPECT_EQ(shown, text) << type;
      }
    } else if (format == FormatCode::text) {
      EXPECT_TRUE(!has_binary_decoder(type) || (std::convertible_to<T, std::string_view>)) << type;
      EXPECT_EQ(as_text(out.bytes()), text) << type;
    }
  }
}

TEST(ParameterFormat, AgreesWithWhatIsWritten) {
  agrees(true, "t");
  agrees(std::int16_t{-3}, "-3");
  agrees(12'345, "12345");
  agrees(std::int64_t{-5'000'000'000}, "-5000000000");
  agrees(std::uint64_t{18'446'744'073'709'551'615u}, "18446744073709551615");
  agrees(1.5f, "1.5");
  agrees(0.25, "0.25");
  agrees(value_of(Numeric::parse("7")), "7");
  agrees(std::string("2020-01-01"), "2020-01-01");
  agrees(std::string_view("{1,2}"), "{1,2}");
  agrees(bytes_of_hex("00ff"), "\\x00ff");
  agrees(value_of(Uuid::parse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
         "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  agrees(Json{"[1]"}, "[1]");
  agrees(value_of(Date::parse("0044-03-15 BC")), "0044-03-15 BC");
  agrees(value_of(Time::parse("24:00:00")), "24:00:00");
  agrees(value_of(TimeTz::parse("12:00:00-05:30")), "12:00:00-05:30");
  agrees(Timestamp::minus_infinity(), "-infinity");
  agrees(value_of(TimestampTz::parse("2024-02-29 12:00:00+00")), "2024-02-29 12:00:00+00");
  agrees(value_of(Interval::parse("1 day -01:00:00")), "1 day -01:00:00");
  agrees(std::chrono::sys_days{}, "1970-01-01");
  agrees(Tid(1, 2), "(1,2)");
  agrees(value_of(Inet::parse("10.0.0.1/8")), "10.0.0.1/8");
  agrees(value_of(Cidr::parse("10.0.0.0/8")), "10.0.0.0/8");
  agrees(MacAddress{}, "00:00:00:00:00:00");
  agrees(BitString{3}, "000");
  agrees(Point(1, 2), "(1,2)");
  agrees(TsVector({Lexeme("a")}), "'a'");
  agrees(TsQuery("a") | TsQuery("b"), "'a' | 'b'");
  agrees(Range<int>(1, 5), "[1,5)");
  agrees(Multirange<int>({Range<int>(1, 5)}), "{[1,5)}");
}

/// Decodes as every type T; what is accepted has to encode again, but for text that is not UTF-8.
template <class... T>
void decode_as(Bytes in, Oid type, FormatCode format) {
  const auto one = [&]<class Target>(const Target&) {
    Target value{};
    if (ValueCodec<Target>::decode(in, type, format, value) != DecodeError::none) return;
    ByteBuffer out;
    const EncodeError error =
        ValueCodec<Target>::encode(out, value, ValueCodec<Target>::natural_type);
    const bool text = std::is_same_v<Target, std::string> || std::is_same_v<Target, TsVector> ||
                      std::is_same_v<Target, TsQuery> ||
                      std::is_same_v<Target, Array<std::optional<std::string>>>;
    EXPECT_TRUE(error == EncodeError::none || text) << name_of(error) << ' ' << type;
  };
  (one(T{}), ...);
}

// Requirement: W15
TEST(HostileBytes, AreReadOrRefusedInBounds) {
  Random random{9};
  for (int round = 0; round < 20 * rounds; ++round) {
    const RecordedValue& recorded = recorded_values[random() % std::size(recorded_values)];
    const bool binary = random() % 2 == 0;
    std::vector<std::byte> bytes =
        binary ? bytes_of_hex(recorded.binary) : std::vector<std::byte>{};
    if (!binary)
      for (const char c : recorded.text) bytes.push_back(static_cast<std::byte>(c));
    for (std::size_t changes = random() % 4; changes != 0 && !bytes.empty(); --changes)
      bytes[random() % bytes.size()] = static_cast<std::byte>(random() % 3 == 0 ? 0xff : random());
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 9), std::byte{0x30});
    decode_as<bool, std::int16_t, std::uint64_t, float, double, Numeric, std::string,
              std::vector<std::byte>, Uuid, Date, Time, TimeTz, Timestamp, TimestampTz, Interval,
              std::vector<std::optional<int>>, std::vector<std::optional<Numeric>>,
              std::vector<std::optional<TimestampTz>>, std::vector<std::vector<std::byte>>, Tid,
              Inet, Cidr, MacAddress, MacAddress8, BitString, Point, LineSegment, Box, Line, Circle,
              Path, Polygon, TsVector, TsQuery, std::vector<Box>, Range<int>, Range<Numeric>,
              Range<Timestamp>, Multirange<int>, Multirange<Numeric>, Multirange<Date>,
              Array<std::optional<int>>, std::vector<std::vector<TimestampTz>>,
              Array<std::optional<std::string>>>(bytes, recorded.type,
                                                 binary ? FormatCode::binary : FormatCode::text);
  }
}

}  // namespace
}  // namespace pgreactor::testing
