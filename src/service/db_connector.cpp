#include <pgreactor/db_connector.hpp>
#include <pgreactor/error.hpp>
#include <utility>

#include "src/pool/begin_transaction.hpp"
#include "src/pool/lease.hpp"
#include "src/pool/listener_state.hpp"
#include "src/pool/pool.hpp"

namespace pgreactor {

DBConnector::DBConnector(Reactor& reactor)
    : DBConnector(reactor, ConnectionOptions::from_environment()) {}
DBConnector::DBConnector(Reactor& reactor, std::string_view conninfo)
    : DBConnector(reactor, ConnectionOptions::parse(conninfo)) {}
DBConnector::DBConnector(Reactor& reactor, ConnectionOptions options)
    : pool_(std::make_unique<pool::Pool>(reactor, std::move(options))) {}
DBConnector::~DBConnector() = default;

void DBConnector::set_hooks(PoolHooks hooks) { pool_->set_hooks(std::move(hooks)); }
void DBConnector::set_observer(QueryObserver observer) { pool_->set_observer(std::move(observer)); }
Task<void> DBConnector::warm_up() { return pool_->warm_up(); }
const ConnectionOptions& DBConnector::options() const noexcept { return pool_->options(); }
PoolStatistics DBConnector::statistics() const noexcept { return pool_->statistics(); }
Reactor& DBConnector::reactor() const noexcept { return pool_->reactor(); }
const std::uint64_t& DBConnector::schema_changes() const noexcept {
  return pool_->schema_changes();
}

Task<void> DBConnector::close(std::chrono::nanoseconds budget) {
  pool_->refuse_inherited();
  begins_no_more();
  co_await pool_->close(budget);
}

void DBConnector::submit(detail::Request& request) { pool_->submit(request); }
std::shared_ptr<detail::StatementEntry> DBConnector::statement_for(std::string_view text) {
  return pool_->statement_for(text);
}

Task<std::unique_ptr<detail::Lease>> DBConnector::lease() { return pool::lease(*pool_); }

Task<Listener> DBConnector::open_listener(std::set<std::string> channels) {
  pool_->refuse_inherited();
  auto state = std::make_shared<pool::ListenerState>(pool_->reactor(), pool_->target());
  Listener listener(state);
  co_await pool::ListenerState::open(std::move(state), std::move(channels));
  co_return listener;
}

Task<Transaction> DBConnector::begin_here(TransactionOptions options, std::source_location where) {
  return detail::begin_transaction(*pool_, options, where);
}

bool DBConnector::has_begun(const Transaction& transaction) const noexcept {
  return transaction.runs_on(*pool_);
}

}  // namespace pgreactor
