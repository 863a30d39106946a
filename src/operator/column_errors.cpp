#include "src/operator/column_errors.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "src/operator/suggestions.hpp"

namespace pgreactor::operators {
namespace {

using Names = std::vector<std::string_view>;

Names names_at(std::span<const std::uint32_t> positions, const Names& all) {
  Names names;
  for (const std::uint32_t position : positions) names.push_back(all[position]);
  return names;
}

ColumnMatchError error_of(const std::string& sentence, TableName table, std::string_view column,
                          const Names& candidates, const Names& suggestions) {
  return {sentence, std::make_shared<const ColumnMatchDetails>(
                        ColumnMatchDetails{std::string(table.schema),
                                           std::string(table.table),
                                           std::string(column),
                                           {candidates.begin(), candidates.end()},
                                           {suggestions.begin(), suggestions.end()}})};
}

}  // namespace

ColumnMatchError column_match_error(TableName table, std::string_view wanted,
                                    const ColumnIndex& columns, const ColumnMatch& match) {
  const Names names = columns.names();
  if (match.ambiguous()) {
    const Names candidates = names_at(match.candidates(), names);
    return error_of(column_ambiguous(table, wanted, candidates), table, wanted, candidates, {});
  }
  const Names suggestions = names_at(suggest(wanted, names), names);
  return error_of(column_not_found(table, wanted, names, suggestions), table, wanted, {},
                  suggestions);
}

ColumnMatchError shared_column_error(TableName table, std::string_view first,
                                     std::string_view second, std::string_view column) {
  return error_of(column_given_twice(table, first, second, column), table, second, {column}, {});
}

std::uint32_t required_column(TableName table, std::string_view wanted, const ColumnIndex& columns,
                              const MatchOptions& options) {
  const ColumnMatch match = match_column(wanted, columns, options);
  if (!match.found()) throw column_match_error(table, wanted, columns, match);
  return match.column();
}

}  // namespace pgreactor::operators
