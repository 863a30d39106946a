#include "src/pool/pool.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <pgreactor/error.hpp>
#include <string>
#include <utility>

#include "src/connection/errors.hpp"
#include "src/connection/out_of_memory.hpp"
#include "src/connection/statement_entry.hpp"

namespace pgreactor::pool {

using connection::Connection;
using detail::Request;
using detail::Waiter;

Pool::Pool(Reactor& reactor, ConnectionOptions options)
    : reactor_(reactor),
      loop_(reactor.event_loop()),
      target_(std::make_shared<Target>(std::move(options))),
      options_(target_->options),
      ageing_(options_),
      self_(std::make_shared<Pool*>(this)) {
  options_.check();
  static_cast<void>(connection::out_of_memory<ConnectionError>(Outcome::not_sent));
  static_cast<void>(connection::out_of_memory<TimeoutError>(Outcome::not_sent));
  static_cast<void>(connection::out_of_memory<CancelledError>(Outcome::not_sent));
}

Pool::~Pool() {
  closing_ = closed_ = true;
  *self_ = nullptr;
  stop_.request_stop();
  fail_queue(connection::made_or_out_of_memory<ConnectionError>(Outcome::not_sent, [] {
    return std::make_exception_ptr(ConnectionError("the pool was destroyed"));
  }));
  for (const auto& member : members_) {
    member->connection->close("the pool was destroyed");
    target_->hooks.closed(member->number);
  }
}

void Pool::submit(Request& request) {
  if (closing_) throw ConnectionError("the pool is closed");
  used_ = true;
  if (queued_ == 0 && try_submit(request)) return;
  enqueue(request);
  request.set_owner(this);
}

bool Pool::try_submit(Request& request) {
  Member* const member = member_with_room(request);
  if (member == nullptr) return false;
  give(request, *member);
  return true;
}

void Pool::give(Request& request, Member& member) {
  // Every connection is busy: more would share the load.
  if (may_grow_ && member.connection->backlog() != 0) schedule();
  member.connection->submit(request);
}

namespace {

// Of the server for a single statement; the longest there is where nobody can say.
std::chrono::nanoseconds expected_time(const Request& request) noexcept {
  return request.is_plain() ? request.statement()->service_time().expected()
                            : std::chrono::nanoseconds::max();
}

}  // namespace

// What is asked for between two sends goes together. Whether it should be packed: once there are
// more statements under way than connections, some wait behind others wherever they go.
void Pool::begin_round() noexcept {
  // Turns in between may belong to others on the loop; long ago means nothing for now.
  const std::size_t asked = loop_.sends() - sends_seen_ <= recent_sends ? asked_ : 0;
  sends_seen_ = loop_.sends();
  asked_ = 0;
  may_grow_ = members_.size() + connecting_ < options_.pool_max_conns;
  run_ = {};
  run_length_ = 1;
  if (asked < few_asked) return;
  std::size_t under_way = asked, shared = 0;  // as many are about to be asked for again
  for (const auto& member : members_) {
    if (member->use != Member::Use::shared) continue;
    under_way += member->connection->backlog();
    ++shared;
  }
  // A single connection gets them all as it is.
  if (shared > 1 && under_way > shared) run_length_ = longest_run;
}

// An idle connection gets a run of statements that are known to be fast, where packing them saves
// more than it makes them wait; a slow one, or one that nobody knows yet, goes alone.
void Pool::start_run(const Request& request) noexcept {
  const auto time = expected_time(request);
  const std::chrono::nanoseconds most = options_.pool_sharing_time;
  run_ = time >= most ? Run{} : Run{run_length_ - 1, most - time};
}

bool Pool::joins_run(const Request& request) noexcept {
  if (run_.room == 0) return false;
  const auto time = expected_time(request);
  if (time > run_.time) return false;
  --run_.room;
  run_.time -= time;
  return true;
}

// An idle one, or the one with the least to do.
Member* Pool::member_with_room(const Request& request) noexcept {
  if (sends_seen_ != loop_.sends()) begin_round();
  ++asked_;
  // When all are busy, what is asked in one turn goes to them in runs: one send carries more, and
  // nobody has to look at all of them for every statement.
  if (chosen_ != nullptr && chosen_->use == Member::Use::shared &&
      chosen_->connection->unsent() < most_unsent &&
      (chosen_->connection->backlog() < fair_share_ || joins_run(request)))
    return chosen_;
  return choose(request);
}

// Apart, so that a run's statements do not pay for the registers that the loop needs.
[[gnu::noinline]] Member* Pool::choose(const Request& request) noexcept {
  Member *best = nullptr, *best_of_slow = nullptr;
  std::size_t least = most_in_flight, least_of_slow = most_in_flight, in_flight = 0, shared = 0;
  for (const auto& member : members_) {
    if (member->use != Member::Use::shared) continue;
    const std::size_t backlog = member->connection->backlog();
    in_flight += backlog;
    ++shared;
    if (backlog >= least || member->connection->unsent() >= most_unsent) continue;
    // Behind a long statement one would wait for as long; only where all are at such a one.
    if (backlog != 0 && member->connection->is_slow()) [[unlikely]] {
      if (backlog < least_of_slow) best_of_slow = member.get();
      least_of_slow = std::min(least_of_slow, backlog);
      continue;
    }
    best = member.get();
    least = backlog;
    if (backlog == 0) break;
  }
  if (best == nullptr) {
    best = best_of_slow;
    least = least_of_slow;
  }
  chosen_ = best;
  fair_share_ = best == nullptr || least == 0
                    ? 0
                    : std::min(in_flight / shared + run_of_statements, most_in_flight);
  run_ = {};
  if (run_length_ > 1 && best != nullptr && least == 0) start_run(request);
  return best;
}

Member* Pool::idle_member() noexcept {
  for (const auto& member : members_) {
    const bool may_be_lent =
        member->use == Member::Use::shared || member->use == Member::Use::reserved;
    if (may_be_lent && member->connection->backlog() == 0 && !member->connection->is_fenced())
      return member.get();
  }
  return nullptr;
}

void Pool::refuse_inherited() const {
  if (mark_.is_inherited()) throw connection::inherited("pool for " + options_.describe());
}

void Pool::enqueue(Waiter& entry) {
  refuse_inherited();
  if (queued_ >= most_queued)
    throw QueryError("the pool's queue is full: " + std::to_string(queued_) + " waiters");
  if (options_.pool_acquire_timeout.count() > 0) {
    entry.expiry = Clock::now() + options_.pool_acquire_timeout;
    if (!expiry_.armed()) loop_.arm(expiry_, entry.expiry);
  }
  queue_.push(entry);  // when nothing can fail any more
  ++queued_;
  schedule();
}

void Pool::expire() noexcept {
  const auto now = Clock::now();
  while (queued_ != 0) {
    auto& entry = static_cast<Waiter&>(queue_.front());
    if (entry.expiry > now) return loop_.arm(expiry_, entry.expiry);
    ++counted_.timed_out_waits;
    note_wait(entry);
    fail(entry, connection::made_or_out_of_memory<TimeoutError>(
                    Outcome::not_sent, [this] { return acquire_timed_out(); }));
  }
}

// Its end was set when it came.
void Pool::note_wait(const Waiter& entry) noexcept {
  waits_.add(loop_.step_time() - (entry.expiry - options_.pool_acquire_timeout));
}

void Pool::forget(Waiter& entry) noexcept {
  entry.unlink();
  --queued_;
  schedule();  // it may have stood at the head
}

Outcome Pool::abandon(Request& request) noexcept {
  request.set_owner(nullptr);
  forget(request);
  return Outcome::not_sent;
}

// Gives the head of the queue what it waits for, and so on until one has to wait.
void Pool::serve_queue() {
  while (queued_ != 0 && serve(static_cast<Waiter&>(queue_.front()))) {
  }
  std::size_t waiting_for_connection = 0;
  if (queued_ != 0 && static_cast<Waiter&>(queue_.front()).kind() == Waiter::Kind::connection)
    waiting_for_connection = 1;
  reserve_for(waiting_for_connection);
}

bool Pool::serve(Waiter& entry) {
  if (entry.kind() == Waiter::Kind::connection) {
    Member* const member = idle_member();
    if (member == nullptr) return false;
    entry.unlink();
    --queued_;
    note_wait(entry);
    static_cast<AcquireWait&>(entry).give(*member);
    return true;
  }
  auto& request = static_cast<Request&>(entry);
  Member* const member = member_with_room(request);
  if (member == nullptr) return false;
  entry.unlink();
  --queued_;
  note_wait(entry);
  request.set_owner(nullptr);
  try {
    give(request, *member);
  } catch (...) {
    request.finish(std::current_exception());
  }
  return true;
}

// Keeps one connection free of new statements, so that the head of the queue gets it soon.
void Pool::reserve_for(std::size_t waiters) noexcept {
  Member* least = nullptr;
  for (const auto& member : members_) {
    if (member->use == Member::Use::reserved) {
      if (waiters != 0) return;
      member->use = Member::Use::shared;
    }
    if (member->use == Member::Use::shared &&
        (least == nullptr || member->connection->backlog() < least->connection->backlog()))
      least = member.get();
  }
  if (waiters != 0 && least != nullptr) least->use = Member::Use::reserved;
}

void Pool::fail(Waiter& entry, std::exception_ptr failure) noexcept {
  entry.unlink();
  --queued_;
  if (entry.kind() == Waiter::Kind::connection) {
    static_cast<AcquireWait&>(entry).fail(std::move(failure));
  } else {
    auto& request = static_cast<Request&>(entry);
    request.set_owner(nullptr);
    request.finish(std::move(failure));
  }
}

void Pool::fail_queue(const std::exception_ptr& failure) noexcept {
  while (queued_ != 0) fail(static_cast<Waiter&>(queue_.front()), failure);
}

void Pool::on_progress(Connection&) noexcept {
  fair_share_ = 0;  // look again: others may have less to do now
  if (queued_ != 0 || retiring_) schedule();
}

void Pool::on_closed(Connection& connection) noexcept {
  Member* const member = member_of(connection);
  assert(member != nullptr);
  // One that is lent or being cleaned stays until that is over: a task still refers to it.
  if (!member->counts_as_lent() || member->use == Member::Use::cancelling)
    member->use = Member::Use::gone;
  ++counted_.closed;
  schedule();
}

// The hook may ask for the statistics: it is called when a member is out, and all others are whole.
void Pool::remove_gone() noexcept {
  const auto is_gone = [](const auto& member) { return member->use == Member::Use::gone; };
  for (auto found = std::find_if(members_.begin(), members_.end(), is_gone);
       found != members_.end(); found = std::find_if(members_.begin(), members_.end(), is_gone)) {
    const std::uint64_t number = (*found)->number;
    members_.erase(found);
    target_->hooks.closed(number);
  }
}

// At the end of a turn, when no connection is in the middle of anything.
void Pool::flush() noexcept {
  chosen_ = nullptr;
  if (retiring_) close_retired();
  remove_gone();
  if (closed_) return;
  // What a parent's tasks waited for is not for the child to open.
  if (mark_.is_inherited()) [[unlikely]]
    return fail_queue(connection::made_or_out_of_memory<ConnectionError>(Outcome::not_sent, [this] {
      return std::make_exception_ptr(connection::inherited("pool for " + options_.describe()));
    }));
  serve_queue();
  fill();
}

Member* Pool::member_of(const Connection& connection) noexcept {
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const auto& member) {
    return member->connection.get() == &connection;
  });
  return found == members_.end() ? nullptr : found->get();
}

PoolStatistics Pool::statistics() const noexcept {
  PoolStatistics now = counted_;
  for (const auto& member : members_) {
    if (member->use == Member::Use::gone || !member->connection->is_open()) continue;
    ++now.open;
    if (member->counts_as_lent()) {
      ++now.lent;
    } else if (member->connection->backlog() == 0) {
      ++now.idle;
    }
  }
  now.connecting = connecting_;
  if (target_->watch != nullptr) now.failed_observations = target_->watch->failures();
  now.waiting = queued_;
  now.wait = waits_.percentiles();
  now.hold = holds_.percentiles();
  return now;
}

}  // namespace pgreactor::pool
