#include <algorithm>
#include <cstdlib>

#include "bench/peers/libpq/connection.hpp"
#include "bench/peers/libpq/modes.hpp"

namespace pgreactor::bench {
namespace {

std::int64_t rows_of(const Result& result) noexcept {
  return std::strtoll(PQcmdTuples(result.get()), nullptr, 10);
}

void put(const Connection& connection, const char* bytes, std::size_t size) {
  if (PQputCopyData(connection.get(), bytes, static_cast<int>(size)) != 1) connection.fail();
}

void send_insert(const Connection& connection, std::uint64_t number) {
  char row[binary_row_size];
  store_row(row, static_cast<std::int64_t>(number));
  const char* const values[] = {row + binary_row_a, row + binary_row_b, row + binary_row_c,
                                row + binary_row_d};
  constexpr int lengths[] = {8, 8, 8, 32}, formats[] = {1, 1, 1, 1};
  if (PQsendQueryPrepared(connection.get(), "s", 4, values, lengths, formats, 1) == 0)
    connection.fail();
}

}  // namespace

void copy_in(const Command& command) {
  const Connection connection;
  connection.execute(truncate_sql);
  Measurement measurement;
  measurement.begin();
  connection.expect(PGRES_COPY_IN, PQexec(connection.get(), std::string(copy_in_sql).c_str()));
  put(connection, binary_copy_header, binary_copy_header_size);
  for (std::uint64_t number = 1; number <= command.count; ++number) {
    char row[binary_row_size];
    store_row(row, static_cast<std::int64_t>(number));
    put(connection, row, sizeof row);
  }
  put(connection, binary_copy_trailer, 2);
  if (PQputCopyEnd(connection.get(), nullptr) != 1) connection.fail();
  const Result done = connection.expect(PGRES_COMMAND_OK, PQgetResult(connection.get()));
  PQgetResult(connection.get());
  measurement.end();
  measurement.print({.operations = command.count, .check = rows_of(done)});
}

// One transaction, a Sync for DEPTH rows.
void insert_pipelined(const Command& command) {
  const Connection connection;
  connection.execute(truncate_sql);
  std::int64_t written = 0;
  Measurement measurement;
  measurement.begin();
  connection.execute("BEGIN");
  connection.prepare(insert_sql);
  PQenterPipelineMode(connection.get());
  for (std::uint64_t sent = 0; sent < command.count;) {
    const std::uint64_t asked = std::min(command.depth, command.count - sent);
    for (std::uint64_t i = 0; i < asked; ++i) send_insert(connection, ++sent);
    if (PQpipelineSync(connection.get()) == 0) connection.fail();
    for (std::uint64_t i = 0; i < asked; ++i) {
      written += rows_of(connection.expect(PGRES_COMMAND_OK, PQgetResult(connection.get())));
      PQgetResult(connection.get());  // null: the end of this query
    }
    connection.expect(PGRES_PIPELINE_SYNC, PQgetResult(connection.get()));
  }
  PQexitPipelineMode(connection.get());
  connection.execute("COMMIT");
  measurement.end();
  measurement.print({.operations = command.count, .check = written});
}

}  // namespace pgreactor::bench
