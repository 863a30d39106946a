#pragma once
#include <cstdint>
#include <pgreactor/table.hpp>
#include <string>
#include <vector>

#include "src/operator/sql_text.hpp"

// What the texts of several requests have in common, and their shapes.
namespace pgreactor::operators {

/// What a statement's parameter is that one value of the column is given by. Of a domain it is the
/// domain, which takes every value as text, as do all types that are not the server's own.
Oid parameter_type(const TableColumn& column) noexcept;

void add_columns(Shape& shape, const std::vector<std::uint32_t>& columns);
/// A value per column; DEFAULT is part of the text.
void add_values(Shape& shape, const std::vector<Datum>& values,
                const std::vector<std::uint32_t>& columns);

/// "\"schema\".\"table\""
void append_table(std::string& sql, const Table& table);
/// The columns' names, between commas.
void append_names(std::string& sql, const Table& table, const std::vector<std::uint32_t>& columns);
/// All columns by name when none is named: a statement prepared for `*` breaks when one is added.
void append_wanted(std::string& sql, const Table& table, const std::vector<std::uint32_t>& columns);
void append_returning(std::string& sql, const Table& table, bool wanted,
                      const std::vector<std::uint32_t>& columns);

}  // namespace pgreactor::operators
