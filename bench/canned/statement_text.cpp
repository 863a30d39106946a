#include "bench/canned/statement_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace pgreactor::bench {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c; }
bool in_a_word(char c) noexcept {
  return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// The word that `text` begins with, after white space; taken from `text`.
std::string_view take_word(std::string_view& text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '\t'))
    text.remove_prefix(1);
  const auto end = std::find_if_not(text.begin(), text.end(), in_a_word);
  const std::string_view word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(word.size());
  return word;
}

bool is_word(std::string_view text, std::string_view lower_case) noexcept {
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return lower(a) == b; });
}

bool mentions(std::string_view sql, std::string_view lower_case) noexcept {
  while (!sql.empty()) {
    if (!in_a_word(sql.front()))
      sql.remove_prefix(1);
    else if (is_word(take_word(sql), lower_case))
      return true;
  }
  return false;
}

Oid type_called(std::string_view name, bool array) noexcept {
  struct Named {
    std::string_view name;
    Oid type, array;
  };
  static constexpr std::array types{
      Named{"int8", oid::int8, oid::int8_array},
      Named{"bigint", oid::int8, oid::int8_array},
      Named{"int2", oid::int2, oid::int2_array},
      Named{"float8", oid::float8, oid::float8_array},
      Named{"text", oid::text, oid::text_array},
      Named{"timestamptz", oid::timestamptz, oid::timestamptz_array},
      Named{"bytea", oid::bytea, oid::bytea_array},
      Named{"bool", oid::boolean, oid::bool_array},
      Named{"uuid", oid::uuid, oid::uuid_array},
      Named{"int4", oid::int4, oid::int4_array},
  };
  for (const Named& known : types)
    if (is_word(name, known.name)) return array ? known.array : known.type;
  return array ? oid::int4_array : oid::int4;
}

// The types of $1, $2 ...: as many as the highest of them.
std::vector<Oid> parameters_of(std::string_view sql, bool insert, std::span<const Oid> declared) {
  static constexpr std::array<Oid, 4> bulk_columns{oid::int8, oid::float8, oid::timestamptz,
                                                   oid::text};
  std::vector<Oid> types;
  for (std::size_t at = sql.find('$'); at != sql.npos; at = sql.find('$', at + 1)) {
    std::size_t number = 0;
    const char* end = sql.data() + sql.size();
    const auto read = std::from_chars(sql.data() + at + 1, end, number);
    if (read.ec != std::errc{} || number == 0 || number > most_parameters) continue;
    for (std::size_t i = types.size(); i < number; ++i)
      types.push_back(insert ? bulk_columns[i % bulk_columns.size()] : oid::int4);
    std::string_view rest(read.ptr, static_cast<std::size_t>(end - read.ptr));
    if (!rest.starts_with("::")) continue;
    rest.remove_prefix(2);
    const std::string_view name = take_word(rest);
    types[number - 1] = type_called(name, rest.starts_with("[]"));
  }
  const std::size_t named = std::min(declared.size(), most_parameters);
  if (types.size() < named) types.resize(named, oid::int4);
  for (std::size_t i = 0; i < named; ++i)
    if (declared[i] != oid::unspecified) types[i] = declared[i];
  return types;
}

bool returns_rows(std::string_view first) noexcept {
  static constexpr std::array<std::string_view, 6> words{"select", "with", "values",
                                                         "table",  "show", "fetch"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return is_word(first, word); });
}

AnswerKind kind_of(std::string_view first, std::string_view sql) noexcept {
  if (is_word(first, "copy"))
    return mentions(sql, "stdin") ? AnswerKind::copy_in : AnswerKind::copy_out;
  if (first.empty() && sql.find_first_not_of(" \n\t;") == sql.npos) return AnswerKind::empty;
  if (!first.empty() && !returns_rows(first)) return AnswerKind::command;
  if (mentions(sql, "world")) return AnswerKind::world;
  if (mentions(sql, "bulkin")) return AnswerKind::bulkin;
  if (mentions(sql, "bulk")) return AnswerKind::bulk;
  if (mentions(sql, "wide")) return AnswerKind::wide;
  return AnswerKind::one;
}

std::optional<TransactionStatus> status_after(std::string_view first, std::string_view sql) {
  if (is_word(first, "begin") || is_word(first, "start")) return TransactionStatus::in_transaction;
  if (is_word(first, "commit") || is_word(first, "end")) return TransactionStatus::idle;
  if (!is_word(first, "rollback") && !is_word(first, "abort")) return std::nullopt;
  // ROLLBACK TO SAVEPOINT stays inside, and ends what made it fail
  return mentions(sql, "to") ? TransactionStatus::in_transaction : TransactionStatus::idle;
}

std::string tag_of(std::string_view first) {
  if (is_word(first, "insert")) return "INSERT 0 1";
  if (is_word(first, "start")) return "START TRANSACTION";
  std::string tag(first.substr(0, 32));  // no command begins with a longer word
  std::transform(tag.begin(), tag.end(), tag.begin(), upper);
  // "CREATE TABLE", "DROP TABLE" and "TRUNCATE TABLE" name what they did it to
  if (tag == "CREATE" || tag == "DROP" || tag == "TRUNCATE") tag += " TABLE";
  if (tag == "END") return "COMMIT";
  if (tag == "ABORT") return "ROLLBACK";
  return tag;
}

}  // namespace

StatementText read_statement(std::string_view sql, std::span<const Oid> declared) {
  std::string_view rest = sql;
  const std::string_view first = take_word(rest);
  StatementText statement;
  statement.kind = kind_of(first, sql);
  statement.parameter_types = parameters_of(sql, is_word(first, "insert"), declared);
  if (statement.kind == AnswerKind::command) {
    statement.command_tag = tag_of(first);
    statement.status = status_after(first, sql);
  }
  if (mentions(sql, "binary")) statement.copy_format = FormatCode::binary;
  return statement;
}

}  // namespace pgreactor::bench
