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
  /// Has the row these values in these columns? NULL is like nothing.
  bool has_values(const StoredRow& row, const std::vector<std::uint32_t>& columns,
                  const std::vector<Datum>& values) const;
};

/// All tables and their rows.
/// Owner  owns the declarations; a StoredTable stays where it is.
class Database {
 public:
  /// Errors  SchemaError for a foreign key whose target is not declared.
  explicit Database(MemoryTables tables);
  /// Null when there is none.
  StoredTable* find(const QualifiedName& name) noexcept;
  /// Errors  QueryError 42P01.
  StoredTable& at(const QualifiedName& name);
  std::vector<StoredTable>& tables() noexcept { return tables_; }
  std::set<std::string>& schemas() noexcept { return schemas_; }

 private:
  MemoryTables declarations_;
  std::vector<StoredTable> tables_;
  std::set<std::string> schemas_;
};

/// The values of a row in these columns, in their order.
std::vector<Datum> values_of(const StoredRow& row, const std::vector<std::uint32_t>& columns);
bool has_null(const std::vector<Datum>& values) noexcept;

}  // namespace pgreactor::store_memory
