#include <cstdint>
#include <vector>

#include "bench/client/client.hpp"

namespace pgreactor::bench {
namespace {

// Tasks that ask one query after the other, and share the numbers of the queries.
class Askers {
 public:
  Askers(DBConnector& db, std::uint64_t count) : db_(db), count_(count) {}

  Task<void> run(std::uint64_t tasks) {
    const Statement statement = db_.prepare(world_sql);
    // Once over each connection, so that all have it prepared.
    co_await ask_with(statement, tasks, tasks);
    next_ = 0;
    check_ = 0;
    measurement_.begin();
    co_await ask_with(statement, tasks, count_);
    measurement_.end();
    measurement_.print({.operations = count_, .check = check_});
  }

 private:
  Task<void> ask_with(const Statement& statement, std::uint64_t tasks, std::uint64_t count) {
    std::vector<Task<void>> all;
    for (std::uint64_t i = 0; i < tasks; ++i) all.push_back(ask(statement, count));
    co_await when_all(std::move(all));
  }
  Task<void> ask(const Statement& statement, std::uint64_t count) {
    while (next_ < count) {
      const Clock::time_point wanted = Clock::now();
      const auto row = co_await db_.execute(statement, world_id(next_++), fetch_row);
      check_ += row->get<std::int32_t>(1);
      keep(row->get<std::int32_t>(0));
      measurement_.record(wanted);
    }
  }

  DBConnector& db_;
  std::uint64_t count_;
  std::uint64_t next_ = 0;
  std::int64_t check_ = 0;
  Measurement measurement_;
};

void ask_over(std::size_t connections, const Command& command) {
  run_with_pool(options_for(connections), [&](DBConnector& db) -> Task<void> {
    Askers askers(db, command.count);
    co_await askers.run(command.depth);
  });
}

void echo_with(const ConnectionOptions& options, const Command& command) {
  run_with_pool(options, [&](DBConnector& db) -> Task<void> {
    const Statement statement = db.prepare(echo_sql);
    co_await db.execute(statement, 0);
    Measurement measurement;
    std::int64_t check = 0;
    measurement.begin();
    for (std::uint64_t i = 0; i < command.count; ++i) {
      const Clock::time_point wanted = Clock::now();
      check +=
          co_await db.execute(statement, static_cast<std::int32_t>(i), fetch_val_as<std::int32_t>);
      measurement.record(wanted);
    }
    measurement.end();
    measurement.print({.operations = command.count, .check = check});
  });
}

}  // namespace

void echo(const Command& command) { echo_with(options_for(1), command); }

void echo_spinning(const Command& command) {
  ConnectionOptions options = options_for(1);
  options.busy_poll = std::chrono::microseconds(100);
  echo_with(options, command);
}

void each(const Command& command) { ask_over(1, command); }
void pipe(const Command& command) { ask_over(pool_connections, command); }
void pipe_over_one(const Command& command) { ask_over(1, command); }
void pipe_over_hundred(const Command& command) { ask_over(100, command); }

void batches(const Command& command) {
  run_with_pool(options_for(1), [&](DBConnector& db) -> Task<void> {
    const Statement statement = db.prepare(world_sql);
    co_await db.execute(statement, 1);
    Measurement measurement;
    std::int64_t check = 0;
    Batch batch(db);
    std::vector<BatchItem<FetchRow>> items;
    items.reserve(command.depth);
    measurement.begin();
    for (std::uint64_t i = 0; i < command.count;) {
      const Clock::time_point wanted = Clock::now();
      for (std::uint64_t k = 0; k < command.depth && i < command.count; ++k, ++i)
        items.push_back(batch.add(statement, world_id(i), fetch_row));
      co_await batch.run();
      for (auto& item : items) {
        const auto row = item.get();
        check += row->get<std::int32_t>(1);
        keep(row->get<std::int32_t>(0));
        measurement.record(wanted);
      }
      items.clear();
      batch.clear();
    }
    measurement.end();
    measurement.print({.operations = command.count, .check = check});
  });
}

}  // namespace pgreactor::bench
