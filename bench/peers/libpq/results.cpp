#include "bench/peers/libpq/connection.hpp"
#include "bench/peers/libpq/modes.hpp"

namespace pgreactor::bench {
namespace {

/// What was read of the rows.
struct Sums {
  std::uint64_t rows = 0;
  std::int64_t check = 0;

  void add_bulk(const Result& result) noexcept {
    const int count = PQntuples(result.get());
    for (int row = 0; row < count; ++row) {
      check += load_int8(PQgetvalue(result.get(), row, 0));
      keep(load_float8(PQgetvalue(result.get(), row, 1)));
      keep(load_int8(PQgetvalue(result.get(), row, 2)));
      const char* text = PQgetvalue(result.get(), row, 3);
      keep(std::string_view(text, static_cast<std::size_t>(PQgetlength(result.get(), row, 3))));
    }
    rows += static_cast<std::uint64_t>(count);
  }
  void add_wide(const Result& result) noexcept {
    const int count = PQntuples(result.get()), columns = PQnfields(result.get());
    for (int row = 0; row < count; ++row)
      for (int column = 0; column < columns; ++column) check += int4_at(result, row, column);
    rows += static_cast<std::uint64_t>(count);
  }
  /// A row of binary COPY behind the count of its columns.
  void add_copied(const char* row) noexcept {
    check += load_int8(row + binary_row_a);
    keep(load_float8(row + binary_row_b));
    keep(load_int8(row + binary_row_c));
    keep(std::string_view(row + binary_row_d, load<std::uint32_t>(row + binary_row_d - 4)));
    ++rows;
  }
};

void read_result(const Command& command, bool single) {
  const bool wide = command.workload == "W7";
  const Connection connection;
  connection.prepare(wide ? wide_sql : bulk_sql);
  Sums sums;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    if (PQsendQueryPrepared(connection.get(), "s", 0, nullptr, nullptr, nullptr, 1) == 0)
      connection.fail();
    if (single) PQsetSingleRowMode(connection.get());
    while (PGresult* next = PQgetResult(connection.get())) {
      // A result of no rows ends single-row mode.
      const bool is_row = PQresultStatus(next) == PGRES_SINGLE_TUPLE;
      const Result result = connection.expect(is_row ? PGRES_SINGLE_TUPLE : PGRES_TUPLES_OK, next);
      wide ? sums.add_wide(result) : sums.add_bulk(result);
    }
  }
  measurement.end();
  measurement.print({.operations = sums.rows, .check = sums.check});
}

/// One COPY TO STDOUT; libpq gives each row in memory of its own, the header before the first.
void copy_once(const Connection& connection, Sums& sums) {
  connection.expect(PGRES_COPY_OUT, PQexec(connection.get(), std::string(bulk_copy_sql).c_str()));
  char* data = nullptr;
  bool first = true;
  for (;;) {
    const int size = PQgetCopyData(connection.get(), &data, 0);
    if (size < 0) break;
    const std::unique_ptr<char, void (*)(void*)> owner(data, &PQfreemem);
    const char* row = first ? data + binary_copy_header_size : data;
    first = false;
    if (data + size - row >= static_cast<std::ptrdiff_t>(binary_row_d)) sums.add_copied(row);
  }
  connection.expect(PGRES_COMMAND_OK, PQgetResult(connection.get()));
  PQgetResult(connection.get());
}

}  // namespace

void result_whole(const Command& command) { read_result(command, false); }
void result_single(const Command& command) { read_result(command, true); }

void copy_out(const Command& command) {
  const Connection connection;
  Sums sums;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) copy_once(connection, sums);
  measurement.end();
  measurement.print({.operations = sums.rows, .check = sums.check});
}

}  // namespace pgreactor::bench
