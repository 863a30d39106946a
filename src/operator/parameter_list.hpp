#pragma once
#include <cstddef>
#include <cstdint>
#include <pgreactor/condition.hpp>
#include <pgreactor/datum.hpp>
#include <pgreactor/table.hpp>
#include <span>

namespace pgreactor::operators {

/// The values of a statement's parameters, and which column each is for.
struct ParameterList {
  static constexpr std::uint32_t no_column = Condition::unresolved;

  std::span<const Datum* const> values;
  std::span<const std::uint32_t> columns{};  ///< as many, or none
  const Table* table = nullptr;              ///< null when there are none

  /// The column that parameter `index` (from 0) is for; null when it is for none.
  const TableColumn* column(std::size_t index) const noexcept {
    const bool known = index < columns.size() && columns[index] < table->columns.size();
    return known ? &table->columns[columns[index]] : nullptr;
  }
};

}  // namespace pgreactor::operators
