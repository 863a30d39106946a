#include <algorithm>
#include <cassert>
#include <new>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <random>
#include <utility>

#include "src/connection/open.hpp"
#include "src/connection/out_of_memory.hpp"
#include "src/pool/connection_executor.hpp"
#include "src/pool/pool.hpp"
#include "src/pool/text_of.hpp"
#include "src/pool/try_spawn.hpp"
#include "src/reactor/thread_random.hpp"

// How a pool comes by its connections, and makes used ones fit to be lent again.
namespace pgreactor::pool {

using connection::Connection;

// The level that fill() keeps (P12).
std::size_t Pool::wanted() const noexcept {
  std::size_t busy = 0;
  for (const auto& member : members_)
    if (member->counts_as_lent() || member->connection->backlog() != 0) ++busy;
  // One to spare, unless nobody wants anything.
  const std::size_t load = busy + std::max<std::size_t>(queued_, busy != 0 ? 1 : 0);
  const std::size_t least = options_.pool_min_conns + (replacing_ ? 1u : 0u);
  return std::min<std::size_t>(std::max(least, load), options_.pool_max_conns);
}

void Pool::fill() noexcept {
  if (closed_ || !used_ || retry_.armed()) return;
  while (members_.size() + connecting_ < wanted() && connecting_ < most_connecting) {
    if (!try_spawn(reactor_, stop_.get_token(),
                   [this] { return open_one(self_, target_, generation_); }))
      return on_connect_failed(connection::out_of_memory<ConnectionError>(Outcome::not_sent));
    ++connecting_;
  }
}

Task<void> Pool::open_one(PoolHandle pool, std::shared_ptr<Target> target,
                          std::uint64_t generation) {
  std::unique_ptr<Connection> opened;
  std::exception_ptr thrown;
  try {
    opened = co_await connection::open_connection(target->options, target->cache);
    co_await run_connect_hook(pool, target, *opened);
  } catch (const Error&) {
    thrown = std::current_exception();
  } catch (const std::exception& error) {
    // The system has no more of something: as good a reason to try again later as any other.
    thrown = connection::made_or_out_of_memory<ConnectionError>(Outcome::not_sent, [&] {
      return std::make_exception_ptr(
          ConnectionError("connecting to " + target->options.describe() + ": " + error.what()));
    });
  }
  if (*pool == nullptr) co_return;
  --(*pool)->connecting_;
  if ((*pool)->closed_ || (*pool)->mark_.is_inherited()) co_return;
  if (!thrown) {
    try {
      (*pool)->on_opened(std::move(opened), generation);
    } catch (const std::bad_alloc&) {
      thrown = connection::out_of_memory<ConnectionError>(Outcome::not_sent);
    }
  }
  if (thrown) (*pool)->on_connect_failed(thrown);
}

// All that can fail comes first.
void Pool::on_opened(std::unique_ptr<Connection> opened, std::uint64_t generation) {
  members_.push_back(std::make_unique<Member>(std::move(opened), counted_.opened + 1, generation));
  ++counted_.opened;
  Member& member = *members_.back();
  member.connection->set_owner(&newcomers_);
  if (member.connection->sent() != 0) {  // a hook has talked to it
    member.connection->set_owner(this);
    on_first_answer();
  }
  member.connection->set_watch(target_->watch, member.number);
  member.opened_at = member.used = Clock::now();
  member.end_of_life = ageing_.end_of_life(member.used, net::thread_random());
  start_ageing();
  if (generation != generation_) {
    retire(member, Member::Parting::left);  // meanwhile
  } else if (replacing_) {
    replace_old(member.used);
  }
  if (options_.busy_poll.count() > 0) member.connection->set_busy_poll(options_.busy_poll);
  schedule();
}

// The server is there, and does more than let us in.
void Pool::on_first_answer() noexcept {
  pause_ = std::chrono::milliseconds(0);
  last_connect_failure_ = nullptr;
  last_connect_problem_.clear();
  if (!retry_.armed()) return;
  retry_.disarm();
  schedule();
}

// A server or proxy that lets us in and hangs up is asked again as if it had refused us: else that
// went on without end or pause.
void Pool::on_newcomer_closed(Connection& connection) noexcept {
  const Member* const member = member_of(connection);
  assert(member != nullptr);
  on_closed(connection);
  // Its answer and its end may have come together.
  if (connection.has_progressed()) return on_first_answer();
  // What has stood for so long may be opened anew at any rate.
  const bool has_stood = Clock::now() - member->opened_at >= longest_pause;
  if (closed_ || has_stood || mark_.is_inherited()) return;
  std::exception_ptr why;
  bool ended_on_purpose = false;
  try {
    connection.refuse_unusable();
  } catch (const Error& error) {
    if (error.report() != nullptr) why = std::current_exception();
    ended_on_purpose = is_shutdown(error.sqlstate());
    // NOLINTNEXTLINE(bugprone-empty-catch): no memory for its words
  } catch (const std::bad_alloc&) {
  }
  if (why == nullptr)
    why = connection::made_or_out_of_memory<ConnectionError>(Outcome::not_sent, [&] {
      return std::make_exception_ptr(ConnectionError("the connection to " + options_.describe() +
                                                     " was closed before it answered anything"));
    });
  // An administrator who ends sessions has refused nobody.
  if (!ended_on_purpose) ++counted_.failed_connects;
  pause_connecting(why);
}

std::size_t Pool::present() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(members_.begin(), members_.end(),
                    [](const auto& member) { return member->use != Member::Use::gone; }));
}

void Pool::on_connect_failed(const std::exception_ptr& thrown) noexcept {
  ++counted_.failed_connects;
  pause_connecting(thrown);
}

void Pool::pause_connecting(const std::exception_ptr& thrown) noexcept {
  bool permanent = false, passes = false;
  try {
    std::rethrow_exception(thrown);
  } catch (const Error& error) {
    // Who we are will not be right the next time either.
    permanent = error.sqlstate().class_code() == "28" || error.sqlstate() == "3D000" ||
                dynamic_cast<const ConfigurationError*>(&error) != nullptr;
    passes = error.sqlstate() == "53300" || error.sqlstate() == "57P03" ||  // busy, starting
             is_shutdown(error.sqlstate());
    last_connect_problem_ = text_of(error);
  }
  last_connect_failure_ = thrown;
  // With no connection at all nobody else can serve the queue: its members learn the cause now
  // rather than their deadline's passing.
  if (present() == 0 && (permanent || (connecting_ == 0 && !passes))) fail_queue(thrown);
  schedule();
  if (retry_.armed()) return;  // two connects may fail at a time
  pause_ = std::clamp(2 * pause_, first_pause, longest_pause);
  // Full jitter, so that the clients of a server that restarts do not come back at once (P18).
  std::uniform_int_distribution<std::int64_t> spread(1, pause_.count());
  loop_.arm(retry_, std::chrono::milliseconds(spread(net::thread_random())));
}

void Pool::release(Member& member) noexcept {
  Connection& connection = *member.connection;
  connection.end_stream();
  connection.set_in_transaction(false);
  member.read_only = false;
  holds_.add(loop_.step_time() - member.lent_at);
  target_->hooks.released(member.number);
  if (!connection.is_open()) {
    member.use = Member::Use::gone;
  } else if (connection.backlog() == 0 && !connection.is_fenced() &&
             !connection.session_changed() &&
             connection.transaction_status() == TransactionStatus::idle) {
    settle(member);
  } else {
    // The status byte is the server's word on whether it is fit to be lent (P2).
    member.use = Member::Use::cleaning;
    if (!closed_ && !try_spawn(reactor_, stop_.get_token(), [&] { return clean(self_, member); }))
      give_up_cleaning(member);
  }
  schedule();
}

void Pool::give_up_cleaning(Member& member) noexcept {
  member.use = Member::Use::gone;
  if (!member.connection->is_open()) return;
  ++counted_.closed;
  member.connection->close("it could not be cleaned in time");
}

// What follows runs within a budget; the connection is the task's alone.
Task<void> Pool::end_use(PoolHandle pool, Connection& connection, ConnectionExecutor& executor) {
  if (connection.backlog() == 0 && !connection.is_fenced() &&
      connection.transaction_status() == TransactionStatus::idle)
    co_return;
  if (*pool != nullptr) co_await executor.execute("ROLLBACK");
}

// As it was when it was new, for the next user.
// Whoever ends the pool meanwhile ends the connection, and the statements with an error, unless
// their answer is here already.
Task<void> Pool::reset(PoolHandle pool, Connection& connection, ConnectionExecutor& executor) {
  if (*pool == nullptr) co_return;
  const std::shared_ptr<Target> target = (*pool)->target_;
  co_await executor.execute("DISCARD ALL");
  co_await run_connect_hook(pool, target, connection);
  if (*pool != nullptr) connection.set_session_changed(false);
}

// Nobody waits for it, so that an exception, one of a hook's for instance, would end the process.
Task<void> Pool::clean(PoolHandle pool, Member& member) {
  if (*pool == nullptr) co_return;  // before this began
  Connection& connection = *member.connection;
  ConnectionExecutor executor(connection, (*pool)->statements_);
  bool cleaned = false;
  try {
    // Behind everything that is still to be answered.
    co_await with_timeout(cleaning_budget, end_use(pool, connection, executor));
    if (*pool != nullptr && connection.session_changed())
      co_await with_timeout(cleaning_budget, reset(pool, connection, executor));
    cleaned = true;
    // NOLINTNEXTLINE(bugprone-empty-catch): what follows looks at what became of it
  } catch (...) {
  }
  if (*pool == nullptr) co_return;
  if (connection.is_open() && cleaned && connection.backlog() == 0 &&
      connection.transaction_status() == TransactionStatus::idle) {
    (*pool)->settle(member);
  } else {
    (*pool)->give_up_cleaning(member);
  }
  (*pool)->schedule();
}

Task<void> Pool::warm_up() {
  refuse_inherited();
  const PoolHandle pool = self_;
  used_ = true;
  last_connect_failure_ = nullptr;  // of long ago, perhaps
  schedule();
  while (present() < options_.pool_min_conns) {
    if (closing_) throw ConnectionError("the pool is closed");
    if (last_connect_failure_) std::rethrow_exception(last_connect_failure_);
    co_await sleep_for(std::chrono::milliseconds(1));
    if (*pool == nullptr) throw ConnectionError("the pool was destroyed");
  }
}

Task<void> Pool::close(std::chrono::nanoseconds budget) {
  refuse_inherited();
  const auto began = Clock::now();
  const auto busy = [this] {
    return queued_ != 0 || std::any_of(members_.begin(), members_.end(), [](const auto& member) {
             return member->counts_as_lent() || member->connection->backlog() != 0;
           });
  };
  const PoolHandle pool = self_;
  closing_ = true;
  while (!closed_ && busy() && Clock::now() - began < budget) {  // which may be the longest
    const auto slept = co_await as_attempt(sleep_for(std::chrono::milliseconds(1)));
    if (*pool == nullptr) co_return;
    if (!slept) break;  // a stop: close at once
  }
  closed_ = true;
  stop_.request_stop();
  fail_queue(connection::made_or_out_of_memory<ConnectionError>(Outcome::not_sent, [] {
    return std::make_exception_ptr(ConnectionError("the pool was closed"));
  }));
  for (const auto& member : members_) member->connection->close("the pool was closed");
  // A hook that runs while one is cleaned may wait for what knows of no stop: it refers to it.
  for (const auto& member : members_)
    if (member->use != Member::Use::lent && member->use != Member::Use::cleaning)
      member->use = Member::Use::gone;
  schedule();
}

}  // namespace pgreactor::pool
