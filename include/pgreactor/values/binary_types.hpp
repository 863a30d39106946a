#pragma once
#include <array>
#include <pgreactor/vocabulary/oid.hpp>

namespace pgreactor {

namespace detail {

struct ArrayType {
  Oid array;
  Oid element;
};

/// Every array type with a fixed number that a value of this library converts to.
inline constexpr std::array array_types{
    ArrayType{oid::text_array, oid::text},
    ArrayType{oid::int4_array, oid::int4},
    ArrayType{oid::int8_array, oid::int8},
    ArrayType{oid::uuid_array, oid::uuid},
    ArrayType{oid::bool_array, oid::boolean},
    ArrayType{oid::bytea_array, oid::bytea},
    ArrayType{oid::char_array, oid::character},
    ArrayType{oid::name_array, oid::name},
    ArrayType{oid::int2_array, oid::int2},
    ArrayType{oid::bpchar_array, oid::bpchar},
    ArrayType{oid::varchar_array, oid::varchar},
    ArrayType{oid::float4_array, oid::float4},
    ArrayType{oid::float8_array, oid::float8},
    ArrayType{oid::oid_array, oid::oid},
    ArrayType{oid::timestamp_array, oid::timestamp},
    ArrayType{oid::date_array, oid::date},
    ArrayType{oid::time_array, oid::time},
    ArrayType{oid::timestamptz_array, oid::timestamptz},
    ArrayType{oid::interval_array, oid::interval},
    ArrayType{oid::numeric_array, oid::numeric},
    ArrayType{oid::timetz_array, oid::timetz},
    ArrayType{oid::json_array, oid::json},
    ArrayType{oid::jsonb_array, oid::jsonb},
};

}  // namespace detail

/// The type of an array's elements; 0 when `array` is not an array type known here.
constexpr Oid element_type(Oid array) noexcept {
  for (const detail::ArrayType& type : detail::array_types)
    if (type.array == array) return type.element;
  return oid::unspecified;
}

/// The type of arrays of `element`; 0 when there is none known here.
constexpr Oid array_type(Oid element) noexcept {
  for (const detail::ArrayType& type : detail::array_types)
    if (type.element == element) return type.array;
  return oid::unspecified;
}

/// Types whose binary form is their text, byte for byte. Not "char" (one byte, perhaps zero) and
/// not xml (its binary form may carry an encoding declaration).
constexpr bool is_text_family(Oid type) noexcept {
  if (type == oid::text || type == oid::varchar) [[likely]]
    return true;
  switch (type) {
    case oid::text:
    case oid::varchar:
    case oid::bpchar:
    case oid::name:
    case oid::unknown:
      return true;
    default:
      return false;
  }
}

/// A type made by CREATE TYPE, CREATE DOMAIN or an extension, or one the server did not name. What
/// it looks like inside is not known here, so every value goes there as the text of its own type,
/// and the server's input function judges it. That is what an enum or a domain needs.
/// Source  access/transam.h, FirstNormalObjectId
constexpr bool is_application_type(Oid type) noexcept {
  constexpr Oid first_normal_object_id = 16384;
  return type == oid::unspecified || type >= first_normal_object_id;
}

/// Can every value of `type` be read from its binary form here? Ask the server for binary results
/// of exactly these types; all others travel as text.
constexpr bool has_binary_decoder(Oid type) noexcept {
  switch (type) {
    case oid::boolean:
    case oid::bytea:
    case oid::int2:
    case oid::int4:
    case oid::int8:
    case oid::oid:
    case oid::xid:
    case oid::cid:
    case oid::float4:
    case oid::float8:
    case oid::numeric:
    case oid::json:
    case oid::jsonb:
    case oid::uuid:
    case oid::date:
    case oid::time:
    case oid::timetz:
    case oid::timestamp:
    case oid::timestamptz:
    case oid::interval:
      return true;
    default:
      if (is_text_family(type)) return true;
      const Oid element = element_type(type);
      return element != oid::unspecified && has_binary_decoder(element);
  }
}

}  // namespace pgreactor
