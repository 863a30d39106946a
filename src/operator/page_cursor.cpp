#include "src/operator/page_cursor.hpp"

#include <xxhash.h>

#include <pgreactor/error.hpp>
#include <pgreactor/record.hpp>

#include "src/operator/base64url.hpp"

namespace pgreactor::operators {
namespace {

constexpr char order_field[] = "order";
constexpr char values_field[] = "values";

/// Equal for the same columns of the same table in the same directions.
std::string name_of_order(const Table& table, const std::vector<OrderKey>& order) {
  std::string text = table.name.schema() + '\0' + table.name.table();
  for (const OrderKey& key : order) {
    text += '\0' + table.columns[key.column].name;
    text += key.descending ? '-' : '+';
    text += static_cast<char>('0' + static_cast<int>(key.nulls));
  }
  return std::to_string(XXH3_64bits(text.data(), text.size()));
}

bool nulls_come_last(const OrderKey& key) noexcept {
  return key.nulls == Nulls::by_direction ? !key.descending : key.nulls == Nulls::last;
}

Condition on(std::uint32_t column, Test test) {
  Condition condition(std::string(), std::move(test));
  condition.set_column(column);
  return condition;
}

/// The rows whose value of this key comes later; FALSE where none can.
Condition later(const Table& table, const OrderKey& key, const Datum& value) {
  if (value.is_null())
    return nulls_come_last(key) ? Condition::any({})
                                : on(key.column, Test(Comparison::is_not_null));
  Condition beyond =
      on(key.column, Test(key.descending ? Comparison::less : Comparison::greater, value));
  if (!nulls_come_last(key) || table.columns[key.column].not_null) return beyond;
  return std::move(beyond) || on(key.column, Test(Comparison::is_null));
}

}  // namespace

std::string cursor_text(const Table& table, const std::vector<OrderKey>& order,
                        const std::vector<Datum>& values) {
  Datum::Array texts;
  for (const Datum& value : values)
    texts.push_back(value.is_null() ? Datum() : Datum(value.to_string()));
  return base64url_of(
      record(order_field, name_of_order(table, order), values_field, Datum(std::move(texts)))
          .to_json());
}

std::vector<Datum> cursor_values(const Table& table, const std::vector<OrderKey>& order,
                                 std::string_view text) {
  constexpr char refusal[] = "fetch_page: the cursor is none, or of a page in another order";
  const std::optional<std::string> json = from_base64url(text);
  if (!json) throw QueryError(refusal);
  Record cursor;
  try {
    cursor = Record::from_json(*json);
  } catch (const QueryError&) {
    throw QueryError(refusal);
  }
  const Datum* const name = cursor.find(order_field);
  const Datum* const list = cursor.find(values_field);
  const auto* const values = list == nullptr ? nullptr : list->if_is<Datum::Array>();
  if (name == nullptr || *name != Datum(name_of_order(table, order)) || values == nullptr ||
      values->size() != order.size())
    throw QueryError(refusal);
  return *values;
}

Condition behind(const Table& table, const std::vector<OrderKey>& order,
                 const std::vector<Datum>& values) {
  std::vector<Condition> ways;
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::vector<Condition> parts;
    for (std::size_t before = 0; before < i; ++before)
      parts.push_back(on(order[before].column, Test(Comparison::equal, values[before])));
    parts.push_back(later(table, order[i], values[i]));
    ways.push_back(Condition::all(std::move(parts)));
  }
  return Condition::any(std::move(ways));
}

}  // namespace pgreactor::operators
