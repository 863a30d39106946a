#pragma once
#include <pgreactor/values/array_types.hpp>
#include <pgreactor/values/range_types.hpp>
#include <pgreactor/vocabulary/oid.hpp>

namespace pgreactor {

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

/// Types whose binary form is an oid and whose text is a name that only the catalogue knows. They
/// are results in text, and a number is a parameter of them.
constexpr bool is_oid_alias(Oid type) noexcept {
  switch (type) {
    case oid::regproc:
    case oid::regprocedure:
    case oid::regoper:
    case oid::regoperator:
    case oid::regclass:
    case oid::regtype:
    case oid::regconfig:
    case oid::regdictionary:
    case oid::regnamespace:
    case oid::regrole:
    case oid::regcollation:
      return true;
    default:
      return false;
  }
}

/// Can every value of `type` be read from its binary form here? Ask the server for binary results
/// of exactly these types; all others travel as text. Not among them: what the server alone can
/// show as it does, be it by a catalogue (regclass), its locale (money) or its version ("char" and
/// pg_lsn); and jsonpath and xml, whose binary form is no more than their text.
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
    case oid::tid:
    case oid::xid8:
    case oid::inet:
    case oid::cidr:
    case oid::macaddr:
    case oid::macaddr8:
    case oid::bit:
    case oid::varbit:
    case oid::point:
    case oid::lseg:
    case oid::path:
    case oid::box:
    case oid::polygon:
    case oid::line:
    case oid::circle:
    case oid::tsvector:
    case oid::tsquery:
      return true;
    default:
      if (is_text_family(type) || range_bound_type(type) != oid::unspecified ||
          multirange_range_type(type) != oid::unspecified)
        return true;
      const Oid element = element_type(type);
      return element != oid::unspecified && has_binary_decoder(element);
  }
}

}  // namespace pgreactor
