#pragma once
#include <string>
#include <string_view>

// How a name is written: with which separators, capitals and words. All of it is about ASCII: no
// other letter has its case folded, as in PostgreSQL's own quoted names.
namespace pgreactor::operators {

/// A name of the server's is cut at 63 bytes (NAMEDATALEN - 1): nothing longer is a column.
inline constexpr std::size_t longest_name = 63;

constexpr bool is_separator(char c) noexcept { return c == '_' || c == '-' || c == ' '; }
constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr char lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_case(std::string_view name);

/// What is left when style is taken away: "userId", "UserID", "user_id" and "User-Id" are "userid".
std::string style_key(std::string_view name);

/// The last word as it stands in the name, without the separators behind it: "Lines" of
/// "addressLines", "ids" of "user_ids", "IDs" of "UserIDs". Words end at a separator, where a
/// capital follows another character than one, and before the last capital of an acronym that runs
/// into a word ("HTTPServer"), unless all that follows it is the "s" of a plural.
std::string_view last_word(std::string_view name) noexcept;

}  // namespace pgreactor::operators
