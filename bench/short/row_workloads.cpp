#include "bench/short/row_workloads.hpp"

#include <cstdint>
#include <pgreactor/pgreactor.hpp>
#include <string_view>
#include <vector>

#include "bench/short/pooled_run.hpp"
#include "bench/typed_row.hpp"

namespace pgreactor::bench {
namespace {

// Row `number` of the canned results, which begin anew after a thousand.
constexpr std::int64_t canned_number(std::uint64_t number) noexcept {
  return static_cast<std::int64_t>(number % 1000 + 1);
}

std::int64_t decoded(const RowView& row) {
  const auto [a, b, c, d] = row.to<std::int64_t, double, TimestampTz, std::string_view>();
  const auto at = static_cast<std::int64_t>(c.microseconds_since_2000() != 0);
  return a + at + static_cast<std::int64_t>(b) + static_cast<std::int64_t>(d.size());
}
std::int64_t expected(std::int64_t number) {
  return row_a(number) + 1 + static_cast<std::int64_t>(row_b(number)) +
         static_cast<std::int64_t>(row_d(number).size());
}

std::int64_t sum_of_fields(const RowView& row) {
  std::int64_t sum = 0;
  for (FieldReader fields = row.fields(); !fields.at_end();) sum += fields.next<std::int32_t>();
  return sum;
}
std::int64_t expected_sum(std::int64_t number) {
  constexpr auto columns = static_cast<std::int64_t>(wide_columns);
  return number * columns * columns + columns * (columns - 1) / 2;
}

// As many rows as there are turns, of a result that has more; the rest is given up.
template <class Decode, class Expected>
Task<void> stream_turns(DBConnector& db, std::string_view sql, std::uint64_t turns,
                        SteadyState& steady, Decode decode, Expected expect) {
  const Statement statement = db.prepare(sql);
  RowStream rows = co_await db.stream(statement);
  std::int64_t sum = 0, expected_of_all = 0;
  for (std::uint64_t i = 0; i < turns; ++i) {
    steady.before(i);
    const auto row = co_await rows.next();
    sum += decode(row.value());
    steady.completed();
  }
  for (std::uint64_t i = 0; i < turns; ++i) expected_of_all += expect(canned_number(i));
  require(sum == expected_of_all);
}

}  // namespace

ShortResult stream_bulk(const ShortWorkload& workload, const std::string& host) {
  return with_pool(workload, host, [&](DBConnector& db, SteadyState& steady) {
    return stream_turns(db, bulk_sql, workload.each_takes, steady, decoded, expected);
  });
}

ShortResult stream_wide(const ShortWorkload& workload, const std::string& host) {
  return with_pool(workload, host, [&](DBConnector& db, SteadyState& steady) {
    return stream_turns(db, wide_sql, workload.each_takes, steady, sum_of_fields, expected_sum);
  });
}

ShortResult copy_rows_in(const ShortWorkload& workload, const std::string& host) {
  return with_pool(workload, host, [&](DBConnector& db, SteadyState& steady) -> Task<void> {
    CopyIn copy = co_await db.copy_in("bulkin", columns("a", "b", "c", "d"));
    for (std::uint64_t i = 0; i < workload.each_takes; ++i) {
      steady.before(i);
      const TypedRow row = typed_row(i + 1);
      co_await copy.row(row.a, row.b, row.c, row.text());
      steady.completed();
    }
    require(co_await copy.finish() == workload.each_takes);
  });
}

ShortResult insert_rows(const ShortWorkload& workload, const std::string& host) {
  return with_pool(workload, host, [&](DBConnector& db, SteadyState& steady) -> Task<void> {
    constexpr std::size_t rows_of_batch = 100;
    const Statement statement = db.prepare(insert_sql);
    Batch batch(db);
    std::vector<TypedRow> rows(rows_of_batch);
    std::vector<BatchItem<FetchAll>> items;
    items.reserve(rows_of_batch);
    std::uint64_t inserted = 0;
    for (std::uint64_t i = 0; i < workload.each_takes; ++i) {
      steady.before(i);
      for (std::size_t k = 0; k < rows_of_batch; ++k) {
        TypedRow& row = rows[k];
        row = typed_row(i * rows_of_batch + k + 1);
        items.push_back(batch.add(statement, row.a, row.b, row.c, row.text()));
      }
      co_await batch.run();
      for (auto& item : items) inserted += item.get().affected_rows();
      items.clear();
      batch.clear();
      steady.completed(rows_of_batch);
    }
    require(inserted == workload.each_takes * rows_of_batch);
  });
}

}  // namespace pgreactor::bench
