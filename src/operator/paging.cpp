#include <algorithm>
#include <pgreactor/error.hpp>
#include <pgreactor/table_operations.hpp>
#include <pgreactor/vocabulary/oid.hpp>

#include "src/operator/core.hpp"
#include "src/operator/operation_error.hpp"
#include "src/operator/page_cursor.hpp"
#include "src/operator/resolve.hpp"

namespace pgreactor {

using operators::PreparedTable;

namespace {

constexpr std::int64_t usual_page = 100;

/// Appends the primary key, so that no two rows are equal in the order.
void break_ties(const PreparedTable& prepared, std::vector<OrderKey>& order) {
  const TableKey* const key = prepared.table->primary_key();
  if (key == nullptr)
    throw QueryError("fetch_page of " + operators::shown_table_of(*prepared.table) +
                     ": the table has no primary key to tell rows apart that are equal in the "
                     "order");
  for (const std::uint32_t column : key->columns) {
    const auto same = [column](const OrderKey& each) { return each.column == column; };
    if (std::any_of(order.begin(), order.end(), same)) continue;
    OrderKey last;
    last.column = column;
    order.push_back(last);
  }
}

/// Why no page can end at a value of such a column; null where one can.
const char* why_not_in_cursor(const TableColumn& column) noexcept {
  // Values of equal elements are in an order by their bounds, which no Datum has. Within a
  // composite there may be an array.
  if (column.type_category == 'A') return "is an array, whose bounds a cursor cannot keep";
  if (column.type_category == 'C') return "is a composite, which a cursor cannot keep";
  return column.type == oid::json ? "is json, which has no order" : nullptr;
}

void refuse_what_no_cursor_keeps(const Selection& page) {
  for (const OrderKey& key : page.order) {
    const TableColumn& column = page.table->columns[key.column];
    if (const char* const why = why_not_in_cursor(column))
      throw QueryError("fetch_page of " + operators::shown_table_of(*page.table) + ": " +
                       operators::shown_column(column) + " of the order " + why);
  }
}

/// The columns that were asked for, and behind them those of the order that were not.
std::size_t add_order_columns(Selection& selection) {
  const std::size_t wanted = selection.columns.size();
  if (wanted == 0) return selection.table->columns.size();
  for (const OrderKey& key : selection.order)
    if (std::find(selection.columns.begin(), selection.columns.end(), key.column) ==
        selection.columns.end())
      selection.columns.push_back(key.column);
  return wanted;
}

std::vector<Datum> values_in(const Record& row, const Selection& selection) {
  std::vector<Datum> values;
  for (const OrderKey& key : selection.order)
    values.push_back(row[selection.table->columns[key.column].name]);
  return values;
}

}  // namespace

Task<Page> TableOperations::fetch_page_of(std::string table, std::string after,
                                          OperationOptions options) {
  const std::int64_t size = options.limit.value_or(usual_page);
  if (size < 1) throw QueryError("fetch_page: a page has one row at least");
  std::size_t wanted = 0;
  const Selection selection = co_await core_->resolve(
      operators::table_named(std::move(table), options.schema), [&](const PreparedTable& prepared) {
        Selection page = operators::selection_of(prepared, options);
        break_ties(prepared, page.order);
        refuse_what_no_cursor_keeps(page);
        wanted = add_order_columns(page);
        page.limit = size + 1;  // one more tells whether there is another page
        if (!after.empty())
          page.where = std::move(page.where) &&
                       operators::behind(*page.table, page.order,
                                         operators::cursor_values(*page.table, page.order, after));
        return page;
      });
  std::vector<Record> rows = co_await core_->store().select(selection);
  std::string next;
  if (rows.size() > static_cast<std::size_t>(size)) {
    rows.pop_back();
    next = operators::cursor_text(*selection.table, selection.order,
                                  values_in(rows.back(), selection));
  }
  if (!selection.columns.empty() && wanted < selection.columns.size())
    for (Record& row : rows)
      for (std::size_t i = wanted; i < selection.columns.size(); ++i)
        row.erase(selection.table->columns[selection.columns[i]].name);
  co_return Page(std::move(rows), std::move(next));
}

}  // namespace pgreactor
