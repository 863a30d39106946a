#include "bench/canned/canned_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/vocabulary/column.hpp>
#include <span>
#include <string_view>

#include "bench/canned/wire_text.hpp"
#include "bench/workload_rows.hpp"
#include "protocol/authentication.hpp"
#include "protocol/copy.hpp"
#include "protocol/extended_query.hpp"
#include "protocol/result.hpp"
#include "protocol/startup.hpp"

namespace pgreactor::bench {
namespace {

constexpr std::size_t block_rows = 1000;
// The largest message a session keeps while the rest of it is on its way.
constexpr std::uint32_t largest_body = 16 * 1024 * 1024;

template <class T>
std::string big_endian(T value) {
  std::array<std::byte, sizeof(T)> bytes;
  store_big_endian(bytes.data(), value);
  return std::string(as_text(bytes));
}

template <class T>
std::string integer(T value, FormatCode format) {
  return format == FormatCode::binary ? big_endian(value) : fmt::format("{}", value);
}

// Row `number` of the table `bulk`.
std::vector<std::string> bulk_row(std::int64_t number, FormatCode format) {
  const std::int64_t a = row_a(number), c = row_c(number);
  const double b = row_b(number);
  const auto digits = row_d(number);
  std::string d(digits.begin(), digits.end());
  if (format == FormatCode::binary)
    return {big_endian(a), big_endian(std::bit_cast<std::uint64_t>(b)), big_endian(c), d};
  const std::int64_t of_day = (c - row_c(0)) / 1'000'000;  // the block ends that day
  return {fmt::format("{}", a), fmt::format("{}", b),
          fmt::format("2020-01-01 {:02}:{:02}:{:02}.{:06}+00", of_day / 3600, of_day / 60 % 60,
                      of_day % 60, c % 1'000'000),
          d};
}

std::string data_row(std::span<const std::string> values) {
  std::vector<NullableBytes> views;
  for (const std::string& value : values) views.emplace_back(as_bytes(value));
  return wire_text(protocol::DataRow{views});
}

// A row of COPY data in a message of its own.
std::string copy_row(std::span<const std::string> values, FormatCode format) {
  std::string row;
  if (format == FormatCode::binary) {
    row += big_endian(static_cast<std::uint16_t>(values.size()));
    for (const std::string& value : values)
      row += big_endian(static_cast<std::uint32_t>(value.size())) + value;
  } else {
    for (const std::string& value : values) row += value + (&value == &values.back() ? '\n' : '\t');
  }
  return wire_text(protocol::CopyData{as_bytes(row)});
}

struct Described {
  std::string_view name;
  Oid type;
  std::int16_t size;
};
std::string row_description(std::span<const Described> columns, FormatCode format) {
  protocol::RowDescription description;
  for (const Described& each : columns) {
    Column column;
    column.name = each.name;
    column.type = each.type;
    column.type_size = each.size;
    column.format = format;
    description.columns.push_back(std::move(column));
  }
  return wire_text(description);
}

std::string startup_answer() {
  using protocol::ParameterStatus;
  const protocol::CancelKey key{1, std::vector<std::byte>(4, std::byte{7})};
  return wire_text(
      protocol::Authentication(protocol::AuthenticationOk{}),
      ParameterStatus{"server_version", "15.0 (canned)"},
      ParameterStatus{"server_encoding", "UTF8"}, ParameterStatus{"client_encoding", "UTF8"},
      ParameterStatus{"DateStyle", "ISO, MDY"}, ParameterStatus{"IntervalStyle", "postgres"},
      ParameterStatus{"TimeZone", "UTC"}, ParameterStatus{"integer_datetimes", "on"},
      ParameterStatus{"standard_conforming_strings", "on"}, ParameterStatus{"is_superuser", "off"},
      ParameterStatus{"in_hot_standby", "off"},
      ParameterStatus{"default_transaction_read_only", "off"}, protocol::BackendKeyData{key},
      protocol::ReadyForQuery{});
}

protocol::BodyCaps make_received_caps() {
  protocol::BodyCaps caps = protocol::frontend_body_caps;
  for (std::uint32_t& cap : caps)
    if (cap != protocol::no_such_tag) cap = std::min(cap, largest_body);
  return caps;
}

}  // namespace

CannedAnswers::CannedAnswers()
    : startup_(startup_answer()),
      parse_complete_(wire_text(protocol::ParseComplete{})),
      bind_complete_(wire_text(protocol::BindComplete{})),
      ready_{wire_text(protocol::ReadyForQuery{TransactionStatus::idle}),
             wire_text(protocol::ReadyForQuery{TransactionStatus::in_transaction}),
             wire_text(protocol::ReadyForQuery{TransactionStatus::failed})},
      received_caps_(make_received_caps()) {
  result(AnswerKind::one).rows = result(AnswerKind::world).rows = 1;
  result(AnswerKind::bulk).rows = result(AnswerKind::copy_out).rows = bulk_rows;
  result(AnswerKind::wide).rows = wide_rows;
  make_results(FormatCode::text);
  make_results(FormatCode::binary);
}

void CannedAnswers::make_results(FormatCode format) {
  const std::size_t i = index(format);
  const Described int4{"int4", oid::int4, 4};
  Result& one = result(AnswerKind::one);
  one.columns[i] = row_description(std::span(&int4, 1), format);
  const std::string seven = integer(std::int32_t{7}, format);
  one.block[i].add(data_row(std::span(&seven, 1)));

  Result& world = result(AnswerKind::world);
  const std::array world_columns{Described{"id", oid::int4, 4},
                                 Described{"randomnumber", oid::int4, 4}};
  world.columns[i] = row_description(world_columns, format);
  const std::array<std::string, 2> row{integer(std::int32_t{4321}, format),
                                       integer(std::int32_t{1234}, format)};
  world.block[i].add(data_row(row));
  for (Result* single : {&one, &world}) {
    single->whole[i] = as_text(single->block[i].bytes());
    single->whole[i] += wire_text(protocol::CommandComplete{"SELECT 1"});
  }

  Result& bulk = result(AnswerKind::bulk);
  const std::array bulk_columns{Described{"a", oid::int8, 8}, Described{"b", oid::float8, 8},
                                Described{"c", oid::timestamptz, 8}, Described{"d", oid::text, -1}};
  bulk.columns[i] = row_description(bulk_columns, format);
  result(AnswerKind::bulkin).columns[i] = bulk.columns[i];
  Result& wide = result(AnswerKind::wide);
  std::vector<std::string> names;
  for (std::size_t n = 1; n <= wide_columns; ++n) names.push_back(fmt::format("c{}", n));
  std::vector<Described> columns;
  for (const std::string& name : names) columns.push_back({name, oid::int4, 4});
  wide.columns[i] = row_description(columns, format);
  for (std::size_t g = 1; g <= block_rows; ++g) {
    const auto values = bulk_row(static_cast<std::int64_t>(g), format);
    bulk.block[i].add(data_row(values));
    result(AnswerKind::copy_out).block[i].add(copy_row(values, format));
    std::vector<std::string> many;
    for (std::size_t n = 0; n < wide_columns; ++n)
      many.push_back(integer(static_cast<std::int32_t>(g * wide_columns + n), format));
    wide.block[i].add(data_row(many));
  }
}

}  // namespace pgreactor::bench
