#pragma once
#include <array>
#include <pgreactor/vocabulary/oid.hpp>

namespace pgreactor {

namespace detail {

struct RangeType {
  Oid range;
  Oid multirange;
  Oid bound;
};

inline constexpr std::array range_types{
    RangeType{oid::int4range, oid::int4multirange, oid::int4},
    RangeType{oid::int8range, oid::int8multirange, oid::int8},
    RangeType{oid::numrange, oid::nummultirange, oid::numeric},
    RangeType{oid::daterange, oid::datemultirange, oid::date},
    RangeType{oid::tsrange, oid::tsmultirange, oid::timestamp},
    RangeType{oid::tstzrange, oid::tstzmultirange, oid::timestamptz},
};

/// The row of range_types in which `member` is `wanted`; of zeros when there is none.
constexpr RangeType find_range_type(Oid RangeType::* member, Oid wanted) noexcept {
  for (const RangeType& type : range_types)
    if (type.*member == wanted) return type;
  return {};
}

}  // namespace detail

/// The type of a range's bounds; 0 when `range` is no range type known here.
constexpr Oid range_bound_type(Oid range) noexcept {
  return detail::find_range_type(&detail::RangeType::range, range).bound;
}
/// The type of a multirange's ranges; 0 when it is no multirange type known here.
constexpr Oid multirange_range_type(Oid multirange) noexcept {
  return detail::find_range_type(&detail::RangeType::multirange, multirange).range;
}

}  // namespace pgreactor
