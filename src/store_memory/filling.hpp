#pragma once
#include <pgreactor/table_store.hpp>

#include "src/store_memory/database.hpp"

namespace pgreactor::store_memory {

/// What the column holds when nothing is said. Errors  as coerced(); 2200H at a sequence's end.
Datum default_of(StoredTable& table, std::uint32_t column);
/// The whole row of one of an insertion's. Errors  QueryError 428C9 for a value of a column that
/// the server alone writes; as coerced().
std::vector<Datum> filled(StoredTable& table, const Insertion& insertion,
                          const std::vector<Datum>& values);
/// Computes the generated columns of a row. Errors  MockModeError where how is not known.
void generate(const StoredTable& table, std::vector<Datum>& row);
/// What an alteration sets, in the order of its columns; column_default stays, which is for each
/// row. Errors  as filled(), whether or not there is a row.
std::vector<Datum> values_to_set(const StoredTable& table, const Alteration& alteration);
/// The row with those values. Errors  of the defaults; 22003 for a version without a successor.
std::vector<Datum> altered(StoredTable& table, const Alteration& alteration,
                           const std::vector<Datum>& values, const StoredRow& row);

}  // namespace pgreactor::store_memory
