#pragma once
#include <pgreactor/error.hpp>
#include <pgreactor/table.hpp>
#include <string>

#include "src/operator/parameter_list.hpp"

namespace pgreactor::operators {

/// "public.users": a table as messages about an operation name it.
std::string shown_table_of(const Table& table);

/// "column 'age' (smallint)"
std::string shown_column(const TableColumn& column);

/// Could it be that the table is not any more what the catalogue says?
bool may_be_stale(const Error& error) noexcept;

/// Throws the error again, of the same type and with all that it carries. Before its message stand
/// the operation and the table, and the column whose parameter the server could not read. A column
/// that the server does not know is a ColumnMatchError.
[[noreturn]] void rethrow_named(const char* operation, const Table& table,
                                const ParameterList& parameters, const Error& error);

}  // namespace pgreactor::operators
