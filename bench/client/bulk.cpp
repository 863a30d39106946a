#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/client/client.hpp"
#include "bench/typed_row.hpp"

namespace pgreactor::bench {
namespace {

// int8, float8, timestamptz, text: all decoded.
std::int64_t decode_bulk(const RowView& row) {
  const auto [a, b, c, d] = row.to<std::int64_t, double, TimestampTz, std::string_view>();
  keep(b);
  keep(c);
  keep(d);
  return a;
}

std::int64_t decode_wide(const RowView& row) {
  std::int64_t sum = 0;
  for (FieldReader fields = row.fields(); !fields.at_end();) sum += fields.next<std::int32_t>();
  return sum;
}

template <class Decode>
void stream(const Command& command, std::string_view sql, std::uint64_t rows_of_one,
            Decode decode) {
  run_with_pool(options_for(1), [&](DBConnector& db) -> Task<void> {
    const Statement statement = db.prepare(sql);
    Measurement measurement;
    std::int64_t check = 0;
    measurement.begin();
    for (std::uint64_t i = 0; i < command.count; ++i) {
      RowStream rows = co_await db.stream(statement);
      while (const auto row = co_await rows.next()) check += decode(*row);
    }
    measurement.end();
    measurement.print({.operations = command.count * rows_of_one, .check = check});
  });
}

template <class Decode>
void whole(const Command& command, std::string_view sql, std::uint64_t rows_of_one, Decode decode) {
  run_with_pool(options_for(1), [&](DBConnector& db) -> Task<void> {
    const Statement statement = db.prepare(sql);
    Measurement measurement;
    std::int64_t check = 0;
    measurement.begin();
    for (std::uint64_t i = 0; i < command.count; ++i) {
      const Result result = co_await db.execute(statement);
      for (const RowView row : result) check += decode(row);
    }
    measurement.end();
    measurement.print({.operations = command.count * rows_of_one, .check = check});
  });
}

}  // namespace

void stream_bulk(const Command& command) { stream(command, bulk_sql, bulk_rows, decode_bulk); }
void whole_bulk(const Command& command) { whole(command, bulk_sql, bulk_rows, decode_bulk); }
void stream_wide(const Command& command) { stream(command, wide_sql, wide_rows, decode_wide); }
void whole_wide(const Command& command) { whole(command, wide_sql, wide_rows, decode_wide); }

void copy_bulk(const Command& command) {
  run_with_pool(options_for(1), [&](DBConnector& db) -> Task<void> {
    Measurement measurement;
    std::int64_t check = 0;
    measurement.begin();
    for (std::uint64_t i = 0; i < command.count; ++i) {
      CopyOut copy = co_await db.copy_out(bulk_copy_sql);
      // Every row is one piece: a count of columns, then each with its length. The first brings
      // the header with it, and the last is the trailer.
      std::size_t skipped = 19;
      while (const auto piece = co_await copy.next()) {
        const Bytes row = piece->subspan(std::exchange(skipped, 0));
        if (row.size() < 14) continue;
        check += load_big_endian<std::int64_t>(row.data() + 6);
      }
    }
    measurement.end();
    measurement.print({.operations = command.count * bulk_rows, .check = check});
  });
}

void copy_in(const Command& command) {
  run_with_pool(options_for(1), [&](DBConnector& db) -> Task<void> {
    co_await db.execute(truncate_sql);
    Measurement measurement;
    measurement.begin();
    CopyIn copy = co_await db.copy_in("bulkin", columns("a", "b", "c", "d"));
    for (std::uint64_t i = 1; i <= command.count; ++i) {
      const TypedRow row = typed_row(i);
      co_await copy.row(row.a, row.b, row.c, row.text());
    }
    const std::uint64_t rows = co_await copy.finish();
    measurement.end();
    measurement.print({.operations = command.count, .check = static_cast<std::int64_t>(rows)});
  });
}

void insert(const Command& command) {
  run_with_pool(options_for(1), [&](DBConnector& db) -> Task<void> {
    co_await db.execute(truncate_sql);
    const Statement statement = db.prepare(insert_sql);
    Measurement measurement;
    std::uint64_t inserted = 0;
    Batch batch(db);
    std::vector<TypedRow> rows(command.depth);
    std::vector<BatchItem<FetchAll>> items;
    items.reserve(command.depth);
    measurement.begin();
    for (std::uint64_t i = 1; i <= command.count;) {
      for (std::uint64_t k = 0; k < command.depth && i <= command.count; ++k, ++i) {
        TypedRow& row = rows[k];
        row = typed_row(i);
        items.push_back(batch.add(statement, row.a, row.b, row.c, row.text()));
      }
      co_await batch.run();
      for (auto& item : items) inserted += item.get().affected_rows();
      items.clear();
      batch.clear();
    }
    measurement.end();
    measurement.print({.operations = command.count, .check = static_cast<std::int64_t>(inserted)});
  });
}

}  // namespace pgreactor::bench
