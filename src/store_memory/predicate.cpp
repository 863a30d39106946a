#include "src/store_memory/predicate.hpp"

#include <pgreactor/error.hpp>
#include <string>

#include "src/store_memory/comparison.hpp"
#include "src/store_memory/json_value.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

using Truth = std::optional<bool>;

/// What the left side of a comparison is: a column, or what a path finds in it.
ValueType left_type(const Condition& condition, const MemoryTable& table) {
  ValueType type = type_of(table, condition.column());
  type.modifier = -1;
  if (condition.path().empty()) return type;
  if (type.type != oid::jsonb) cannot("a path into what is no jsonb column");
  if (condition.path_gives_text()) type.type = oid::text;
  return type;
}

Datum coerced_list(const Datum& list, const ValueType& element) {
  const auto* const values = list.if_is<Datum::Array>();
  if (values == nullptr) {
    if (list.is_null()) return list;
    cannot("a list of values that is no array");
  }
  for (const Datum& each : *values)
    if (each.kind() == Datum::Kind::array) cannot("a list of arrays");
  return coerced_elements(*values, element);
}

void require(bool possible, const char* what) {
  if (!possible) cannot(what);
}

bool has_order(Oid type) noexcept {
  return type != oid::json && type != oid::jsonb && type != oid::json_array &&
         type != oid::jsonb_array && type != oid::bpchar_array;
}

/// Equality: of NULL, of one value, or of any in a list.
Datum for_equality(const Datum& value, const ValueType& left) {
  require(left.type == oid::jsonb || has_order(left.type), "equality of JSON or of character[]");
  if (value.kind() != Datum::Kind::array || left.is_array()) return coerced(value, left);
  require(left.type != oid::jsonb, "a list for a jsonb column, which may be one value or many");
  return coerced_list(value, left);
}

bool is_about_null(const Condition& condition) {
  const Comparison comparison = condition.comparison();
  if (comparison == Comparison::equal || comparison == Comparison::not_equal)
    return condition.values()[0].is_null();
  return comparison == Comparison::is_null || comparison == Comparison::is_not_null;
}

/// "$3", and not the beginning of "$31".
bool has_parameter(const std::string& sql, std::size_t number) {
  const std::string wanted = "$" + std::to_string(number);
  for (std::size_t at = sql.find(wanted); at != std::string::npos; at = sql.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    if (end == sql.size() || sql[end] < '0' || sql[end] > '9') return true;
  }
  return false;
}

/// What the other store finds wrong in it is said here too, short of reading the SQL: a parameter
/// within a literal is one here.
[[noreturn]] void refuse_raw(const Condition& condition) {
  const std::size_t count = condition.values().size();
  for (std::size_t number = 1; number <= count; ++number)
    if (!has_parameter(condition.text(), number))
      throw QueryError("a raw condition has " + std::to_string(count) +
                       " values and no parameter $" + std::to_string(number));
  cannot("SQL: " + condition.text());
}

}  // namespace

ValueType type_of(const MemoryTable& table, std::uint32_t column) {
  if (column >= table.table().columns.size()) cannot("a column that the table has not");
  const TableColumn& found = table.table().columns[column];
  return {found.type, found.type_modifier, found.labels.empty() ? nullptr : &found.labels,
          found.type_name};
}

void check_collation(const MemoryTable& table, std::uint32_t column) {
  const TableColumn& found = table.table().columns.at(column);
  if (!found.has_default_collation)
    cannot("the order or a comparison of column " + found.name +
           ", which has a collation of its own");
}

Predicate::Predicate(const Condition& condition, const MemoryTable& table)
    : condition_(condition), table_(&table) {
  prepare(condition_);
}

// As deep as the condition is; likewise truth().
void Predicate::prepare(Condition& condition) const {
  if (condition.kind() == Condition::Kind::raw) refuse_raw(condition);
  if (condition.kind() == Condition::Kind::comparison) return prepare_comparison(condition);
  for (Condition& part : condition.parts()) prepare(part);
}

void Predicate::prepare_comparison(Condition& condition) const {
  const ValueType left = left_type(condition, *table_);
  const std::span<Datum> values = condition.values();
  const ValueType text{oid::text, -1, nullptr, {}};
  if (!is_about_null(condition)) check_collation(*table_, condition.column());
  switch (condition.comparison()) {
    case Comparison::is_null:
    case Comparison::is_not_null:
      return;
    case Comparison::equal:
    case Comparison::not_equal:
      values[0] = for_equality(values[0], left);
      return;
    case Comparison::in:
    case Comparison::not_in:
      require(!left.is_array(), "a list of arrays");
      require(left.type == oid::jsonb || has_order(left.type), "equality of JSON");
      values[0] = coerced_list(values[0], left);
      return;
    case Comparison::is_distinct:
    case Comparison::is_not_distinct:
      require(left.type == oid::jsonb || has_order(left.type), "equality of JSON or character[]");
      values[0] = coerced(values[0], left);
      return;
    case Comparison::greater:
    case Comparison::greater_equal:
    case Comparison::less:
    case Comparison::less_equal:
    case Comparison::between:
      require(has_order(left.type), "the order of JSON or of character[]");
      for (Datum& value : values) value = coerced(value, left);
      return;
    case Comparison::like:
    case Comparison::not_like:
    case Comparison::ilike:
    case Comparison::not_ilike:
    case Comparison::starts_with:
    case Comparison::ends_with:
    case Comparison::contains:
      require(left.type == oid::text || left.type == oid::varchar || left.type == oid::bpchar,
              "LIKE for a column that is no text");
      values[0] = coerced(values[0], text);
      return;
    case Comparison::array_contains:
    case Comparison::array_contained_by:
    case Comparison::array_overlaps:
      require(left.is_array() && has_order(left.type), "an array operator here");
      values[0] = coerced(values[0], left);
      return;
    case Comparison::json_contains:
    case Comparison::json_contained_by:
      require(left.type == oid::jsonb, "a jsonb operator for another type");
      values[0] = coerced(values[0], left);
      return;
    case Comparison::has_key:
      require(left.type == oid::jsonb, "a jsonb operator for another type");
      values[0] = coerced(values[0], text);
      return;
    case Comparison::has_any_key:
    case Comparison::has_all_keys:
      require(left.type == oid::jsonb, "a jsonb operator for another type");
      values[0] = coerced_list(values[0], text);
      return;
    case Comparison::regex:
    case Comparison::iregex:
    case Comparison::full_text:
      cannot("a regular expression or a full-text search");
  }
}

Truth Predicate::truth(const Condition& condition, const std::vector<Datum>& row) const {
  switch (condition.kind()) {
    case Condition::Kind::comparison:
      return compared(condition, row);
    case Condition::Kind::negation: {
      const Truth part = truth(condition.parts().front(), row);
      return part ? Truth(!*part) : part;
    }
    case Condition::Kind::all:
    case Condition::Kind::any: {
      const bool decides = condition.kind() == Condition::Kind::any;
      Truth result = !decides;
      for (const Condition& part : condition.parts()) {
        const Truth each = truth(part, row);
        if (each == decides) return each;
        if (!each) result = each;
      }
      return result;
    }
    case Condition::Kind::raw:
      break;
  }
  cannot("SQL: " + condition.text());
}

Datum Predicate::left_side(const Condition& condition, const std::vector<Datum>& row) const {
  const Datum& value = row[condition.column()];
  if (condition.path().empty() || value.is_null()) return value;
  const JsonValue document = parse_json(value.if_is<Json>()->text(), JsonKind::jsonb);
  const JsonValue* const found = json_at(document, condition.path());
  if (found == nullptr) return {};
  if (!condition.path_gives_text()) return Json(jsonb_text(*found));
  if (found->kind == JsonValue::Kind::null) return {};
  return found->kind == JsonValue::Kind::string ? found->string : jsonb_text(*found);
}

Truth Predicate::compared(const Condition& condition, const std::vector<Datum>& row) const {
  return holds_for(condition.comparison(), left_side(condition, row), condition.values(),
                   left_type(condition, *table_));
}

}  // namespace pgreactor::store_memory
