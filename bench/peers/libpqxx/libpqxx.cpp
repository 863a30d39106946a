// The workloads through libpqxx.
#include <pqxx/pqxx>
#include <pqxx/stream_from>
#include <pqxx/stream_to>

#include "bench/measured_program.hpp"
#include "bench/peers/libpqxx/pool.hpp"

namespace pgreactor::bench {
namespace {

const std::vector<std::string> bulk_columns = {"a", "b", "c", "d"};

void echo_query(const Command& command) {
  pqxx::connection connection;
  connection.prepare("s", std::string(echo_sql));
  pqxx::nontransaction session(connection);
  std::int64_t sum = 0;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    const Clock::time_point wanted = Clock::now();
    sum += session.exec_prepared1("s", static_cast<std::int32_t>(i))[0].as<std::int32_t>();
    measurement.record(wanted);
  }
  measurement.end();
  measurement.print({.operations = command.count, .check = sum});
}

void world_each(const Command& command) {
  if (command.depth != 1) throw std::runtime_error("the library has one query in flight: DEPTH 1");
  pqxx::connection connection;
  connection.prepare("s", std::string(world_sql));
  pqxx::nontransaction session(connection);
  std::int64_t sum = 0;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    const Clock::time_point wanted = Clock::now();
    sum += randomnumber_of(session.exec_prepared1("s", world_id(i)));
    measurement.record(wanted);
  }
  measurement.end();
  measurement.print({.operations = command.count, .check = sum});
}

/// Sums of the rows of `bulk`. The library has no type for a timestamp: it stays text.
struct Sums {
  std::uint64_t rows = 0;
  std::int64_t check = 0;

  void add(std::int64_t a, double b, std::string_view c, std::string_view d) noexcept {
    ++rows;
    check += a;
    keep(b);
    keep(c);
    keep(d);
  }
};

void bulk_whole(const Command& command) {
  pqxx::connection connection;
  Sums sums;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    pqxx::work transaction(connection);
    for (const auto& row : transaction.exec(std::string(bulk_sql)))
      sums.add(row[0].as<std::int64_t>(), row[1].as<double>(), {row[2].c_str(), row[2].size()},
               {row[3].c_str(), row[3].size()});
  }
  measurement.end();
  measurement.print({.operations = sums.rows, .check = sums.check});
}

void bulk_stream(const Command& command) {
  pqxx::connection connection;
  Sums sums;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    pqxx::work transaction(connection);
    pqxx::stream_from stream(transaction, "bulk", bulk_columns);
    std::tuple<std::int64_t, double, std::string, std::string> row;
    while (stream >> row)
      sums.add(std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row));
    stream.complete();
  }
  measurement.end();
  measurement.print({.operations = sums.rows, .check = sums.check});
}

void wide_whole(const Command& command) {
  pqxx::connection connection;
  connection.prepare("s", std::string(wide_sql));
  pqxx::nontransaction session(connection);
  std::uint64_t rows = 0;
  std::int64_t sum = 0;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    for (const auto& row : session.exec_prepared("s")) {
      ++rows;
      for (const auto& field : row) sum += field.as<std::int32_t>();
    }
  }
  measurement.end();
  measurement.print({.operations = rows, .check = sum});
}

std::string timestamp_text(std::int64_t microseconds_since_2000) {
  constexpr std::int64_t year_2000 = 946'684'800, second = 1'000'000;
  const std::time_t seconds = year_2000 + microseconds_since_2000 / second;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 40> text;
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &utc);
  std::snprintf(text.data() + size, text.size() - size, ".%06d+00",
                static_cast<int>(microseconds_since_2000 % second));
  return text.data();
}

std::string row_d_text(std::int64_t number) {
  const auto digits = row_d(number);
  return std::string(digits.data(), digits.size());
}

void truncate(pqxx::connection& connection) {
  pqxx::work transaction(connection);
  transaction.exec0(std::string(truncate_sql));
  transaction.commit();
}

void copy_in(const Command& command) {
  pqxx::connection connection;
  truncate(connection);
  const auto last = static_cast<std::int64_t>(command.count);
  Measurement measurement;
  measurement.begin();
  pqxx::work transaction(connection);
  pqxx::stream_to stream(transaction, "bulkin", bulk_columns);
  for (std::int64_t number = 1; number <= last; ++number)
    stream << std::make_tuple(row_a(number), row_b(number), timestamp_text(row_c(number)),
                              row_d_text(number));
  stream.complete();
  transaction.commit();
  measurement.end();
  // The library keeps the server's count to itself.
  measurement.print({.operations = command.count, .check = last});
}

// A round trip per row, in one transaction.
void insert_rows(const Command& command) {
  pqxx::connection connection;
  truncate(connection);
  const auto last = static_cast<std::int64_t>(command.count);
  std::int64_t written = 0;
  Measurement measurement;
  measurement.begin();
  pqxx::work transaction(connection);
  connection.prepare("s", std::string(insert_sql));
  for (std::int64_t number = 1; number <= last; ++number)
    written += static_cast<std::int64_t>(transaction
                                             .exec_prepared0("s", row_a(number), row_b(number),
                                                             timestamp_text(row_c(number)),
                                                             row_d_text(number))
                                             .affected_rows());
  transaction.commit();
  measurement.end();
  measurement.print({.operations = command.count, .check = written});
}

void connect_close(const Command& command) {
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    const Clock::time_point wanted = Clock::now();
    {
      const pqxx::connection connection;
    }
    measurement.record(wanted);
  }
  measurement.end();
  measurement.print({.operations = command.count});
}

constexpr Variant variants[] = {
    {"W1", "query", echo_query},   {"W2", "each", world_each},       {"W3", "pool", world_pooled},
    {"W4", "whole", bulk_whole},   {"W4", "stream", bulk_stream},    {"W5", "copy", copy_in},
    {"W5", "insert", insert_rows}, {"W6", "connect", connect_close}, {"W7", "whole", wide_whole},
};

}  // namespace
}  // namespace pgreactor::bench

int main(int count, char** arguments) {
  return pgreactor::bench::run_variant(count, arguments, pgreactor::bench::variants);
}
