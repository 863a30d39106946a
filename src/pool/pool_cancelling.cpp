#include <algorithm>
#include <cassert>
#include <new>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <utility>

#include "src/connection/cancel.hpp"
#include "src/pool/pool.hpp"
#include "src/pool/try_spawn.hpp"

// What becomes of a statement that nobody waits for any more: the server is asked to stop it, and
// its connection is used again when the request can have no effect on another (P4).
namespace pgreactor::pool {

using connection::Connection;

void Pool::on_given_up(Connection& connection) noexcept {
  Member* const member = member_of(connection);
  assert(member != nullptr);
  if (!member->counts_as_lent()) member->use = Member::Use::cancelling;
  const auto make = [&] { return cancel(self_, target_, member->number, connection.fence()); };
  if (try_spawn(reactor_, stop_.get_token(), make)) return;
  close_given_up(connection, "out of memory");
  if (member->use == Member::Use::cancelling) member->use = Member::Use::gone;
  schedule();
}

// What we close ourselves we are not told of.
void Pool::close_given_up(Connection& connection, const char* why) noexcept {
  ++counted_.closed;
  connection.close(why);
}

Member* Pool::member_numbered(std::uint64_t number) noexcept {
  const auto found = std::find_if(members_.begin(), members_.end(), [number](const auto& member) {
    return member->number == number && member->use != Member::Use::gone;
  });
  return found == members_.end() ? nullptr : found->get();
}

Task<void> Pool::cancel(PoolHandle pool, std::shared_ptr<Target> target, std::uint64_t number,
                        std::uint64_t fence) {
  const auto fenced = [&]() -> Connection* {
    Member* const member = *pool == nullptr || (*pool)->closed_ || (*pool)->mark_.is_inherited()
                               ? nullptr
                               : (*pool)->member_numbered(number);
    // One that was closed keeps its fence.
    const bool waits = member != nullptr && member->connection->is_open() &&
                       member->connection->is_fenced() && member->connection->fence() == fence;
    return waits ? member->connection.get() : nullptr;
  };
  auto progress = connection::CancelProgress::not_sent;
  if (const Connection* connection = fenced()) {
    ++(*pool)->counted_.cancels;
    try {
      auto request =
          connection::request_cancel(*connection->origin(), connection->session().cancel_key(),
                                     target->options, target->cache.tls, progress);
      // A server that cannot be reached ends the wait too: the statement may end by itself.
      co_await with_timeout(cancel_budget, std::move(request));
      // NOLINTNEXTLINE(bugprone-empty-catch): `progress` says how far it came
    } catch (...) {
    }
  }
  if (Connection* const connection = fenced()) {
    // What nobody has read yet cannot be taken back, and would stop whatever comes next.
    if (progress == connection::CancelProgress::sent)
      (*pool)->close_given_up(
          *connection, "a cancel request is on its way to it and was not acted upon in time");
  }
  try {
    if (Connection* const connection = fenced()) connection->end_fence();
    for (const auto deadline = Clock::now() + cancel_budget;
         fenced() != nullptr && Clock::now() < deadline;) {
      const auto slept = co_await as_attempt(sleep_for(std::chrono::milliseconds(1)));
      if (!slept) co_return;  // the pool is being closed
    }
    // NOLINTNEXTLINE(bugprone-empty-catch): without memory nobody can wait for it
  } catch (const std::bad_alloc&) {
  }
  if (Connection* const connection = fenced())
    (*pool)->close_given_up(*connection, "a statement that was given up did not end in time");
  if (*pool == nullptr) co_return;
  // Meanwhile somebody may have given up another statement on it, whose fence is not ours to lift.
  if (Member* const member = (*pool)->member_numbered(number);
      member != nullptr && member->use == Member::Use::cancelling &&
      !(member->connection->is_open() && member->connection->is_fenced()))
    (*pool)->settle(*member);
  (*pool)->schedule();
}

}  // namespace pgreactor::pool
