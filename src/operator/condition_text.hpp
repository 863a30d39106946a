#pragma once
#include <pgreactor/condition.hpp>
#include <pgreactor/table.hpp>
#include <string>

#include "src/operator/sql_text.hpp"

namespace pgreactor::operators {

/// Adds what the text of a condition depends on, and its values in the order of the text.
void add_condition(Shape& shape, const Table& table, const Condition& condition);

/// Appends a condition; `parameter` is the number of the last parameter before it and behind it.
void append_condition(std::string& sql, const Table& table, const Condition& condition,
                      std::uint32_t& parameter);

/// "\"name\"" of a column.
void append_column(std::string& sql, const Table& table, std::uint32_t column);
void append_parameter(std::string& sql, std::uint32_t& parameter);

}  // namespace pgreactor::operators
