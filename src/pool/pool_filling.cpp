#include <algorithm>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <random>
#include <utility>

#include "src/connection/open.hpp"
#include "src/pool/connection_executor.hpp"
#include "src/pool/pool.hpp"

// How a pool comes by its connections, and makes used ones fit to be lent again.
namespace pgreactor::pool {

using connection::Connection;

// The level that fill() keeps (P12).
std::size_t Pool::wanted() const noexcept {
  std::size_t busy = 0;
  for (const auto& member : members_)
    if (member->counts_as_lent() || member->connection->backlog() != 0) ++busy;
  const std::size_t load = busy + std::max<std::size_t>(queued_, 1);
  return std::min<std::size_t>(std::max(keep_open_, load), options_.pool_max_conns);
}

void Pool::fill() {
  if (closed_ || keep_open_ == 0 || retry_.armed()) return;
  while (members_.size() + connecting_ < wanted() && connecting_ < most_connecting) {
    ++connecting_;
    reactor_.spawn(open_one(), stop_.get_token());
  }
}

Task<void> Pool::open_one() {
  // The pool may end while this waits; then only this knows of it.
  const std::shared_ptr<Pool*> pool = self_;
  auto opened = co_await as_attempt(connection::open_connection(options_, scram_keys_));
  if (*pool == nullptr) co_return;
  --connecting_;
  if (closed_) co_return;
  if (!opened) {
    on_connect_failed(opened.error(), opened.thrown());
  } else {
    pause_ = std::chrono::milliseconds(0);
    last_connect_failure_ = nullptr;
    last_connect_problem_.clear();
    ++counted_.opened;
    members_.push_back(std::make_unique<Member>(std::move(opened).value()));
    members_.back()->connection->set_owner(this);
  }
  schedule();
}

void Pool::on_connect_failed(const Error& error, std::exception_ptr thrown) noexcept {
  ++counted_.failed_connects;
  last_connect_problem_ = error.what();
  last_connect_failure_ = thrown;
  // Who we are will not be right the next time either, and with no connection at all nobody else
  // can serve the queue: its members learn the cause now rather than their deadline's passing.
  const bool permanent = error.sqlstate().class_code() == "28" || error.sqlstate() == "3D000" ||
                         dynamic_cast<const ConfigurationError*>(&error) != nullptr;
  const bool busy_or_starting = error.sqlstate() == "53300" || error.sqlstate() == "57P03";
  if (permanent || (members_.empty() && connecting_ == 0 && !busy_or_starting))
    fail_queue(std::move(thrown));
  if (retry_.armed()) return;  // two connects may fail at a time
  pause_ = std::clamp(2 * pause_, first_pause, longest_pause);
  // Full jitter, so that the clients of a server that restarts do not come back at once (P18).
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<std::int64_t> spread(1, pause_.count());
  loop_.arm(retry_, std::chrono::milliseconds(spread(random)));
}

void Pool::release(Member& member) noexcept {
  Connection& connection = *member.connection;
  connection.set_in_transaction(false);
  if (!connection.is_open()) {
    member.use = Member::Use::gone;
  } else if (connection.backlog() == 0 &&
             connection.transaction_status() == TransactionStatus::idle) {
    member.use = Member::Use::shared;
    connection.set_exclusive(false);
  } else {
    // The status byte is the server's word on whether it is fit to be lent (P2).
    member.use = Member::Use::cleaning;
    if (!closed_) reactor_.spawn(clean(member), stop_.get_token());
  }
  schedule();
}

Task<void> Pool::clean(Member& member) {
  const std::shared_ptr<Pool*> pool = self_;
  Connection& connection = *member.connection;
  ConnectionExecutor executor(connection, statements_);
  // Behind everything that is still to be answered.
  auto rolled_back =
      co_await as_attempt(with_timeout(cleaning_budget, executor.execute("ROLLBACK")));
  if (*pool == nullptr) co_return;
  if (connection.is_open() && rolled_back && connection.backlog() == 0 &&
      connection.transaction_status() == TransactionStatus::idle) {
    member.use = Member::Use::shared;
    connection.set_exclusive(false);
  } else {
    member.use = Member::Use::gone;
    if (connection.is_open()) ++counted_.closed;
    connection.close("it could not be rolled back in time");
  }
  schedule();
}

Task<void> Pool::warm_up() {
  keep_open_ = options_.pool_min_conns;
  schedule();
  while (members_.size() < keep_open_) {
    if (last_connect_failure_) std::rethrow_exception(last_connect_failure_);
    co_await sleep_for(std::chrono::milliseconds(1));
  }
}

Task<void> Pool::close(std::chrono::nanoseconds budget) {
  const auto deadline = Clock::now() + budget;
  const auto busy = [this] {
    return queued_ != 0 || std::any_of(members_.begin(), members_.end(), [](const auto& member) {
             return member->counts_as_lent() || member->connection->backlog() != 0;
           });
  };
  closing_ = true;
  while (!closed_ && busy() && Clock::now() < deadline)
    co_await sleep_for(std::chrono::milliseconds(1));
  closed_ = true;
  stop_.request_stop();
  fail_queue(std::make_exception_ptr(ConnectionError("the pool was closed")));
  for (const auto& member : members_) member->connection->close("the pool was closed");
  for (const auto& member : members_)
    if (member->use != Member::Use::lent) member->use = Member::Use::gone;
  schedule();
}

}  // namespace pgreactor::pool
