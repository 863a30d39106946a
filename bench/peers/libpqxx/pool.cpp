#include "bench/peers/libpqxx/pool.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace pgreactor::bench {
namespace {

/// An ordinary pool: whoever finds no connection idle waits until one is given back.
class Pool {
 public:
  explicit Pool(std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      idle_.push_back(std::make_unique<pqxx::connection>());
      idle_.back()->prepare("s", std::string(world_sql));
    }
  }

  std::unique_ptr<pqxx::connection> acquire() {
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [this] { return !idle_.empty(); });
    std::unique_ptr<pqxx::connection> taken = std::move(idle_.back());
    idle_.pop_back();
    return taken;
  }
  void release(std::unique_ptr<pqxx::connection> connection) {
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    given_back_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<std::unique_ptr<pqxx::connection>> idle_;
};

/// What one task did.
struct Share {
  Latencies latencies;
  std::int64_t sum = 0;
  std::exception_ptr failure;
};

void run_task(Pool& pool, std::atomic<std::uint64_t>& next, std::uint64_t count, Share& share) {
  try {
    for (std::uint64_t i = 0; (i = next.fetch_add(1)) < count;) {
      const Clock::time_point wanted = Clock::now();
      std::unique_ptr<pqxx::connection> connection = pool.acquire();
      {
        pqxx::nontransaction session(*connection);
        share.sum += randomnumber_of(session.exec_prepared1("s", world_id(i)));
      }
      pool.release(std::move(connection));
      const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - wanted);
      share.latencies.record(static_cast<std::uint64_t>(took.count()));
    }
  } catch (...) {
    share.failure = std::current_exception();
  }
}

}  // namespace

void world_pooled(const Command& command) {
  Pool pool(pool_connections);
  std::atomic<std::uint64_t> next{0};
  std::vector<Share> shares(command.depth);
  std::vector<std::thread> tasks;
  tasks.reserve(command.depth);
  Measurement measurement;
  measurement.begin();
  for (Share& share : shares)
    tasks.emplace_back([&] { run_task(pool, next, command.count, share); });
  for (std::thread& task : tasks) task.join();
  measurement.end();
  std::int64_t sum = 0;
  for (const Share& share : shares) {
    if (share.failure) std::rethrow_exception(share.failure);
    measurement.add(share.latencies);
    sum += share.sum;
  }
  measurement.print({.operations = command.count, .check = sum});
}

}  // namespace pgreactor::bench
