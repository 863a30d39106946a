#pragma once
#include <array>
#include <cstddef>
#include <pgreactor/vocabulary/oid.hpp>

namespace pgreactor {

namespace detail {

struct ArrayType {
  Oid array;
  Oid element;
};

/// Every array type with a fixed number that a value of this library converts to.
inline constexpr std::array array_types{
    ArrayType{oid::bool_array, oid::boolean},
    ArrayType{oid::bytea_array, oid::bytea},
    ArrayType{oid::char_array, oid::character},
    ArrayType{oid::name_array, oid::name},
    ArrayType{oid::int8_array, oid::int8},
    ArrayType{oid::int2_array, oid::int2},
    ArrayType{oid::int4_array, oid::int4},
    ArrayType{oid::text_array, oid::text},
    ArrayType{oid::oid_array, oid::oid},
    ArrayType{oid::json_array, oid::json},
    ArrayType{oid::xml_array, oid::xml},
    ArrayType{oid::float4_array, oid::float4},
    ArrayType{oid::float8_array, oid::float8},
    ArrayType{oid::money_array, oid::money},
    ArrayType{oid::bpchar_array, oid::bpchar},
    ArrayType{oid::varchar_array, oid::varchar},
    ArrayType{oid::date_array, oid::date},
    ArrayType{oid::time_array, oid::time},
    ArrayType{oid::timestamp_array, oid::timestamp},
    ArrayType{oid::timestamptz_array, oid::timestamptz},
    ArrayType{oid::interval_array, oid::interval},
    ArrayType{oid::timetz_array, oid::timetz},
    ArrayType{oid::numeric_array, oid::numeric},
    ArrayType{oid::uuid_array, oid::uuid},
    ArrayType{oid::jsonb_array, oid::jsonb},
    ArrayType{oid::xid_array, oid::xid},
    ArrayType{oid::cid_array, oid::cid},
    ArrayType{oid::tid_array, oid::tid},
    ArrayType{oid::xid8_array, oid::xid8},
    ArrayType{oid::pg_lsn_array, oid::pg_lsn},
    ArrayType{oid::jsonpath_array, oid::jsonpath},
    ArrayType{oid::regproc_array, oid::regproc},
    ArrayType{oid::regprocedure_array, oid::regprocedure},
    ArrayType{oid::regoper_array, oid::regoper},
    ArrayType{oid::regoperator_array, oid::regoperator},
    ArrayType{oid::regclass_array, oid::regclass},
    ArrayType{oid::regtype_array, oid::regtype},
    ArrayType{oid::regconfig_array, oid::regconfig},
    ArrayType{oid::regdictionary_array, oid::regdictionary},
    ArrayType{oid::regnamespace_array, oid::regnamespace},
    ArrayType{oid::regrole_array, oid::regrole},
    ArrayType{oid::regcollation_array, oid::regcollation},
    ArrayType{oid::inet_array, oid::inet},
    ArrayType{oid::cidr_array, oid::cidr},
    ArrayType{oid::macaddr_array, oid::macaddr},
    ArrayType{oid::macaddr8_array, oid::macaddr8},
    ArrayType{oid::bit_array, oid::bit},
    ArrayType{oid::varbit_array, oid::varbit},
    ArrayType{oid::tsvector_array, oid::tsvector},
    ArrayType{oid::tsquery_array, oid::tsquery},
    ArrayType{oid::point_array, oid::point},
    ArrayType{oid::lseg_array, oid::lseg},
    ArrayType{oid::path_array, oid::path},
    ArrayType{oid::box_array, oid::box},
    ArrayType{oid::polygon_array, oid::polygon},
    ArrayType{oid::line_array, oid::line},
    ArrayType{oid::circle_array, oid::circle},
    ArrayType{oid::int4range_array, oid::int4range},
    ArrayType{oid::numrange_array, oid::numrange},
    ArrayType{oid::tsrange_array, oid::tsrange},
    ArrayType{oid::tstzrange_array, oid::tstzrange},
    ArrayType{oid::daterange_array, oid::daterange},
    ArrayType{oid::int8range_array, oid::int8range},
    ArrayType{oid::int4multirange_array, oid::int4multirange},
    ArrayType{oid::nummultirange_array, oid::nummultirange},
    ArrayType{oid::tsmultirange_array, oid::tsmultirange},
    ArrayType{oid::tstzmultirange_array, oid::tstzmultirange},
    ArrayType{oid::datemultirange_array, oid::datemultirange},
    ArrayType{oid::int8multirange_array, oid::int8multirange},
};

/// The same, found by one of its two numbers in a step or two: what a switch over numbers so far
/// apart does not do. Open addressing, at most a third full.
class ArrayTypeIndex {
 public:
  constexpr explicit ArrayTypeIndex(Oid ArrayType::* key) noexcept : key_(key) {
    for (const ArrayType& type : array_types) {
      std::size_t at = home_of(type.*key);
      while (slots_[at].array != oid::unspecified) at = (at + 1) % slots;
      slots_[at] = type;
    }
  }
  /// Of zeros when there is none.
  constexpr ArrayType find(Oid wanted) const noexcept {
    std::size_t at = home_of(wanted);
    while (slots_[at].array != oid::unspecified && slots_[at].*key_ != wanted)
      at = (at + 1) % slots;
    return slots_[at];
  }

 private:
  static constexpr std::size_t slots = 256;
  static_assert(array_types.size() * 3 <= slots);
  static constexpr std::size_t home_of(Oid type) noexcept { return type * 0x9e3779b1u >> 24; }

  Oid ArrayType::* key_;
  std::array<ArrayType, slots> slots_{};
};

inline constexpr ArrayTypeIndex types_by_array{&ArrayType::array};
inline constexpr ArrayTypeIndex types_by_element{&ArrayType::element};

}  // namespace detail

/// The type of an array's elements; 0 when `array` is not an array type known here.
constexpr Oid element_type(Oid array) noexcept {
  return detail::types_by_array.find(array).element;
}

/// The type of arrays of `element`; 0 when there is none known here.
constexpr Oid array_type(Oid element) noexcept {
  return detail::types_by_element.find(element).array;
}

/// What stands between the elements in an array's text.
/// Source  pg_type.typdelim
constexpr char array_delimiter(Oid element) noexcept { return element == oid::box ? ';' : ','; }

}  // namespace pgreactor
