#include "bench/short/workloads.hpp"

#include <array>
#include <optional>
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <vector>

namespace pgreactor::bench {
namespace {

using Sum = std::uint64_t;

/// Measures from when the first task has warmed up until the first is about to end: what starting
/// and joining the tasks costs is in no figure, and no growth hides behind it.
class SteadyState {
 public:
  explicit SteadyState(std::uint64_t queries_of_task) noexcept : last_(queries_of_task - 1) {}

  /// A task is about to run its query `i`, counted from 0.
  void before(std::uint64_t i) {
    if (i == warm_up && !started_) {
      started_ = true;
      measurement_.emplace();
      completed_ = 0;
    } else if (i == last_ && measurement_) {
      result_ = {measurement_->so_far(), completed_};
      measurement_.reset();
    }
  }
  void completed() noexcept { ++completed_; }
  const ShortResult& result() const noexcept { return result_; }

 private:
  static constexpr std::uint64_t warm_up = 10;
  std::uint64_t last_;
  bool started_ = false;
  std::optional<Measurement> measurement_;
  std::uint64_t completed_ = 0;
  ShortResult result_;
};

/// W1: the statement, one task's queries, and the sum of the answers to them.
struct Echo {
  static Statement prepare(DBConnector& db) { return db.prepare("SELECT $1::int4"); }
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

/// W2 and W3.
struct LookUp {
  static Statement prepare(DBConnector& db) {
    return db.prepare("SELECT id, randomnumber FROM world WHERE id=$1");
  }
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
  static Sum expected(std::uint64_t count) { return count * 1234; }  // the canned row's
};

template <class Queries>
Task<ShortResult> measure(DBConnector& db, const ShortWorkload& workload) {
  const Statement statement = Queries::prepare(db);
  SteadyState steady(workload.each_runs);
  std::vector<Task<Sum>> tasks;
  for (std::uint64_t i = 0; i < workload.tasks; ++i)
    tasks.push_back(Queries::queries(db, statement, workload.each_runs, steady));
  Sum sum = 0;
  for (const Sum each : co_await when_all(std::move(tasks))) sum += each;
  if (sum != workload.tasks * Queries::expected(workload.each_runs))
    throw std::runtime_error("an answer was wrong");
  co_return steady.result();
}

template <class Queries>
ShortResult run(const ShortWorkload& workload, const std::string& host) {
  ConnectionOptions options =
      ConnectionOptions::parse("postgresql://bench@/bench?port=5432&host=" + host);
  options.pool_min_conns = options.pool_max_conns = workload.connections;
  Reactor reactor;
  DBConnector db(reactor, options);
  return reactor.run(measure<Queries>(db, workload));
}

// Names and modes are those of bench/run.
constexpr std::array workloads{
    ShortWorkload{"W1", "query", 1, 1, 5'000, run<Echo>},
    ShortWorkload{"W2", "each", 1, 64, 300, run<LookUp>},
    ShortWorkload{"W3", "pipe", 20, 256, 75, run<LookUp>},
};

}  // namespace

std::span<const ShortWorkload> short_workloads() noexcept { return workloads; }

}  // namespace pgreactor::bench
