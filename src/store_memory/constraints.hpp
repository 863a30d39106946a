#pragma once
#include "src/store_memory/database.hpp"

namespace pgreactor::store_memory {

/// Errors  QueryError 23502 or 23514, as the server reports them.
void check_row(const StoredTable& table, const std::vector<Datum>& row);
/// No other row has the values of this one in a unique key. Errors  QueryError 23505; MockModeError
/// as check_settled(), and for a key that may be checked at the end of the transaction.
void check_unique(const Database& database, const StoredTable& table, const StoredRow& row);
/// A record of the row for a caller. `columns` empty: all.
Record record_of(const StoredTable& table, const std::vector<Datum>& row,
                 const std::vector<std::uint32_t>& columns);
/// "Key (a, b)=(1, x)"
std::string key_text(const std::vector<std::string>& columns, const std::vector<Datum>& values);

}  // namespace pgreactor::store_memory
