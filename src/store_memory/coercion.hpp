#pragma once
#include <cstdint>
#include <pgreactor/datum.hpp>
#include <pgreactor/values/array_types.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor::store_memory {

/// What a value is to become.
struct ValueType {
  Oid type = 0;
  std::int32_t modifier = -1;  ///< -1 for a comparison, which no length or scale limits
  const std::vector<std::string>* labels = nullptr;  ///< of an enum
  std::string_view enum_name;

  bool is_array() const noexcept { return element_type(type) != oid::unspecified; }
};

/// The value as a parameter of that type arrives in a column or comparison: integers as int64,
/// float4 and float8 as double, jsonb in its own order, NULL as NULL.
/// Errors  QueryError as the server: 22P02, 22003, 22001; or one of the client, without a report,
///         where the kinds do not convert or a number does not fit. MockModeError for a date or
///         time in another form than ISO.
Datum coerced(const Datum& value, const ValueType& type);
/// The same of a value that the server itself has computed, and not the client sent: an integer out
/// of range is its 22003.
Datum computed(const Datum& value, const ValueType& type);
/// An array, or the text of one. Errors  likewise.
Datum coerced_array(const Datum& value, const ValueType& element);
/// A list of values of that type, which goes as the text of an array: each is read by the server.
Datum::Array coerced_elements(const Datum::Array& values, const ValueType& element);

/// numeric(p, s): rounded half away from zero. Errors  QueryError 22003.
Numeric rounded(const Numeric& value, std::int32_t precision, std::int32_t scale);

}  // namespace pgreactor::store_memory
