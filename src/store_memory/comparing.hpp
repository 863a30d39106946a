#pragma once
#include <compare>
#include <pgreactor/datum.hpp>
#include <string>
#include <vector>

namespace pgreactor::store_memory {

/// The order of two values of one column type, coerced and not NULL, as its btree operators have
/// it: text by bytes (COLLATE "C"), NaN after every number and equal to itself.
/// Errors  MockModeError for what has no order here: json, and jsonb but for equality.
std::weak_ordering compare(const Datum& a, const Datum& b, const std::vector<std::string>* labels);
bool equal(const Datum& a, const Datum& b, const std::vector<std::string>* labels);

/// char(n) without the blanks at its end, which do not count in comparisons.
std::string without_blanks(std::string text);
/// Every value of an array, row by row.
void flatten(const Datum::Array& array, std::vector<const Datum*>& out);

}  // namespace pgreactor::store_memory
