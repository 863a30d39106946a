#pragma once
#include <cstdint>
#include <pgreactor/table_store.hpp>
#include <vector>

#include "src/store_memory/database.hpp"
#include "src/store_memory/work.hpp"

namespace pgreactor::store_memory {

/// Does a change begin to refer to a row that `target` takes away, or whose keys it changes?
bool refers_to(const RowChange& change, const RowChange& target);

/// Errors  MockModeError: a server would wait for another transaction before it gave this lock on
/// a row that the running statement sees.
void check_free(const Database& database, StoredTable& table, const StoredRow& row, RowLock lock);
/// The same of the lock that replacing a row, or taking it away, needs.
void check_free(const Database& database, const RowChange& change);

/// Those of a selection's rows, in their order, that it locks: at most as many as its window needs,
/// and under skip_locked those alone that nobody else has. The transaction whose statement this is
/// keeps the locks. Errors  QueryError 55P03 under no_wait; MockModeError where a server would
/// wait.
std::vector<StoredRow> locked_rows(Database& database, StoredTable& table,
                                   const std::vector<StoredRow>& rows, const Selection& selection);

/// A lock goes along to what another transaction, which it let do that, has made of the row.
void move_locks(Works& works, const std::vector<RowChange>& committed);

}  // namespace pgreactor::store_memory
