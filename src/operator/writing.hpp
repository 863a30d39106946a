#pragma once
#include <pgreactor/clauses.hpp>
#include <pgreactor/table_operations.hpp>
#include <pgreactor/table_store.hpp>
#include <vector>

#include "src/operator/core.hpp"

// What insertions (writing.cpp) and upserts (upserting.cpp) have in common.
namespace pgreactor::operators {

/// An insertion that has no columns and rows yet. Errors  ColumnMatchError, of returning().
Insertion empty_insertion(const PreparedTable& prepared, const OperationOptions& options);

/// The rows that it left, with their ids.
std::vector<Inserted> inserted_of(const Table& table, Written written);
/// Of an insertion of one row; without fields when none is wanted back.
Inserted only_of(const Table& table, Written written);

}  // namespace pgreactor::operators
