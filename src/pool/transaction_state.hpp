#pragma once
#include <memory>
#include <pgreactor/commit_token.hpp>
#include <string>
#include <string_view>

#include "src/pool/pool.hpp"

namespace pgreactor::detail {

/// A transaction or savepoint: where it runs, and whether it is still open. A savepoint refers to
/// what encloses it; the outermost holds the lent connection and gives it back when it ends.
class TransactionState {
 public:
  TransactionState(pool::Pool& pool, pool::Member& member) noexcept;
  explicit TransactionState(TransactionState& outer) noexcept;
  TransactionState(const TransactionState&) = delete;
  TransactionState& operator=(const TransactionState&) = delete;
  ~TransactionState();

  bool open = true;
  int depth = 0;
  TransactionState* outer = nullptr;
  TransactionState* inner = nullptr;  // the savepoint that is open within
  CommitToken* token = nullptr;       // the caller's, who wants to know the number; or null
  bool inner_abandoned = false;       // one was dropped while open: only a rollback helps

  /// For a statement of this transaction.
  /// Errors  ConnectionError when pool or connection are gone, ForkError when they are a parent's;
  ///         QueryError when the transaction has
  ///         ended, a savepoint within it has not (statements would run in that unseen), or a
  ///         statement was given up.
  connection::Connection& connection() const;
  /// The same for its end, which a savepoint left behind does not hinder.
  connection::Connection& connection_to_end() const;
  pool::Pool& pool() const;
  bool is_of(const pool::Pool& other) const noexcept { return *handle_ == &other; }
  bool has_changed_schema() const noexcept;
  /// Are there answers to come that nobody waits for, or is the connection gone?
  bool is_unsettled() const noexcept;
  /// Leads here as long as this lives, for who may outlive it.
  std::shared_ptr<TransactionState*> reference();
  /// Gives the connection back, to be rolled back if that is still needed.
  void give_back() noexcept;
  /// It was committed or rolled back, or its connection is not fit to.
  void end() noexcept;
  /// "pgr_1": the name of this savepoint.
  std::string savepoint() const { return "pgr_" + std::to_string(depth); }

 private:
  void end_inner() noexcept;

  pool::PoolHandle handle_;
  std::shared_ptr<TransactionState*> reference_;  // made when it is asked for
  pool::Member* member_;                          // of the outermost; null once given back
};

/// Ends the transaction when the scope is left, by whatever way.
class EndOnExit {
 public:
  explicit EndOnExit(TransactionState& state) noexcept : state_(state) {}
  EndOnExit(const EndOnExit&) = delete;
  EndOnExit& operator=(const EndOnExit&) = delete;
  ~EndOnExit() { state_.end(); }

 private:
  TransactionState& state_;
};

}  // namespace pgreactor::detail
