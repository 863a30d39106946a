#pragma once
#include <memory>
#include <pgreactor/export.hpp>
#include <pgreactor/memory_tables.hpp>
#include <pgreactor/table_store.hpp>

namespace pgreactor {

/// A store that answers from memory as a server would, with its SQLSTATEs: what mock mode runs on.
/// Shape   its tasks complete at once, without a loop. A statement that fails has changed nothing
///         but a sequence.
/// Errors  MockModeError for what only a server can answer; a lock is taken for granted.
/// Owner   one thread's: that of the reactor that awaits its tasks.
PGREACTOR_API std::unique_ptr<TableStore> make_memory_store(MemoryTables tables);

}  // namespace pgreactor
