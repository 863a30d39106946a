#include <algorithm>
#include <future>
#include <new>
#include <pgreactor/attempt.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/sharded_connector.hpp>
#include <stdexcept>
#include <stop_token>

#include "src/reactor/fork_count.hpp"

namespace pgreactor {
namespace {

// What one of so many gets; the first ones get what is left over.
std::uint32_t share_of(std::uint32_t total, std::size_t shard, std::size_t shards) {
  const auto many = static_cast<std::uint32_t>(shards);
  return total / many + (shard < total % many ? 1 : 0);
}

constexpr std::chrono::milliseconds between_looks{1};

}  // namespace

class ShardedConnector::Shard {
 public:
  explicit Shard(ConnectionOptions options) {
    const auto make = [&]() -> Task<void> {
      db_ = std::make_shared<DBConnector>(thread_.reactor(), std::move(options));
      co_return;
    };
    thread_.call(make);
  }
  ~Shard() {
    // On its own thread, where the pool belongs.
    const auto drop = [this]() -> Task<void> {
      closing_ = true;
      db_.reset();
      co_return;
    };
    try {
      thread_.call(drop);
    } catch (const ForkError&) {
      // The parent's thread was at work on it, perhaps: left as it is.
      [[maybe_unused]] const auto* const left =
          new (std::nothrow) std::shared_ptr<DBConnector>(std::move(db_));
    }
  }

  std::size_t load() const noexcept { return load_.load(std::memory_order_relaxed); }
  bool is_inherited() const noexcept { return mark_.is_inherited(); }
  bool is_here() noexcept { return thread_.reactor().on_loop_thread(); }

  // From any thread. All else that the job meets happens on the shard's thread, which post() has
  // put in order with what the caller did before.
  void post(std::shared_ptr<detail::ShardJob> job) {
    refuse_inherited();
    load_.fetch_add(1, std::memory_order_relaxed);
    try {
      thread_.reactor().post([this, job = std::move(job)] { start(job); });
    } catch (...) {
      load_.fetch_sub(1, std::memory_order_relaxed);
      throw;
    }
  }

  // The future is there when the shard is closed, so that all of them can be closed at once.
  std::future<void> close(std::chrono::nanoseconds budget) {
    refuse_inherited();
    auto closed = std::make_shared<std::promise<void>>();
    auto future = closed->get_future();
    thread_.reactor().post([this, budget, closed = std::move(closed)] {
      thread_.reactor().spawn(close_here(budget, closed));
    });
    return future;
  }

 private:
  // A forked child has no such thread: nobody would ever answer.
  void refuse_inherited() const {
    if (is_inherited())
      throw ForkError(
          "this process is a child made by fork(), and the sharded connector is its parent's: "
          "make another in the child");
  }
  void start(const std::shared_ptr<detail::ShardJob>& job) {
    std::exception_ptr refusal;
    try {
      if (closing_) throw ConnectionError("the connector is closed");
      thread_.reactor().spawn(run(*this, job, db_), stop_.get_token());
      ++running_;
      return;
    } catch (...) {  // also for a lack of memory
      refusal = std::current_exception();
    }
    load_.fetch_sub(1, std::memory_order_relaxed);
    job->refuse(std::move(refusal));
    job->settle();
  }

  // `db` is the shard's, and the job's as long as that runs: one that outlives the shutdown still
  // finds it, closed.
  static Task<void> run(Shard& self, std::shared_ptr<detail::ShardJob> job,
                        std::shared_ptr<DBConnector> db) {
    co_await job->run(*db);
    --self.running_;
    // First, so that whoever has the result sees the shard without this job.
    self.load_.fetch_sub(1, std::memory_order_relaxed);
    job->settle();
  }

  Task<void> close_here(std::chrono::nanoseconds budget,
                        std::shared_ptr<std::promise<void>> closed) {
    closing_ = true;
    co_await wait_for_the_end(budget);
    stop_.request_stop();
    co_await wait_for_the_end(budget);
    co_await db_->close(std::chrono::nanoseconds(0));
    closed->set_value();
  }

  Task<void> wait_for_the_end(std::chrono::nanoseconds budget) {
    const auto began = std::chrono::steady_clock::now();
    while (running_ != 0 && std::chrono::steady_clock::now() - began < budget)
      co_await sleep_for(between_looks);
  }

  const net::ForkMark mark_{};
  std::atomic<std::size_t> load_{0};  // posted and not ended: a hint, that orders nothing
  // On the shard's thread alone:
  bool closing_ = false;
  std::size_t running_ = 0;
  std::stop_source stop_;
  std::shared_ptr<DBConnector> db_;
  // Last, and so the first to end: what it still runs or has been posted uses the above.
  blocking::LoopThread thread_;
};

ShardedConnector::ShardedConnector(std::size_t shards, ConnectionOptions options) {
  const ConnectionOptions all = std::move(options);
  all.check();
  const std::size_t count =
      std::clamp<std::size_t>(shards, 1, std::max<std::size_t>(all.pool_max_conns, 1));
  shards_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    ConnectionOptions own = all;
    own.pool_max_conns = share_of(all.pool_max_conns, i, count);
    own.pool_min_conns = share_of(all.pool_min_conns, i, count);
    shards_.push_back(std::make_unique<Shard>(std::move(own)));
  }
}

ShardedConnector::~ShardedConnector() {
  if (!closed_ && !shards_.front()->is_inherited()) close();
}

std::size_t ShardedConnector::shards() const noexcept { return shards_.size(); }

void ShardedConnector::close(std::chrono::nanoseconds budget) {
  refuse_on_shard();
  std::vector<std::future<void>> closed;
  closed.reserve(shards_.size());
  for (const auto& shard : shards_) closed.push_back(shard->close(budget));
  for (std::future<void>& future : closed) future.get();
  closed_ = true;
}

void ShardedConnector::post_job(std::shared_ptr<detail::ShardJob> job) {
  least_loaded().post(std::move(job));
}

void ShardedConnector::refuse_on_shard() const {
  for (const auto& shard : shards_)
    if (shard->is_here())
      throw std::logic_error("blocking on the thread of a shard would dead-lock: co_await instead");
}

ShardedConnector::Shard& ShardedConnector::least_loaded() noexcept {
  const std::size_t first = turn_.fetch_add(1, std::memory_order_relaxed);
  Shard* least = shards_[first % shards_.size()].get();
  for (std::size_t i = 1; i < shards_.size() && least->load() != 0; ++i) {
    Shard& other = *shards_[(first + i) % shards_.size()];
    if (other.load() < least->load()) least = &other;
  }
  return *least;
}

}  // namespace pgreactor
