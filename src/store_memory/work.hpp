#pragma once
#include <cstdint>
#include <optional>
#include <pgreactor/table_store.hpp>
#include <pgreactor/transaction.hpp>
#include <string>
#include <vector>

#include "src/store_memory/database.hpp"

namespace pgreactor::store_memory {

/// A lock on a committed row.
struct LockedRow {
  StoredTable* table;
  StoredRow row;
  RowLock lock;
};

/// What a transaction has done so far. Done again over the rows that are committed, it gives what
/// the transaction sees; no two open ones ever stand in each other's way.
struct Work {
  std::vector<RowChange> changes;
  std::vector<LockedRow> locks;      ///< taken by reading
  std::vector<std::string> schemas;  ///< created
  Isolation isolation = Isolation::server_default;
  bool is_read_only = false;
  bool has_failed = false;                ///< a statement of it, since the savepoint it is in
  std::optional<std::uint64_t> snapshot;  ///< the commits that its first statement has seen
};

/// Errors  MockModeError, always: a server would wait for another transaction.
[[noreturn]] void would_wait();

/// Errors  MockModeError: another open transaction has replaced the row or taken it away, so that a
/// server would wait before it says that the row stands in the way.
void check_settled(const Database& database, const StoredRow& row);

/// Errors  MockModeError: another open transaction has given a row these values of a unique key.
void check_unclaimed(const Database& database, const StoredTable& table, const TableKey& key,
                     const std::vector<Datum>& values);

/// Errors  MockModeError: what a statement has done, another open transaction stands in the way of.
void check_apart(const Database& database, const std::vector<RowChange>& changes);

/// Takes on what a statement has done, for the transaction whose it is or as committed.
void accept(Database& database, const std::vector<RowChange>& changes);

/// The database as a transaction sees it, for one statement. Errors  MockModeError: it has to see
/// what was, and others have changed that since.
class View {
 public:
  View(Database& database, Work& work);
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  ~View() { works_.running = nullptr; }

 private:
  SavedRows committed_;
  Works& works_;
};

/// Makes what a transaction has done visible to all. Errors  MockModeError as the view.
void commit(Database& database, Work& work);

}  // namespace pgreactor::store_memory
