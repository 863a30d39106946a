#pragma once
#include <span>
#include <string>
#include <string_view>

// What a caller reads whose name is not a column's. Free of any table, so that each sentence can be
// tested to the letter. Names are written as shown_name() has them, in quotes where they stand
// alone.
namespace pgreactor::operators {

/// A view of both names. Owner  the caller.
struct TableName {
  std::string_view schema;
  std::string_view table;
};

/// "users" in the schema public, "b2b_saas.content" in any other.
std::string shown_table(TableName table);

/// "Column 'userId' not found in table 'users'. Available columns: id, name, email, created_at. Did
/// you mean: user_id?" The columns in the order given, 40 of them and then how many more; the last
/// sentence only when there are suggestions.
std::string column_not_found(TableName table, std::string_view wanted,
                             std::span<const std::string_view> columns,
                             std::span<const std::string_view> suggestions);

/// "Column 'user-id' is ambiguous in table 'users': matches user_id, userId. Use the exact name."
std::string column_ambiguous(TableName table, std::string_view wanted,
                             std::span<const std::string_view> candidates);

/// "Columns 'userId' and 'user_id' are both column 'user_id' of table 'users'. Give it once."
std::string column_given_twice(TableName table, std::string_view first, std::string_view second,
                               std::string_view column);

/// " Did you mean: user_id, uuid?" behind a sentence; "" when there are none.
std::string did_you_mean(std::span<const std::string_view> suggestions);

}  // namespace pgreactor::operators
