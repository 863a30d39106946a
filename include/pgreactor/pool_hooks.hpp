#pragma once
#include <cstdint>
#include <functional>
#include <pgreactor/export.hpp>
#include <pgreactor/task.hpp>
#include <utility>

namespace pgreactor {

class Executor;

/// What is called in the life of a pool's connections: see DBConnector::set_hooks. All run on the
/// loop's thread. The callbacks must not throw, nor end the pool; `connection` is its number, from
/// 1 in the order of opening.
class PGREACTOR_API PoolHooks {
 public:
  using Prepare = std::function<Task<void>(Executor&)>;
  using Callback = std::function<void(std::uint64_t connection)>;

  PoolHooks() noexcept {}

  /// Run on each new connection before anybody gets it, within connect_timeout. If it throws, or
  /// leaves a transaction open, the connection is closed and counts as one that could not be made.
  /// Owner   the executor is the hook's until its task ends.
  PoolHooks& on_connect(Prepare prepare) {
    connect_ = std::move(prepare);
    return *this;
  }
  /// It was lent to a transaction, stream, COPY or script; statements that share it are not told.
  PoolHooks& on_acquire(Callback callback) {
    acquire_ = std::move(callback);
    return *this;
  }
  /// It was given back; what it was in the middle of is rolled back only now.
  PoolHooks& on_release(Callback callback) {
    release_ = std::move(callback);
    return *this;
  }
  /// It is closed, whoever did that. Once for each; not for those that `on_connect` refused.
  PoolHooks& on_close(Callback callback) {
    close_ = std::move(callback);
    return *this;
  }

  const Prepare& connect() const noexcept { return connect_; }
  void acquired(std::uint64_t connection) const {
    if (acquire_) acquire_(connection);
  }
  void released(std::uint64_t connection) const {
    if (release_) release_(connection);
  }
  void closed(std::uint64_t connection) const {
    if (close_) close_(connection);
  }

 private:
  Prepare connect_;
  Callback acquire_, release_, close_;
};

}  // namespace pgreactor
