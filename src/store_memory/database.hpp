#pragma once
#include <cstdint>
#include <memory>
#include <pgreactor/memory_tables.hpp>
#include <set>
#include <string>
#include <vector>

namespace pgreactor::store_memory {

/// A row is never changed, only replaced: its address says which it is.
using StoredRow = std::shared_ptr<const std::vector<Datum>>;

struct StoredTable {
  const MemoryTable* declaration = nullptr;
  std::shared_ptr<const Table> table;
  std::vector<StoredRow> rows;
  std::vector<std::int64_t> sequences;  ///< the last value given, per column

  bool are_equal(std::uint32_t column, const Datum& a, const Datum& b) const;
  /// Has the row these values in these columns? NULL is like nothing. Errors  MockModeError when a
  /// collation of a column's own decides: values of other bytes may be equal to it.
  bool has_values(const StoredRow& row, const std::vector<std::uint32_t>& columns,
                  const std::vector<Datum>& values) const;
  /// The same of a unique key, in which NULL may be like NULL.
  bool has_key(const StoredRow& row, const TableKey& key, const std::vector<Datum>& values) const;
  /// Is every value of the row like the other? NULL is like NULL here.
  bool are_alike(const StoredRow& row, const std::vector<std::uint32_t>& columns,
                 const std::vector<Datum>& values) const;
};

/// A row that was added, replaced or taken away.
struct RowChange {
  StoredTable* table;
  StoredRow before;  ///< null for a new one
  StoredRow after;   ///< null for one that is gone
};

struct Work;
/// The transactions that are open.
struct Works {
  std::vector<Work*> open;
  Work* running = nullptr;    ///< whose statement this is; null for one of its own
  std::uint64_t commits = 0;  ///< that have changed something
};

/// All tables and their rows: those that are committed, but for the time of a transaction's
/// statement.
/// Owner  owns the declarations; a StoredTable stays where it is.
class Database {
 public:
  /// Errors  SchemaError for a foreign key whose target is not declared.
  explicit Database(MemoryTables tables);
  /// Null when there is none.
  StoredTable* find(const QualifiedName& name) noexcept;
  /// Errors  QueryError 42P01; MockModeError for a view, whose rows are those of its query.
  StoredTable& at(const QualifiedName& name);
  std::vector<StoredTable>& tables() noexcept { return tables_; }
  std::set<std::string>& schemas() noexcept { return schemas_; }
  Works& works() noexcept { return works_; }
  const Works& works() const noexcept { return works_; }

 private:
  MemoryTables declarations_;
  std::vector<StoredTable> tables_;
  std::set<std::string> schemas_;
  Works works_;
};

/// The rows of all tables: put back as they were at the end of the scope, unless let go before.
class SavedRows {
 public:
  explicit SavedRows(Database& database);
  SavedRows(const SavedRows&) = delete;
  SavedRows& operator=(const SavedRows&) = delete;
  ~SavedRows();
  void let_go() noexcept { is_kept_ = false; }

 private:
  Database& database_;
  std::vector<std::vector<StoredRow>> rows_;
  bool is_kept_ = true;
};

/// The values of a row in these columns, in their order.
std::vector<Datum> values_of(const StoredRow& row, const std::vector<std::uint32_t>& columns);
/// Those that a foreign key refers to, in its order.
std::vector<std::uint32_t> target_columns(const ForeignKey& key, const StoredTable& target);
bool has_null(const std::vector<Datum>& values) noexcept;

}  // namespace pgreactor::store_memory
