#pragma once
#include <optional>
#include <pgreactor/condition.hpp>
#include <pgreactor/memory_tables.hpp>
#include <vector>

#include "src/store_memory/coercion.hpp"

namespace pgreactor::store_memory {

/// The type of a column's values. Owner  points into the declaration.
ValueType type_of(const MemoryTable& table, std::uint32_t column);

/// Errors  MockModeError: the column has a collation of its own, which decides what is equal and
/// what comes first.
void check_collation(const MemoryTable& table, std::uint32_t column);

/// A condition whose values have been coerced to what they are compared with.
/// Errors  on construction, whatever the rows: MockModeError for what cannot be evaluated, and
///         QueryError as coerced() has it for a value.
/// Owner   points to the table.
class Predicate {
 public:
  Predicate(const Condition& condition, const MemoryTable& table);

  /// nullopt is unknown, as of NULL > 1.
  std::optional<bool> truth(const std::vector<Datum>& row) const { return truth(condition_, row); }
  bool holds(const std::vector<Datum>& row) const { return truth(row) == true; }

 private:
  void prepare(Condition& condition) const;
  void prepare_comparison(Condition& condition) const;
  std::optional<bool> truth(const Condition& condition, const std::vector<Datum>& row) const;
  std::optional<bool> compared(const Condition& condition, const std::vector<Datum>& row) const;
  Datum left_side(const Condition& condition, const std::vector<Datum>& row) const;

  Condition condition_;
  const MemoryTable* table_;
};

}  // namespace pgreactor::store_memory
