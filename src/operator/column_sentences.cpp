#include "src/operator/column_sentences.hpp"

#include <algorithm>

#include "src/operator/shown_name.hpp"

namespace pgreactor::operators {
namespace {

constexpr std::size_t most_names = 40;
constexpr std::string_view default_schema = "public";

std::string quoted(std::string_view shown) { return "'" + std::string(shown) + "'"; }

std::string list_of(std::span<const std::string_view> names) {
  if (names.empty()) return "none";
  std::string text;
  for (const std::string_view name : names.first(std::min(names.size(), most_names))) {
    if (!text.empty()) text += ", ";
    text += shown_name(name);
  }
  if (names.size() > most_names)
    text += ", \u2026 (+" + std::to_string(names.size() - most_names) + " more)";
  return text;
}

}  // namespace

std::string shown_table(TableName table) {
  if (table.schema == default_schema) return shown_name(table.table);
  return shown_name(table.schema) + "." + shown_name(table.table);
}

std::string did_you_mean(std::span<const std::string_view> suggestions) {
  return suggestions.empty() ? "" : " Did you mean: " + list_of(suggestions) + "?";
}

std::string column_not_found(TableName table, std::string_view wanted,
                             std::span<const std::string_view> columns,
                             std::span<const std::string_view> suggestions) {
  return "Column " + quoted(shown_name(wanted)) + " not found in table " +
         quoted(shown_table(table)) + ". Available columns: " + list_of(columns) + "." +
         did_you_mean(suggestions);
}

std::string column_ambiguous(TableName table, std::string_view wanted,
                             std::span<const std::string_view> candidates) {
  return "Column " + quoted(shown_name(wanted)) + " is ambiguous in table " +
         quoted(shown_table(table)) + ": matches " + list_of(candidates) + ". Use the exact name.";
}

std::string column_given_twice(TableName table, std::string_view first, std::string_view second,
                               std::string_view column) {
  return "Columns " + quoted(shown_name(first)) + " and " + quoted(shown_name(second)) +
         " are both column " + quoted(shown_name(column)) + " of table " +
         quoted(shown_table(table)) + ". Give it once.";
}

}  // namespace pgreactor::operators
