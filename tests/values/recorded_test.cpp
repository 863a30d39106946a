#include <gtest/gtest.h>

#include <pgreactor/values/all.hpp>

#include "tests/values/recorded_values.hpp"
#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

/// The types of with_counterpart() that are no numbers, times or documents.
template <class Check>
void with_other_counterpart(Oid type, const Check& check) {
  switch (type) {
    case oid::inet:
      return check(Inet{});
    case oid::cidr:
      return check(Cidr{});
    case oid::macaddr:
      return check(MacAddress{});
    case oid::macaddr8:
      return check(MacAddress8{});
    case oid::bit:
    case oid::varbit:
      return check(BitString{});
    case oid::point:
      return check(Point{});
    case oid::lseg:
      return check(LineSegment{});
    case oid::box:
      return check(Box{});
    case oid::line:
      return check(Line{});
    case oid::circle:
      return check(Circle{});
    case oid::path:
      return check(Path{});
    case oid::polygon:
      return check(Polygon{});
    case oid::tsvector:
      return check(TsVector{});
    case oid::tsquery:
      return check(TsQuery{});
    case oid::int4range:
      return check(Range<std::int32_t>{});
    case oid::int8range:
      return check(Range<std::int64_t>{});
    case oid::numrange:
      return check(Range<Numeric>{});
    case oid::daterange:
      return check(Range<Date>{});
    case oid::tsrange:
      return check(Range<Timestamp>{});
    case oid::tstzrange:
      return check(Range<TimestampTz>{});
    case oid::int4multirange:
      return check(Multirange<std::int32_t>{});
    case oid::int8multirange:
      return check(Multirange<std::int64_t>{});
    case oid::nummultirange:
      return check(Multirange<Numeric>{});
    case oid::datemultirange:
      return check(Multirange<Date>{});
    case oid::tsmultirange:
      return check(Multirange<Timestamp>{});
    case oid::tstzmultirange:
      return check(Multirange<TimestampTz>{});
    default:
      ASSERT_TRUE(is_text_family(type)) << type;
      return check(std::string{});
  }
}

/// Calls `check` with a value of the C++ type that is the counterpart of a scalar server type.
template <class Check>
void with_counterpart(Oid type, const Check& check) {
  switch (type) {
    case oid::boolean:
      return check(bool{});
    case oid::int2:
      return check(std::int16_t{});
    case oid::int4:
      return check(std::int32_t{});
    case oid::int8:
      return check(std::int64_t{});
    case oid::oid:
    case oid::xid:
    case oid::cid:
      return check(std::uint32_t{});
    case oid::xid8:
      return check(std::uint64_t{});
    case oid::tid:
      return check(Tid{});
    case oid::float4:
      return check(float{});
    case oid::float8:
      return check(double{});
    case oid::numeric:
      return check(Numeric{});
    case oid::bytea:
      return check(std::vector<std::byte>{});
    case oid::uuid:
      return check(Uuid{});
    case oid::json:
    case oid::jsonb:
      return check(Json{});
    case oid::date:
      return check(Date{});
    case oid::time:
      return check(Time{});
    case oid::timetz:
      return check(TimeTz{});
    case oid::timestamp:
      return check(Timestamp{});
    case oid::timestamptz:
      return check(TimestampTz{});
    case oid::interval:
      return check(Interval{});
    default:
      return with_other_counterpart(type, check);
  }
}

/// The same, and a vector for an array.
template <class Check>
void with_value(Oid type, const Check& check) {
  if (const Oid element = element_type(type); element != oid::unspecified)
    return with_counterpart(element,
                            [&]<class T>(const T&) { check(std::vector<std::optional<T>>{}); });
  with_counterpart(type, check);
}

bool is_vector(const RecordedValue& recorded) {
  return element_type(recorded.type) == oid::unspecified ||
         (recorded.text.find("{{") == std::string_view::npos && recorded.text.front() == '{');
}

/// The server sends scale 32 with an infinite numeric, a leftover of its memory layout, which it
/// ignores when it reads one.
std::string without_leftovers(const RecordedValue& recorded) {
  std::string hex{recorded.binary};
  for (const std::string_view infinity : {"00000000d0000020", "00000000f0000020"})
    if (const std::size_t at = hex.find(infinity); at != std::string::npos)
      hex.replace(at + 12, 4, "0000");
  return hex;
}

TEST(RecordedValue, ShowsTheServersText) {
  for (const RecordedValue& recorded : recorded_values)
    EXPECT_EQ(value_of(binary_column<std::string>(recorded.binary, recorded.type)), recorded.text)
        << recorded.type;
}

TEST(RecordedValue, IsTheSameValueInBothFormats) {
  for (const RecordedValue& recorded : recorded_values) {
    if (!is_vector(recorded)) continue;
    with_value(recorded.type, [&]<class T>(const T&) {
      const T from_binary = value_of(binary_column<T>(recorded.binary, recorded.type));
      const T from_text = value_of(text_column<T>(recorded.text, recorded.type));
      const std::string expected = "binary " + without_leftovers(recorded);
      EXPECT_EQ(parameter(from_binary, recorded.type), expected) << recorded.text;
      EXPECT_EQ(parameter(from_text, recorded.type), expected) << recorded.text;
    });
  }
}

TEST(RecordedValue, CutShortIsRefused) {
  for (const RecordedValue& recorded : recorded_values) {
    if (is_text_family(recorded.type) || recorded.type == oid::bytea ||
        recorded.type == oid::json || recorded.type == oid::jsonb)
      continue;  // any length is a value of these
    const std::vector<std::byte> bytes = bytes_of_hex(recorded.binary);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const Bytes cut = Bytes{bytes}.first(length);
      EXPECT_EQ(column<std::string>(cut, recorded.type, FormatCode::binary), DecodeError::truncated)
          << recorded.text << " at " << length;
      if (!is_vector(recorded)) continue;
      with_value(recorded.type, [&]<class T>(const T&) {
        EXPECT_EQ(column<T>(cut, recorded.type, FormatCode::binary), DecodeError::truncated)
            << recorded.text << " at " << length;
      });
    }
  }
}

TEST(RecordedValue, WithAByteMoreIsRefused) {
  for (const RecordedValue& recorded : recorded_values) {
    if (is_text_family(recorded.type) || recorded.type == oid::bytea ||
        recorded.type == oid::json || recorded.type == oid::jsonb)
      continue;
    const std::string longer = std::string(recorded.binary) + "00";
    EXPECT_EQ(binary_column<std::string>(longer, recorded.type), DecodeError::trailing)
        << recorded.text;
    if (!is_vector(recorded)) continue;
    with_value(recorded.type, [&]<class T>(const T&) {
      EXPECT_EQ(binary_column<T>(longer, recorded.type), DecodeError::trailing) << recorded.text;
    });
  }
}

TEST(RecordedValue, TextCutShortIsNeverReadOutOfBounds) {
  for (const RecordedValue& recorded : recorded_values) {
    if (!is_vector(recorded)) continue;
    for (std::size_t length = 0; length < recorded.text.size(); ++length) {
      // a copy of exactly this length, so that a sanitizer sees a read beyond it
      const std::vector<char> cut(recorded.text.begin(),
                                  recorded.text.begin() + static_cast<std::ptrdiff_t>(length));
      with_value(recorded.type, [&]<class T>(const T&) {
        const auto read = text_column<T>({cut.data(), cut.size()}, recorded.type);
        if (read) {
          EXPECT_NE(parameter(*read, recorded.type), mismatch);
        }
      });
    }
  }
}

TEST(RecordedValue, CoversEveryTypeWithABinaryDecoder) {
  const auto recorded = [](Oid type) {
    return std::ranges::any_of(recorded_values,
                               [&](const RecordedValue& each) { return each.type == type; });
  };
  for (const Oid type : {oid::boolean,
                         oid::bytea,
                         oid::int2,
                         oid::int4,
                         oid::int8,
                         oid::oid,
                         oid::float4,
                         oid::float8,
                         oid::numeric,
                         oid::json,
                         oid::jsonb,
                         oid::uuid,
                         oid::date,
                         oid::time,
                         oid::timetz,
                         oid::timestamp,
                         oid::timestamptz,
                         oid::interval,
                         oid::text,
                         oid::varchar,
                         oid::bpchar,
                         oid::name,
                         oid::xid,
                         oid::cid,
                         oid::xid8,
                         oid::tid,
                         oid::inet,
                         oid::cidr,
                         oid::macaddr,
                         oid::macaddr8,
                         oid::bit,
                         oid::varbit,
                         oid::point,
                         oid::lseg,
                         oid::box,
                         oid::line,
                         oid::circle,
                         oid::path,
                         oid::polygon,
                         oid::tsvector,
                         oid::tsquery,
                         oid::int4range,
                         oid::numrange,
                         oid::tsrange,
                         oid::tstzrange,
                         oid::daterange,
                         oid::int8range,
                         oid::int4multirange,
                         oid::nummultirange,
                         oid::tsmultirange,
                         oid::tstzmultirange,
                         oid::datemultirange,
                         oid::int8multirange}) {
    EXPECT_TRUE(has_binary_decoder(type)) << type;
    EXPECT_TRUE(recorded(type)) << type;
    EXPECT_TRUE(has_binary_decoder(array_type(type))) << type;
    EXPECT_EQ(element_type(array_type(type)), type);
  }
  for (const Oid type : {oid::money, oid::xml, oid::character, oid::char_array, oid::void_,
                         oid::record, oid::regproc, oid::unspecified, Oid{16'400}})
    EXPECT_FALSE(has_binary_decoder(type)) << type;
}

}  // namespace
}  // namespace pgreactor::testing
