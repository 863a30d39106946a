#pragma once
#include <cstdint>
#include <pgreactor/export.hpp>
#include <pgreactor/fetch.hpp>
#include <pgreactor/task.hpp>
#include <pgreactor/transaction.hpp>
#include <string>
#include <utility>

namespace pgreactor {

/// Whether others may hold the lock at the same time, if they share it too.
enum class LockMode : std::uint8_t { exclusive, shared };

/// What an advisory lock is about: a number, or a name that the server makes one of. Two names may
/// share a number, then their holders wait for each other without need.
class PGREACTOR_API LockKey {
 public:
  // Implicit: "orders" and 17 are what one writes.
  LockKey(std::int64_t number) noexcept : number_(number) {}
  LockKey(std::string name) : name_(std::move(name)), named_(true) {}
  LockKey(const char* name) : LockKey(std::string(name)) {}

  bool is_named() const noexcept { return named_; }
  std::int64_t number() const noexcept { return number_; }
  const std::string& name() const noexcept { return name_; }

 private:
  std::int64_t number_ = 0;
  std::string name_;
  bool named_ = false;
};

/// Waits until nobody else holds the lock, and holds it until the transaction ends. Within one
/// session it may be taken again.
/// Errors  TimeoutError when `limit` is over first, after which the transaction can only be rolled
///         back (try_advisory_lock() leaves it usable); QueryError 40P01 of a deadlock.
/// Source  postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
PGREACTOR_API Task<void> advisory_lock(Transaction& transaction, LockKey key,
                                       LockMode mode = LockMode::exclusive,
                                       Timeout limit = Timeout(detail::no_timeout));
/// The same without waiting: false when somebody else holds it.
PGREACTOR_API Task<bool> try_advisory_lock(Transaction& transaction, LockKey key,
                                           LockMode mode = LockMode::exclusive);

}  // namespace pgreactor
