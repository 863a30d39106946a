#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <future>
#include <memory>
#include <pgreactor/blocking.hpp>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/db_connector.hpp>
#include <pgreactor/export.hpp>
#include <type_traits>
#include <utility>
#include <vector>

namespace pgreactor {

namespace detail {

/// Work for a shard, on its way to the shard's thread and there.
class ShardJob {
 public:
  virtual ~ShardJob() = default;
  /// Does the work and keeps what came of it; throws nothing.
  virtual Task<void> run(DBConnector& db) = 0;
  /// In place of run(), when the shard is closed.
  virtual void refuse(std::exception_ptr&& why) noexcept = 0;
  /// Hands over what came of it; once, after one of the above.
  virtual void settle() noexcept = 0;
};

template <class F>
using ShardResult = typename std::invoke_result_t<F&, DBConnector&>::value_type;

template <class F>
class CallableJob : public ShardJob {
 protected:
  static Task<void> run_into(F& work, DBConnector& db, ChildResult<ShardResult<F>>& result) {
    try {
      if constexpr (std::is_void_v<ShardResult<F>>) {
        co_await work(db);
        result.set();
      } else {
        result.set(co_await work(db));
      }
    } catch (...) {
      result.fail(std::current_exception());
    }
  }
};

/// Work whose result goes into a future; destroyed unfinished, it breaks its promise.
template <class F>
class FutureJob final : public CallableJob<F> {
 public:
  using Result = ShardResult<F>;
  explicit FutureJob(F work) : work_(std::move(work)) {}
  std::future<Result> future() { return promise_.get_future(); }

  Task<void> run(DBConnector& db) override { return this->run_into(work_, db, result_); }
  void refuse(std::exception_ptr&& why) noexcept override { result_.fail(std::move(why)); }
  void settle() noexcept override {
    try {
      if constexpr (std::is_void_v<Result>) {
        result_.take();
        promise_.set_value();
      } else {
        promise_.set_value(result_.take());
      }
    } catch (...) {
      promise_.set_exception(std::current_exception());
    }
  }

 private:
  F work_;
  ChildResult<Result> result_;
  std::promise<Result> promise_;
};

/// Work that its caller blocks for: that one keeps work and result, so that what was thrown is let
/// go of on the caller's thread alone, while its handler reads it.
template <class F>
class WaitedJob final : public CallableJob<F> {
 public:
  WaitedJob(F& work, ChildResult<ShardResult<F>>& result) noexcept : work_(work), result_(result) {}
  std::future<void> ended() { return ended_.get_future(); }

  Task<void> run(DBConnector& db) override { return this->run_into(work_, db, result_); }
  void refuse(std::exception_ptr&& why) noexcept override { result_.fail(std::move(why)); }
  void settle() noexcept override { ended_.set_value(); }

 private:
  F& work_;
  ChildResult<ShardResult<F>>& result_;
  std::promise<void> ended_;
};

}  // namespace detail

/// Several reactors, each on a thread of its own with its share of the pool: for programs that one
/// core does not carry, and for threads that have no loop. Any thread may call all of this.
///
///   pg::ShardedConnector db(4, pg::ConnectionOptions::from_environment());
///   const auto count = [](pg::DBConnector& shard) -> pg::Task<int> {
///     co_return co_await shard.execute("SELECT count(*) FROM t", pg::fetch_val_as<int>);
///   };
///   const int here = db.wait(count);               // blocks
///   std::future<int> later = db.post(count);       // does not
///
/// Shape   work goes to the shard with the least to do, in turn among equals, and stays there: what
///         it awaits runs on that shard's thread. It gets the shard's connector, and must keep no
///         reference to that beyond its end.
/// Units   pool_min_conns and pool_max_conns are those of all shards together.
class PGREACTOR_API ShardedConnector {
 public:
  /// Starts `shards` threads: at least one, and no more than there may be connections. Connects to
  /// nothing yet. Errors  as DBConnector's and LoopThread's constructors.
  ShardedConnector(std::size_t shards, ConnectionOptions options);
  ShardedConnector(const ShardedConnector&) = delete;
  ShardedConnector& operator=(const ShardedConnector&) = delete;
  /// As close(), if that was not called, then joins the threads. No other thread may be within a
  /// call, nor the last owner be a shard's thread.
  ~ShardedConnector();

  std::size_t shards() const noexcept;

  /// Runs `work(shard)`, a callable that gives a Task, and hands on its result or exception.
  /// Errors  ForkError in a child made by fork(). The future throws what the work did;
  ///         ConnectionError after close(); a work that did
  ///         not end in time for the destructor breaks its promise (std::future_error).
  /// Owner   `work` is moved or copied to the shard; it ends on the shard's thread.
  template <class F>
  [[nodiscard]] std::future<detail::ShardResult<std::decay_t<F>>> post(F&& work) {
    auto job = std::make_shared<detail::FutureJob<std::decay_t<F>>>(std::forward<F>(work));
    auto result = job->future();
    post_job(std::move(job));
    return result;
  }

  /// The same, and blocks until it has ended.
  /// Errors  as post(); std::logic_error on the thread of a shard, which must not block.
  template <class F>
  detail::ShardResult<std::remove_reference_t<F>> wait(F&& work) {
    using Work = std::remove_reference_t<F>;
    refuse_on_shard();
    detail::ChildResult<detail::ShardResult<Work>> result;
    auto job = std::make_shared<detail::WaitedJob<Work>>(work, result);
    auto ended = job->ended();
    post_job(std::move(job));
    ended.get();
    if constexpr (std::is_void_v<detail::ShardResult<Work>>) {
      result.take();
    } else {
      return result.take();
    }
  }

  /// Refuses new work and waits for what is under way, at most `budget`; then stops that, gives it
  /// as long again to end, and closes all connections; all shards at once. May be called again.
  /// Errors  std::logic_error on the thread of a shard; ForkError in a child made by fork().
  void close(std::chrono::nanoseconds budget = std::chrono::seconds(2));

 private:
  class Shard;

  void post_job(std::shared_ptr<detail::ShardJob> job);
  void refuse_on_shard() const;
  Shard& least_loaded() noexcept;

  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<bool> closed_{false};   // close() has given what is under way its time
  std::atomic<std::size_t> turn_{0};  // where the search begins, so that equals come in turn
};

}  // namespace pgreactor
