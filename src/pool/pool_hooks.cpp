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

// The pool may end while the hook runs, and with it the statements.
class NewConnection final : public Executor {
 public:
  NewConnection(PoolHandle pool, Connection& connection)
      : pool_(std::move(pool)), executor_(connection, (*pool_)->statements()) {}

  void submit(detail::Request& request) override { executor_.submit(request); }
  std::shared_ptr<detail::StatementEntry> statement_for(std::string_view text) override {
    if (*pool_ == nullptr) throw ConnectionError("the pool was destroyed");
    return executor_.statement_for(text);
  }
  Task<std::unique_ptr<detail::Lease>> lease() override { return executor_.lease(); }

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
  NewConnection executor(pool, connection);
  connection.set_exclusive(true);
  const auto ran = co_await as_attempt(
      run_limited(target->hooks.connect()(executor), target->options.connect_timeout));
  connection.set_exclusive(false);
  std::string problem;
  if (!ran) {
    problem = ran.error().what();
  } else if (!connection.is_open()) {
    problem = "the connection was lost";
  } else if (connection.backlog() != 0 ||
             connection.transaction_status() != TransactionStatus::idle) {
    problem = "it left a transaction open";
  } else {
    co_return;
  }
  throw ConnectionError("the hook for a new connection to " + target->options.describe() + ": " +
                        problem);
}

void Pool::set_hooks(PoolHooks hooks) {
  if (used_) throw ConfigurationError("", "hooks are set before the pool is used");
  target_->hooks = std::move(hooks);
}

}  // namespace pgreactor::pool
