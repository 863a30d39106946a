#pragma once
#include <pgreactor/error.hpp>
#include <string_view>

#include "src/operator/column_matching.hpp"
#include "src/operator/column_sentences.hpp"

// The one place where what match_column() did not find becomes an exception.
namespace pgreactor::operators {

/// For a match that is not found(): ambiguous, or none and then with what may have been meant.
ColumnMatchError column_match_error(TableName table, std::string_view wanted,
                                    const ColumnIndex& columns, const ColumnMatch& match);

/// For two of a caller's keys that mean the same column. Its details name the second key, and the
/// column as the candidate.
ColumnMatchError shared_column_error(TableName table, std::string_view first,
                                     std::string_view second, std::string_view column);

/// The column that `wanted` means.
/// Errors  ColumnMatchError
std::uint32_t required_column(TableName table, std::string_view wanted, const ColumnIndex& columns,
                              const MatchOptions& options = {});

}  // namespace pgreactor::operators
