#pragma once
#include <optional>
#include <pgreactor/condition.hpp>
#include <pgreactor/datum.hpp>
#include <vector>

#include "src/store_memory/coercion.hpp"

namespace pgreactor::store_memory {

/// One comparison in SQL's three-valued logic: nullopt is unknown. All values are coerced.
std::optional<bool> holds_for(Comparison comparison, const Datum& left,
                              std::span<const Datum> values, const ValueType& type);

}  // namespace pgreactor::store_memory
