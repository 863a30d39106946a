#pragma once
#include <cstdint>
#include <pgreactor/clauses.hpp>
#include <pgreactor/record.hpp>
#include <pgreactor/table_store.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "src/operator/core.hpp"

// A caller's names as positions in a table. Whatever matches no column is refused, in conditions
// too: a condition that was left out would widen the statement.
namespace pgreactor::operators {

/// Errors  ColumnMatchError
std::uint32_t column_named(const PreparedTable& prepared, std::string_view name, bool strict);
std::vector<std::uint32_t> columns_named(const PreparedTable& prepared,
                                         const std::vector<std::string>& names, bool strict);

/// Fills in the columns of a condition. Errors  ColumnMatchError; QueryError: a value that a uuid
/// column cannot have.
void resolve_condition(const PreparedTable& prepared, Condition& condition, bool strict);

/// "name" or "-name". Errors  ColumnMatchError; QueryError: a name twice.
std::vector<OrderKey> order_named(const PreparedTable& prepared, const OperationOptions& options);

/// Which column each field of a record is for.
/// Errors  ColumnMatchError, also for two fields of one column; QueryError: a column that only the
///         server writes.
std::vector<std::uint32_t> fields_of(const PreparedTable& prepared, const Record& record,
                                     const OperationOptions& options);

/// A UUID from its usual text forms: hyphens or none, braces or none. Errors  QueryError naming the
/// column.
Datum uuid_of(const Datum& value, const TableColumn& column);

/// SELECT ... WHERE ... ORDER BY ... of these options.
Selection selection_of(const PreparedTable& prepared, const OperationOptions& options);

}  // namespace pgreactor::operators
