#include <algorithm>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/query_errors.hpp>
#include <pgreactor/retry.hpp>
#include <random>
#include <string>

#include "src/reactor/thread_random.hpp"

namespace pgreactor {
namespace {

bool is_any_of(const Sqlstate& code, std::string_view one, std::string_view other) noexcept {
  return code == one || code == other;
}

template <class Kind>
bool is_a(const Error& error) noexcept {
  return dynamic_cast<const Kind*>(&error) != nullptr;
}

[[noreturn]] void give_up(const std::exception_ptr& thrown, const Error& error, int attempts) {
  if (attempts == 1) std::rethrow_exception(thrown);
  std::rethrow_exception(detail::with_message(
      thrown, error,
      "the transaction failed in attempt " + std::to_string(attempts) + ": " + error.what()));
}

// Doubled twice with each attempt, and anything between that and the shortest: those who got into
// each other's way do not meet again.
std::chrono::nanoseconds jittered_pause(int attempts) {
  using Loop = detail::RetryLoop;
  const int doublings = 2 * std::min(attempts, 4);
  const auto most = std::min(Loop::shortest_pause * (1 << doublings), Loop::longest_pause);
  std::uniform_int_distribution<std::int64_t> pause(
      std::chrono::nanoseconds(Loop::shortest_pause).count(),
      std::chrono::nanoseconds(most).count());
  return std::chrono::nanoseconds(pause(net::thread_random()));
}

}  // namespace

bool RetryPolicy::runs_again_after(const Error& error, Reached reached) const noexcept {
  const bool may_have_run =
      error.outcome() == Outcome::unknown || error.outcome() == Outcome::committed;
  if (is_a<CancelledError>(error) || (reached == Reached::body && may_have_run)) return false;
  const Sqlstate code = error.sqlstate();
  if (reached == Reached::connecting) {
    if (error.report() != nullptr && code.class_code() != "08")
      return is_any_of(code, "57P03", "53300") || is_any_of(code, "57P01", "57P02");
    return (is_a<ConnectionError>(error) && !is_a<ConfigurationError>(error)) ||
           is_a<TimeoutError>(error);
  }
  if (is_any_of(code, "40001", "40P01")) return true;
  if (is_a<ConnectionError>(error)) return repeatable_;
  if (code == "55P03") return on_lock_timeout_;
  if (code == "57014" || is_a<TimeoutError>(error)) return on_statement_timeout_;
  return is_any_of(code, "23505", "23P01") && on_conflict_;
}

namespace detail {

RetryLoop::RetryLoop(const RetryPolicy& policy) noexcept : policy_(policy) {
  const auto now = Clock::now();
  if (policy.total() < deadline_ - now) deadline_ = now + policy.total();
}

std::chrono::nanoseconds RetryLoop::pause_after(const std::exception_ptr& thrown,
                                                const Error& error) {
  const bool again =
      attempts_ < policy_.attempts() && !is_last_ && policy_.runs_again_after(error, reached_);
  if (!again) give_up(thrown, error, attempts_);
  const auto pause = jittered_pause(attempts_);
  // Its error says more than that the time was over.
  if (deadline_ != Clock::time_point::max() && Clock::now() + pause >= deadline_)
    give_up(thrown, error, attempts_);
  return pause;
}

}  // namespace detail
}  // namespace pgreactor
