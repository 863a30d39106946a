#include "src/store_memory/filling.hpp"

#include <chrono>
#include <limits>
#include <random>

#include "src/store_memory/coercion.hpp"
#include "src/store_memory/constraints.hpp"
#include "src/store_memory/predicate.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

/// now() in the column's type, at UTC.
Datum now_as(Oid type) {
  const auto clock = std::chrono::system_clock::now();
  const auto now = TimestampTz::from(std::chrono::floor<std::chrono::microseconds>(clock));
  if (!now) cannot("the time of this machine's clock");
  if (type == oid::timestamptz) return *now;
  if (type == oid::timestamp)
    return *Timestamp::from_microseconds_since_2000(now->microseconds_since_2000());
  if (type == oid::date) return *Date::from(std::chrono::floor<std::chrono::days>(clock));
  cannot("now() as another type than timestamptz, timestamp and date");
}

/// Version 4: all random but for six bits.
Uuid random_uuid() {
  static thread_local std::random_device source;
  std::array<std::byte, Uuid::size> bytes;
  std::uniform_int_distribution<unsigned> any_byte(0, 255);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(any_byte(source));
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  return Uuid(bytes);
}

std::int64_t next_value(StoredTable& table, std::uint32_t column) {
  const Oid type = table.table->columns[column].type;
  const std::int64_t most = type == oid::int2   ? std::numeric_limits<std::int16_t>::max()
                            : type == oid::int4 ? std::numeric_limits<std::int32_t>::max()
                                                : std::numeric_limits<std::int64_t>::max();
  std::int64_t& last = table.sequences[column];
  if (last >= most)
    raise("2200H", "nextval: reached maximum value of sequence \"" + table.table->name.table() +
                       "_" + table.table->columns[column].name + "_seq\" (" + std::to_string(most) +
                       ")");
  return ++last;
}

[[noreturn]] void written_by_the_server(const TableColumn& column, std::string message) {
  ServerReport report = report_of("428C9", std::move(message));
  report.detail = "Column \"" + column.name + "\" is a generated column.";
  if (column.identity == Identity::always)
    report.detail =
        "Column \"" + column.name + "\" is an identity column defined as GENERATED ALWAYS.";
  raise(std::move(report));
}

bool is_the_servers(const TableColumn& column) noexcept {
  return column.is_generated || column.identity == Identity::always;
}

Datum incremented(const Datum& version) {
  if (version.is_null()) return version;
  const std::int64_t* const number = version.if_is<std::int64_t>();
  if (number == nullptr) cannot("a version column that is no integer");
  if (*number == std::numeric_limits<std::int64_t>::max()) raise("22003", "bigint out of range");
  return *number + 1;
}

}  // namespace

Datum default_of(StoredTable& table, std::uint32_t column) {
  const ColumnSource& source = table.declaration->sources()[column];
  const ValueType type = type_of(*table.declaration, column);
  switch (source.kind()) {
    case ColumnSource::Kind::null:
      break;
    case ColumnSource::Kind::constant:
      return computed(source.constant(), type);
    case ColumnSource::Kind::now:
      return now_as(type.type);
    case ColumnSource::Kind::random_uuid:
      return coerced(random_uuid(), type);
    case ColumnSource::Kind::sequence:
      return next_value(table, column);
    case ColumnSource::Kind::unknown:
      cannot("the default of column " + table.table->columns[column].name);
  }
  return {};
}

std::vector<Datum> filled(StoredTable& table, const Insertion& insertion,
                          const std::vector<Datum>& values) {
  if (values.size() != insertion.columns.size()) cannot("a row of another length than its columns");
  const auto& columns = table.table->columns;
  std::vector<const Datum*> given(columns.size(), nullptr);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const TableColumn& column = columns.at(insertion.columns[i]);
    if (values[i].is_column_default()) continue;
    if (is_the_servers(column) && (column.is_generated || !insertion.overriding_identity))
      written_by_the_server(
          column, "cannot insert a non-DEFAULT value into column \"" + column.name + "\"");
    given[insertion.columns[i]] = &values[i];
  }
  std::vector<Datum> row;
  row.reserve(columns.size());
  for (std::uint32_t i = 0; i < columns.size(); ++i)
    row.push_back(given[i] == nullptr ? default_of(table, i)
                                      : coerced(*given[i], type_of(*table.declaration, i)));
  generate(table, row);
  return row;
}

void generate(const StoredTable& table, std::vector<Datum>& row) {
  for (std::uint32_t i = 0; i < row.size(); ++i) {
    const TableColumn& column = table.table->columns[i];
    if (!column.is_generated) continue;
    const GeneratedValue& value = table.declaration->generators()[i];
    if (!value) cannot("the value of the generated column " + column.name);
    row[i] = computed(value(record_of(table, row, {})), type_of(*table.declaration, i));
  }
}

std::vector<Datum> values_to_set(const StoredTable& table, const Alteration& alteration) {
  if (alteration.values.size() != alteration.columns.size())
    cannot("an update of other columns than values");
  std::vector<Datum> values;
  for (std::size_t i = 0; i < alteration.columns.size(); ++i) {
    const std::uint32_t at = alteration.columns[i];
    const TableColumn& column = table.table->columns.at(at);
    const bool is_default = alteration.values[i].is_column_default();
    if (!is_default && is_the_servers(column))
      written_by_the_server(column,
                            "column \"" + column.name + "\" can only be updated to DEFAULT");
    values.push_back(is_default ? alteration.values[i]
                                : coerced(alteration.values[i], type_of(*table.declaration, at)));
  }
  return values;
}

std::vector<Datum> altered(StoredTable& table, const Alteration& alteration,
                           const std::vector<Datum>& values, const StoredRow& row) {
  std::vector<Datum> changed = *row;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t at = alteration.columns[i];
    changed[at] = values[i].is_column_default() ? default_of(table, at) : values[i];
  }
  if (alteration.version_column) {
    Datum& version = changed.at(*alteration.version_column);
    version =
        computed(incremented(version), type_of(*table.declaration, *alteration.version_column));
  }
  return changed;
}

}  // namespace pgreactor::store_memory
