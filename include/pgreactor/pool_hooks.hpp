#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <pgreactor/export.hpp>
#include <pgreactor/task.hpp>
#include <source_location>
#include <utility>

namespace pgreactor {

class Executor;

/// A transaction, stream or COPY that has its connection, waits for no answer and sends nothing.
struct IdleHolder {
  std::uint64_t connection = 0;
  std::chrono::nanoseconds idle{0};  ///< so far
  std::source_location holder{};     ///< who has it, of line 0 when that is not known
};

/// What is called in the life of a pool's connections: see DBConnector::set_hooks. All run on the
/// loop's thread. The callbacks must not throw, nor end the pool, and may ask for its statistics;
/// `connection` is its number, from 1 in the order of opening.
class PGREACTOR_API PoolHooks {
 public:
  using Prepare = std::function<Task<void>(Executor&)>;
  using Callback = std::function<void(std::uint64_t connection)>;
  using IdleCallback = std::function<void(const IdleHolder&)>;

  PoolHooks() noexcept {}

  /// Run on each new connection before anybody gets it, and again on one whose session somebody has
  /// changed, once DISCARD ALL has made it as new; within connect_timeout. If it throws anything,
  /// or leaves a transaction open, the connection is closed; a new one counts as one that could not
  /// be made. Owner   the executor is the hook's until its task ends.
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

  /// Somebody has a connection and has not used it for `after`: most often it waits for something
  /// else, a call over HTTP, and keeps locks and the connection from others meanwhile. Once for
  /// each such pause. The server's idle_in_transaction_session_timeout ends what is not heeded.
  /// Units   a pause is known to a tenth of `after`, and to a second.
  PoolHooks& on_idle_holder(IdleCallback callback,
                            std::chrono::milliseconds after = std::chrono::seconds(5)) {
    idle_holder_ = std::move(callback);
    idle_after_ = after;
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
  void holder_idles(const IdleHolder& holder) const {
    if (idle_holder_) idle_holder_(holder);
  }
  /// Zero when nobody wants to be told.
  std::chrono::milliseconds idle_after() const noexcept {
    return idle_holder_ ? idle_after_ : std::chrono::milliseconds(0);
  }

 private:
  Prepare connect_;
  Callback acquire_, release_, close_;
  IdleCallback idle_holder_;
  std::chrono::milliseconds idle_after_{0};
};

}  // namespace pgreactor
