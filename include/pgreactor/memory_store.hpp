#pragma once
#include <memory>
#include <pgreactor/export.hpp>
#include <pgreactor/memory_tables.hpp>
#include <pgreactor/memory_transaction.hpp>
#include <pgreactor/table_store.hpp>
#include <pgreactor/transaction.hpp>

namespace pgreactor {

/// Tables in memory, on which transactions begin. Owner  may end before they do.
class PGREACTOR_API MemoryStore : public TableStore {
 public:
  virtual std::unique_ptr<MemoryTransaction> begin(const TransactionOptions& options) = 0;
};

/// A store that answers from memory as a server would, with its SQLSTATEs: what mock mode runs on.
/// Shape   its tasks complete at once, without a loop. A statement that fails has changed nothing
///         but a sequence.
/// Errors  MockModeError for what only a server can answer, and where one would wait for a lock.
/// Owner   one thread's: that of the reactor that awaits its tasks.
PGREACTOR_API std::unique_ptr<MemoryStore> make_memory_store(MemoryTables tables);

}  // namespace pgreactor
