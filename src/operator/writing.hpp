#pragma once
#include <pgreactor/clauses.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/table_operations.hpp>
#include <pgreactor/table_store.hpp>
#include <pgreactor/task.hpp>
#include <pgreactor/transaction.hpp>
#include <vector>

#include "src/operator/core.hpp"

// What those who write have in common: insertions (writing.cpp), upserts (upserting.cpp), and the
// store that runs them.
namespace pgreactor::operators {

/// An insertion that has no columns and rows yet. Errors  ColumnMatchError, of returning().
Insertion empty_insertion(const PreparedTable& prepared, const OperationOptions& options);

/// The rows that it left, with their ids.
std::vector<Inserted> inserted_of(const Table& table, Written written);
/// Of an insertion of one row; without fields when none is wanted back.
Inserted only_of(const Table& table, Written written);

/// Gives what `body(transaction)` gives, in a transaction on `executor`, which `begin()` begins:
/// what it did is there as a whole, or not at all when it throws. Within another transaction that
/// is a savepoint, and is rolled back then: one that is dropped leaves the transaction around it
/// good for nothing. Any other is dropped, and rolled back behind the scenes.
/// Errors  the first that was thrown. Owner  `body` lives until then.
template <class Begin, class Body>
Task<pgreactor::detail::BodyResult<Body>> in_transaction(Executor* executor, const Begin& begin,
                                                         const Body& body) {
  if (auto* const outer = dynamic_cast<Transaction*>(executor))
    co_return co_await outer->transaction(body);
  Transaction transaction = co_await begin();
  auto result = co_await body(transaction);
  if (transaction.is_open()) co_await transaction.commit();
  co_return result;
}

}  // namespace pgreactor::operators
