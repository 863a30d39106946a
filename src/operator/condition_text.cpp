#include "src/operator/condition_text.hpp"

#include <algorithm>
#include <pgreactor/error.hpp>
#include <pgreactor/values/all.hpp>

#include "src/operator/identifier.hpp"
#include "src/operator/sql_scan.hpp"

namespace pgreactor::operators {
namespace {

/// What a comparison comes to once its value is known: NULL and lists change the SQL.
enum class Form : char {
  simple = 's',   // operand OPERATOR $1
  is_null = 'n',  // operand IS NULL
  is_not_null = 'N',
  any_of = 'a',   // operand = ANY ($1)
  none_of = 'A',  // operand <> ALL ($1)
  never = 'f',    // FALSE
  always = 't',   // TRUE
  between = 'b',
  full_text = 'w',
};

bool is_array_column(const Table& table, const Condition& condition) noexcept {
  return condition.path().empty() && table.columns[condition.column()].type_category == 'A';
}

/// Is what is compared a document, not text that was taken out of one?
bool is_document(const Table& table, const Condition& condition) noexcept {
  const Oid type = table.columns[condition.column()].type;
  return (type == oid::json || type == oid::jsonb) && !condition.path_gives_text();
}

/// A list for a column that is none: any of its elements.
bool is_list_for_scalar(const Table& table, const Condition& condition) noexcept {
  const Datum& value = condition.values().front();
  if (value.kind() != Datum::Kind::array || is_array_column(table, condition)) return false;
  return !condition.path().empty() || !is_document(table, condition);
}

Form form_of_equality(const Table& table, const Condition& condition) {
  const Datum& value = condition.values().front();
  if (value.is_null()) return Form::is_null;
  if (!is_list_for_scalar(table, condition)) return Form::simple;
  return value.if_is<Datum::Array>()->empty() ? Form::never : Form::any_of;
}

Form negated(Form form) noexcept {
  switch (form) {
    case Form::is_null:
      return Form::is_not_null;
    case Form::any_of:
      return Form::none_of;
    case Form::never:
      return Form::always;
    default:
      return form;
  }
}

Form form_of(const Table& table, const Condition& condition) {
  switch (condition.comparison()) {
    case Comparison::equal:
      return form_of_equality(table, condition);
    case Comparison::not_equal:
      return negated(form_of_equality(table, condition));
    case Comparison::in:
      return condition.values().front().if_is<Datum::Array>()->empty() ? Form::never : Form::any_of;
    case Comparison::not_in:
      return condition.values().front().if_is<Datum::Array>()->empty() ? Form::always
                                                                       : Form::none_of;
    case Comparison::is_null:
      return Form::is_null;
    case Comparison::is_not_null:
      return Form::is_not_null;
    case Comparison::between:
      return Form::between;
    case Comparison::full_text:
      return Form::full_text;
    default:
      return Form::simple;
  }
}

bool takes_values(Form form) noexcept {
  return form == Form::simple || form == Form::any_of || form == Form::none_of ||
         form == Form::between || form == Form::full_text;
}

std::string_view operator_of(Comparison comparison) noexcept {
  switch (comparison) {
    case Comparison::not_equal:
      return " <> ";
    case Comparison::greater:
      return " > ";
    case Comparison::greater_equal:
      return " >= ";
    case Comparison::less:
      return " < ";
    case Comparison::less_equal:
      return " <= ";
    case Comparison::like:
    case Comparison::starts_with:
    case Comparison::ends_with:
    case Comparison::contains:
      return " LIKE ";
    case Comparison::not_like:
      return " NOT LIKE ";
    case Comparison::ilike:
      return " ILIKE ";
    case Comparison::not_ilike:
      return " NOT ILIKE ";
    case Comparison::regex:
      return " ~ ";
    case Comparison::iregex:
      return " ~* ";
    case Comparison::is_distinct:
      return " IS DISTINCT FROM ";
    case Comparison::is_not_distinct:
      return " IS NOT DISTINCT FROM ";
    case Comparison::array_contains:
    case Comparison::json_contains:
      return " @> ";
    case Comparison::array_contained_by:
    case Comparison::json_contained_by:
      return " <@ ";
    case Comparison::array_overlaps:
      return " && ";
    case Comparison::has_key:
      return " ? ";
    case Comparison::has_any_key:
      return " ?| ";
    case Comparison::has_all_keys:
      return " ?& ";
    default:
      return " = ";
  }
}

/// A pattern that is matched by that text alone, wherever the comparison wants it.
Datum pattern_of(Comparison comparison, const Datum& value) {
  if (value.is_null()) return value;
  const std::string text = value.as<std::string>();
  std::string pattern;
  pattern.reserve(text.size() + 2);
  if (comparison != Comparison::starts_with) pattern.push_back('%');
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  if (comparison != Comparison::ends_with) pattern.push_back('%');
  return pattern;
}

bool is_literal_text(Comparison comparison) noexcept {
  return comparison == Comparison::starts_with || comparison == Comparison::ends_with ||
         comparison == Comparison::contains;
}

/// A list of documents: an array in it is one of them, not a dimension more of the list.
Datum documents_of(const Datum::Array& list) {
  Datum::Array documents;
  documents.reserve(list.size());
  for (const Datum& each : list) {
    if (each.kind() != Datum::Kind::array) {
      documents.push_back(each);
      continue;
    }
    ByteBuffer text;
    const EncodeError error = ValueCodec<Datum>::encode(text, each, oid::jsonb);
    if (error != EncodeError::none)
      throw QueryError("a list of documents: " + std::string(name_of(error)));
    documents.emplace_back(Json(as_text(text.bytes())));
  }
  return documents;
}

/// A value as a parameter has it.
void add_compared(Shape& shape, const Table& table, const Condition& condition, Form form,
                  const Datum& value) {
  const auto* const list = value.if_is<Datum::Array>();
  const bool is_list = form == Form::any_of || form == Form::none_of;
  if (is_literal_text(condition.comparison()))
    shape.add_made(pattern_of(condition.comparison(), value), condition.column());
  else if (is_list && list != nullptr && is_document(table, condition))
    shape.add_made(documents_of(*list), condition.column());
  else
    shape.add_value(value, condition.column());
}

/// The column, or what its path leads to.
void append_operand(std::string& sql, const Table& table, const Condition& condition,
                    std::uint32_t& parameter) {
  if (condition.path().empty()) return append_column(sql, table, condition.column());
  sql.push_back('(');
  append_column(sql, table, condition.column());
  sql.append(condition.path_gives_text() ? " #>> " : " #> ");
  append_parameter(sql, parameter);
  sql.append("::text[])");
}

void append_comparison(std::string& sql, const Table& table, const Condition& condition,
                       std::uint32_t& parameter) {
  const Form form = form_of(table, condition);
  if (form == Form::never || form == Form::always) {
    sql.append(form == Form::never ? "FALSE" : "TRUE");
    return;
  }
  const bool searches =
      form == Form::full_text && table.columns[condition.column()].type != oid::tsvector;
  if (searches) sql.append("to_tsvector(");
  append_operand(sql, table, condition, parameter);
  if (searches) sql.push_back(')');
  switch (form) {
    case Form::is_null:
      sql.append(" IS NULL");
      break;
    case Form::is_not_null:
      sql.append(" IS NOT NULL");
      break;
    case Form::any_of:
    case Form::none_of:
      sql.append(form == Form::any_of ? " = ANY (" : " <> ALL (");
      append_parameter(sql, parameter);
      sql.push_back(')');
      break;
    case Form::between:
      sql.append(" BETWEEN ");
      append_parameter(sql, parameter);
      sql.append(" AND ");
      append_parameter(sql, parameter);
      break;
    case Form::full_text:
      sql.append(" @@ websearch_to_tsquery(");
      append_parameter(sql, parameter);
      sql.push_back(')');
      break;
    default:
      sql.append(operator_of(condition.comparison()));
      append_parameter(sql, parameter);
      break;
  }
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool begins_parameter(std::string_view text, std::size_t at) noexcept {
  return text[at] == '$' && at + 1 < text.size() && is_digit(text[at + 1]);
}

/// The number of "$12", behind which it leaves `at`: "$012" is the same for the server.
std::uint32_t parameter_number(std::string_view text, std::size_t& at) noexcept {
  std::uint32_t number = 0;
  for (++at; at < text.size() && is_digit(text[at]) && number < 100'000; ++at)
    number = number * 10 + static_cast<std::uint32_t>(text[at] - '0');
  return number;
}

void check_all_used(const std::vector<bool>& used) {
  const auto unused = std::find(used.begin(), used.end(), false);
  if (unused != used.end())
    throw QueryError("a raw condition has " + std::to_string(used.size()) +
                     " values and no parameter $" + std::to_string(unused - used.begin() + 1));
}

/// Counts on the placeholders of the caller's SQL: its $1 is the next parameter. Literals, names
/// and comments are left alone.
/// Errors  QueryError: a parameter without a value; a value without a parameter, which the server
/// could give no type. The text is not kept then, so each time.
void append_raw(std::string& sql, const Condition& condition, std::uint32_t& parameter) {
  const std::string& text = condition.text();
  std::vector<bool> used(condition.values().size(), false);
  sql.push_back('(');
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_verbatim(text, at);
    if (end != at) {
      sql.append(text, at, end - at);
      at = end;
    } else if (begins_parameter(text, at)) {
      const std::uint32_t number = parameter_number(text, at);
      if (number == 0 || number > used.size())
        throw QueryError("a raw condition has the parameter $" + std::to_string(number) + " and " +
                         std::to_string(used.size()) + " values");
      used[number - 1] = true;
      sql.append("$").append(std::to_string(parameter + number));
    } else {
      sql.push_back(text[at++]);
    }
  }
  check_all_used(used);
  // A comment at its end must not take the bracket with it.
  sql.append("\n)");
  parameter += static_cast<std::uint32_t>(condition.values().size());
}

void append_parts(std::string& sql, const Table& table, const Condition& condition,
                  std::string_view between, std::uint32_t& parameter) {
  sql.push_back('(');
  for (std::size_t i = 0; i < condition.parts().size(); ++i) {
    if (i != 0) sql.append(between);
    append_condition(sql, table, condition.parts()[i], parameter);
  }
  sql.push_back(')');
}

}  // namespace

void add_condition(Shape& shape, const Table& table, const Condition& condition) {
  switch (condition.kind()) {
    case Condition::Kind::all:
    case Condition::Kind::any:
    case Condition::Kind::negation:
      shape.add(condition.kind() == Condition::Kind::all   ? '&'
                : condition.kind() == Condition::Kind::any ? '|'
                                                           : '!');
      for (const Condition& part : condition.parts()) add_condition(shape, table, part);
      shape.add(')');
      return;
    case Condition::Kind::raw:
      shape.add('r');
      shape.add_text(condition.text());
      shape.add_number(static_cast<std::uint32_t>(condition.values().size()));
      for (const Datum& value : condition.values()) shape.add_value(value);
      return;
    case Condition::Kind::comparison:
      break;
  }
  const Form form = form_of(table, condition);
  shape.add('c');
  shape.add_number(condition.column());
  shape.add(static_cast<char>(form));
  if (form == Form::never || form == Form::always) return;
  shape.add(static_cast<char>('A' + static_cast<int>(condition.comparison())));
  shape.add(condition.path().empty() ? '.' : condition.path_gives_text() ? '>' : '-');
  if (!condition.path().empty()) shape.add_made(Datum(condition.path()));
  if (!takes_values(form)) return;
  for (const Datum& value : condition.values()) add_compared(shape, table, condition, form, value);
}

void append_condition(std::string& sql, const Table& table, const Condition& condition,
                      std::uint32_t& parameter) {
  switch (condition.kind()) {
    case Condition::Kind::all:
      if (condition.parts().empty()) {
        sql.append("TRUE");
        return;
      }
      return append_parts(sql, table, condition, " AND ", parameter);
    case Condition::Kind::any:
      if (condition.parts().empty()) {
        sql.append("FALSE");
        return;
      }
      return append_parts(sql, table, condition, " OR ", parameter);
    case Condition::Kind::negation:
      sql.append("(NOT ");
      append_condition(sql, table, condition.parts().front(), parameter);
      sql.push_back(')');
      return;
    case Condition::Kind::raw:
      return append_raw(sql, condition, parameter);
    case Condition::Kind::comparison:
      return append_comparison(sql, table, condition, parameter);
  }
}

void append_column(std::string& sql, const Table& table, std::uint32_t column) {
  sql.append(Identifier(table.columns[column].name, "column").quoted());
}

void append_parameter(std::string& sql, std::uint32_t& parameter) {
  sql.push_back('$');
  sql.append(std::to_string(++parameter));
}

}  // namespace pgreactor::operators
