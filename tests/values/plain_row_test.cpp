#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <pgreactor/detail/parameters.hpp>
#include <pgreactor/detail/plain_row.hpp>
#include <pgreactor/values/all.hpp>
#include <string>
#include <string_view>
#include <vector>

// Rows whose size is known before they are written are the same bytes as those that are not.
namespace pgreactor {
namespace {

std::vector<Column> columns_of_types(std::initializer_list<Oid> types) {
  std::vector<Column> columns;
  for (const Oid type : types) columns.emplace_back().type = type;
  return columns;
}

template <class... Values>
std::optional<std::string> plain_row(std::initializer_list<Oid> types, const Values&... values) {
  const std::vector<Column> columns = columns_of_types(types);
  EXPECT_EQ(columns.size(), sizeof...(values));
  ByteBuffer out;
  out.append(std::string_view("before"));
  const bool written = detail::append_plain_row(out, columns.data(), values...);
  const std::string_view all = as_text(out.bytes());
  EXPECT_EQ(all.substr(0, 6), "before");
  if (!written) {
    EXPECT_EQ(all, "before") << "something of a row that is not plain";
    return std::nullopt;
  }
  return std::string(all.substr(6));
}

template <class... Values>
std::string row_by_value(std::initializer_list<Oid> types, const Values&... values) {
  ByteBuffer out;
  store_big_endian(out.extend(2), static_cast<std::uint16_t>(sizeof...(values)));
  const Oid* type = types.begin();
  const auto append = [&](const auto& value) {
    EXPECT_EQ(detail::append_value(out, value, *type++), EncodeError::none);
  };
  (append(values), ...);
  return std::string(as_text(out.bytes()));
}

TEST(PlainRow, IsTheSameAsItsValuesOneByOne) {
  const TimestampTz at = *TimestampTz::from_microseconds_since_2000(631'152'000'000'001);
  const auto expect_same = [](std::initializer_list<Oid> types, const auto&... values) {
    EXPECT_EQ(plain_row(types, values...), row_by_value(types, values...));
  };
  expect_same({oid::int2, oid::int4, oid::int8}, std::int16_t{-2}, std::int32_t{1 << 30},
              std::int64_t{-1} << 40);
  expect_same({oid::float4, oid::float8, oid::timestamptz}, 0.5f, -1.25, at);
  expect_same({oid::varchar, oid::int4}, std::string("a string"), 7);
  const std::optional<std::int64_t> no_number;
  const std::optional<std::string> no_text;
  expect_same({oid::int8, oid::text, oid::int8, oid::text}, no_number, no_text,
              std::optional<std::int64_t>(5), std::optional<std::string>("there"));
}

TEST(PlainRow, CopiesTextsOfEveryLength) {
  std::string text;
  for (int length = 0; length <= 100; ++length) {
    EXPECT_EQ(plain_row({oid::text, oid::text}, std::string_view(text), text),
              row_by_value({oid::text, oid::text}, std::string_view(text), text))
        << length;
    text += static_cast<char>('!' + length % 90);
  }
}

TEST(PlainRow, IsNoneOfValuesThatHaveToBeConvertedOrRefused) {
  EXPECT_EQ(plain_row({oid::int8}, std::int32_t{1}), std::nullopt);
  EXPECT_EQ(plain_row({oid::text, oid::text}, std::string("fine"), std::string("a\0b", 3)),
            std::nullopt);
  EXPECT_EQ(plain_row({oid::text}, std::string_view("\xff")), std::nullopt);
  EXPECT_EQ(plain_row({oid::date}, std::string_view("2024-01-01")), std::nullopt);
  EXPECT_EQ(plain_row({oid::int4}, std::optional<std::int64_t>(1)), std::nullopt);
  EXPECT_EQ(plain_row({oid::int4_array}, std::vector<std::int32_t>{1}), std::nullopt);
  EXPECT_EQ(plain_row({oid::text}, "a literal"), std::nullopt);
}

}  // namespace
}  // namespace pgreactor
