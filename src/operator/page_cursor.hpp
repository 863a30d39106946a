#pragma once
#include <cstddef>
#include <pgreactor/datum.hpp>
#include <pgreactor/table_store.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor::operators {

/// Where a page ends: the last row's values of the order's columns, and which order it was, so that
/// a cursor is not taken for another one's.
/// Layout  base64url of JSON: ["order", value | null, ...], each value as its text.
std::string cursor_text(const Table& table, const std::vector<OrderKey>& order,
                        const std::vector<Datum>& values);

/// The values again. Errors  QueryError: no cursor, or of another order.
std::vector<Datum> cursor_values(const Table& table, const std::vector<OrderKey>& order,
                                 std::string_view text);

/// The rows behind these values in that order, NULLs where the order has them. A row comparison
/// would do neither with mixed directions nor with NULLs.
Condition behind(const Table& table, const std::vector<OrderKey>& order,
                 const std::vector<Datum>& values);

}  // namespace pgreactor::operators
