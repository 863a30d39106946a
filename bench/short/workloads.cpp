#include "bench/short/workloads.hpp"

#include <array>
#include <cstdint>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/short/operator_workloads.hpp"
#include "bench/short/row_workloads.hpp"
#include "bench/short/steady_state.hpp"
#include "bench/workload_rows.hpp"

namespace pgreactor::bench {
namespace {

using Sum = std::uint64_t;
constexpr Sum canned_number = 1234;  // the second column of the canned row of `world`

/// W1: the statement, one task's queries, and the sum of the answers to them.
struct Echo {
  static Statement prepare(DBConnector& db) { return db.prepare(echo_sql); }
  static Task<Sum> queries(DBConnector& db, const Statement& statement, std::uint64_t count,
                           SteadyState& steady) {
    Sum sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      steady.before(i);
      sum +=
          static_cast<Sum>(co_await db.execute(statement, static_cast<int>(i), fetch_val_as<int>));
      steady.completed();
    }
    co_return sum;
  }
  static Sum expected(std::uint64_t count) { return count * (count - 1) / 2; }
};

/// W2 and W3, a Sync after every query.
struct LookUp {
  static Statement prepare(DBConnector& db) { return db.prepare(world_sql); }
  static Task<Sum> queries(DBConnector& db, const Statement& statement, std::uint64_t count,
                           SteadyState& steady) {
    Sum sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      steady.before(i);
      const auto row = co_await db.execute(statement, static_cast<int>(i + 1), fetch_row);
      sum += static_cast<Sum>(row.value().get<int>(1));
      steady.completed();
    }
    co_return sum;
  }
  static Sum expected(std::uint64_t count) { return count * canned_number; }
};

/// W2 with one Sync for a turn.
struct LookUpInBatches {
  static constexpr std::size_t size = 64;

  static Statement prepare(DBConnector& db) { return db.prepare(world_sql); }
  static Task<Sum> queries(DBConnector& db, const Statement& statement, std::uint64_t count,
                           SteadyState& steady) {
    Sum sum = 0;
    Batch batch(db);
    std::vector<BatchItem<FetchRow>> items;
    items.reserve(size);
    for (std::uint64_t i = 0; i < count; ++i) {
      steady.before(i);
      for (std::size_t k = 0; k < size; ++k)
        items.push_back(batch.add(statement, static_cast<int>(k + 1), fetch_row));
      co_await batch.run();
      for (auto& item : items) sum += static_cast<Sum>(item.get().value().get<int>(1));
      items.clear();
      batch.clear();
      steady.completed(size);
    }
    co_return sum;
  }
  static Sum expected(std::uint64_t count) { return count * size * canned_number; }
};

template <class Queries>
Task<ShortResult> measure(DBConnector& db, const ShortWorkload& workload) {
  const Statement statement = Queries::prepare(db);
  SteadyState steady(workload.each_takes);
  std::vector<Task<Sum>> tasks;
  for (std::uint64_t i = 0; i < workload.tasks; ++i)
    tasks.push_back(Queries::queries(db, statement, workload.each_takes, steady));
  Sum sum = 0;
  for (const Sum each : co_await when_all(std::move(tasks))) sum += each;
  if (sum != workload.tasks * Queries::expected(workload.each_takes))
    throw std::runtime_error("an answer was wrong");
  co_return steady.result();
}

template <class Queries>
ShortResult run(const ShortWorkload& workload, const std::string& host) {
  Reactor reactor;
  DBConnector db(reactor, short_options(workload, host));
  return reactor.run(measure<Queries>(db, workload));
}

// Names and modes are those of bench/run; O1 and O2 are here alone.
constexpr std::array workloads{
    ShortWorkload{"W1", "query", 1, 1, 5'000, run<Echo>},
    ShortWorkload{"W2", "each", 1, 64, 300, run<LookUp>},
    ShortWorkload{"W2", "batch", 1, 1, 300, run<LookUpInBatches>},
    ShortWorkload{"W3", "pipe", 20, 256, 75, run<LookUp>},
    ShortWorkload{"W4", "stream", 1, 1, 50'000, stream_bulk},
    ShortWorkload{"W5", "copy", 1, 1, 50'000, copy_rows_in},
    ShortWorkload{"W5", "insert", 1, 1, 100, insert_rows},
    ShortWorkload{"W7", "stream", 1, 1, 9'000, stream_wide},
    ShortWorkload{"O1", "held", 1, 1, 2'000, read_held},
    ShortWorkload{"O1", "operator", 1, 1, 2'000, read_by_operator},
    ShortWorkload{"O2", "held", 1, 1, 2'000, insert_held},
    ShortWorkload{"O2", "operator", 1, 1, 2'000, insert_by_operator},
};

}  // namespace

ConnectionOptions short_options(const ShortWorkload& workload, const std::string& host) {
  ConnectionOptions options =
      ConnectionOptions::parse("postgresql://bench@/bench?port=5432&host=" + host);
  options.pool_min_conns = options.pool_max_conns = workload.connections;
  // All are fast here; how fast the clock says they are must not decide what they cost.
  options.pool_sharing_time = std::chrono::seconds(10);
  return options;
}

std::span<const ShortWorkload> short_workloads() noexcept { return workloads; }

}  // namespace pgreactor::bench
