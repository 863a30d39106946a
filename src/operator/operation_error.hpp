#pragma once
#include <pgreactor/error.hpp>
#include <pgreactor/table.hpp>
#include <string>

namespace pgreactor::operators {

/// "public.users": a table as messages about an operation name it.
std::string shown_table_of(const Table& table);

/// Could it be that the table is not any more what the catalogue says?
bool may_be_stale(const Error& error) noexcept;

/// Throws the error again, of the same type and with all that it carries, and the operation and the
/// table before its message. A column that the server does not know is a ColumnMatchError.
[[noreturn]] void rethrow_named(const char* operation, const Table& table, const Error& error);

}  // namespace pgreactor::operators
