#include <algorithm>
#include <chrono>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/executor.hpp>
#include <string>
#include <utility>

#include "src/pool/connection_executor.hpp"
#include "src/pool/pool.hpp"

// What the user has run on each new connection.
namespace pgreactor::pool {
namespace {

using connection::Connection;

// The pool may end while the hook runs, and with it the statements and, unless it is new, the
// connection.
class PreparedByHook final : public Executor {
 public:
  PreparedByHook(PoolHandle pool, Connection& connection)
      : pool_(std::move(pool)), executor_(connection, (*pool_)->statements()) {}

  void submit(detail::Request& request) override {
    if (*pool_ == nullptr) throw ConnectionError("the pool was destroyed");
    executor_.submit(request);
  }
  std::shared_ptr<detail::StatementEntry> statement_for(std::string_view text) override {
    if (*pool_ == nullptr) throw ConnectionError("the pool was destroyed");
    return executor_.statement_for(text);
  }
  Task<std::unique_ptr<detail::Lease>> lease() override {
    std::unique_ptr<detail::Lease> own = std::make_unique<OwnLease>(*this);
    co_return own;
  }

 private:
  PoolHandle pool_;
  ConnectionExecutor executor_;
};

Task<void> run_limited(Task<void> hook, std::chrono::milliseconds limit) {
  if (limit.count() == 0) co_return co_await std::move(hook);
  co_await with_timeout(limit, std::move(hook));
}

}  // namespace

Task<void> Pool::run_connect_hook(PoolHandle pool, std::shared_ptr<Target> target,
                                  Connection& connection) {
  if (!target->hooks.connect() || *pool == nullptr) co_return;
  PreparedByHook executor(pool, connection);
  connection.set_exclusive(true);
  std::string problem;
  try {
    co_await run_limited(target->hooks.connect()(executor), target->options.connect_timeout);
  } catch (const std::exception& error) {
    problem = error.what();
    if (problem.empty()) problem = "it threw an exception";
  } catch (...) {
    problem = "it threw what is no std::exception";
  }
  if (*pool == nullptr) throw ConnectionError("the pool was destroyed");
  connection.set_exclusive(false);
  if (!problem.empty()) {
    // told below
  } else if (!connection.is_open()) {
    problem = "the connection was lost";
  } else if (connection.backlog() != 0 ||
             connection.transaction_status() != TransactionStatus::idle) {
    problem = "it left a transaction open";
  } else {
    connection.set_session_changed(false);  // so it is to be
    co_return;
  }
  throw ConnectionError("the hook for a new connection to " + target->options.describe() + ": " +
                        problem);
}

void Pool::set_hooks(PoolHooks hooks) {
  if (used_) throw ConfigurationError("", "hooks are set before the pool is used");
  target_->hooks = std::move(hooks);
  // What is longer than any clock runs would be less than nothing to it.
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
  ageing_.watch_holders(std::min(target_->hooks.idle_after(), longest));
}

void Pool::set_observer(QueryObserver observer) {
  if (used_) throw ConfigurationError("", "an observer is set before the pool is used");
  target_->watch = observer ? std::make_shared<detail::QueryWatch>(std::move(observer)) : nullptr;
}

}  // namespace pgreactor::pool
