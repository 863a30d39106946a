// SQL text that the client makes today: that of transactions, and the names of a COPY's columns.
#include <benchmark/benchmark.h>

#include <pgreactor/copy.hpp>
#include <pgreactor/transaction.hpp>
#include <stdexcept>

#include "bench/micro/micro_benchmark.hpp"

namespace pgreactor::bench {
namespace {

void begin(Loop& loop) {
  TransactionOptions options = isolation(Isolation::serializable).read_only();
  std::string_view text;
  while (loop.next()) {
    benchmark::DoNotOptimize(options);
    text = options.begin_statement();
    benchmark::DoNotOptimize(text);
  }
  if (text != "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY")
    throw std::runtime_error("another BEGIN than was asked for");
}

void copy_columns(Loop& loop) {
  while (loop.next()) {
    ColumnNames names = columns("id", "name", "email", "created_at");
    benchmark::DoNotOptimize(names);
  }
}

}  // namespace

void add_sql(MicroBenchmarks& all) {
  all.push_back({"sql/begin", begin});
  all.push_back({"sql/copy_columns_4", copy_columns});
}

}  // namespace pgreactor::bench
