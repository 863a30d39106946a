#pragma once
#include <chrono>
#include <cstdint>
#include <exception>
#include <pgreactor/error.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/transaction.hpp>

namespace pgreactor {

/// When a transaction that failed is run again, body and all; made by retrying().
///
///   co_await db.transaction(retrying(isolation(Isolation::serializable)).within(2s), body);
///
/// failure                                                             again?
/// serialization failure 40001, deadlock 40P01                         yes
/// no connection, none in time                                         yes: nothing happened
/// at connect or BEGIN: starting 57P03, full 53300, shut down          yes: nothing happened
/// connection lost, or shut down, before COMMIT was sent               if repeatable()
/// connection lost after COMMIT was sent (outcome unknown)             never: it may have committed
/// no lock in time 55P03                                               if on_lock_timeout()
/// statement cancelled 57014, or its timeout                           if on_statement_timeout()
/// unique or exclusion violation 23505, 23P01                          if on_conflict()
/// whatever, once the connector is closed or destroyed                 never
/// all else, such as 25P02, another refusal at connect, or a stop      never
///
/// Errors  of the last attempt, of the type that it threw. If there were more than one, their
///         number is in the message, unless the type is a caller's own. Source
///         postgresql.org/docs/current/mvcc-serialization-failure-handling.html
class PGREACTOR_API RetryPolicy {
 public:
  RetryPolicy() noexcept = default;
  explicit RetryPolicy(TransactionOptions options) noexcept : options_(options) {}

  /// How often the body may run in all: 5 unless told otherwise; less than 1 counts as 1.
  RetryPolicy& at_most(int attempts) noexcept {
    attempts_ = attempts;
    return *this;
  }
  /// A deadline for all attempts and the pauses between them together, none unless given.
  /// Errors  TimeoutError with the outcome of what it stopped: unknown when that was the COMMIT.
  RetryPolicy& within(std::chrono::nanoseconds total) noexcept {
    within_ = total;
    return *this;
  }
  /// The body does nothing outside the database that must not be done twice, so that it may run
  /// again although nobody knows how far it came when the connection was lost.
  RetryPolicy& repeatable(bool value = true) noexcept {
    repeatable_ = value;
    return *this;
  }
  RetryPolicy& on_lock_timeout(bool value = true) noexcept {
    on_lock_timeout_ = value;
    return *this;
  }
  RetryPolicy& on_statement_timeout(bool value = true) noexcept {
    on_statement_timeout_ = value;
    return *this;
  }
  /// For bodies that look first and insert then: the next attempt sees what the other one inserted.
  RetryPolicy& on_conflict(bool value = true) noexcept {
    on_conflict_ = value;
    return *this;
  }

  /// How far an attempt came before it failed.
  enum class Reached : std::uint8_t { connecting, body };
  /// The table above.
  bool runs_again_after(const Error& error, Reached reached) const noexcept;

  TransactionOptions options() const noexcept { return options_; }
  int attempts() const noexcept { return attempts_; }
  std::chrono::nanoseconds total() const noexcept { return within_; }
  bool has_deadline() const noexcept { return within_ != std::chrono::nanoseconds::max(); }

 private:
  TransactionOptions options_;
  int attempts_ = 5;
  std::chrono::nanoseconds within_ = std::chrono::nanoseconds::max();
  bool repeatable_ = false;
  bool on_lock_timeout_ = false;
  bool on_statement_timeout_ = false;
  bool on_conflict_ = false;
};

inline RetryPolicy retrying(TransactionOptions options = {}) noexcept {
  return RetryPolicy(options);
}

namespace detail {

/// The attempts of one transaction: counts them, and decides whether there is another.
class PGREACTOR_API RetryLoop {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds shortest_pause{5}, longest_pause{500};

  explicit RetryLoop(const RetryPolicy& policy) noexcept;

  void begin_attempt() noexcept {
    ++attempts_;
    reached_ = RetryPolicy::Reached::connecting;
  }
  void begin_body() noexcept { reached_ = RetryPolicy::Reached::body; }
  /// Whatever this attempt fails with is final.
  void allow_no_more() noexcept { is_last_ = true; }
  /// How long to wait before the next attempt. Throws the error when there is to be none.
  std::chrono::nanoseconds pause_after(const std::exception_ptr& thrown, const Error& error);

 private:
  const RetryPolicy& policy_;
  Clock::time_point deadline_ = Clock::time_point::max();
  int attempts_ = 0;
  RetryPolicy::Reached reached_ = RetryPolicy::Reached::connecting;
  bool is_last_ = false;
};

}  // namespace detail
}  // namespace pgreactor
