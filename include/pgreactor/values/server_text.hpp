#pragma once
#include <algorithm>
#include <concepts>
#include <pgreactor/values/array_layout.hpp>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/bit_string.hpp>
#include <pgreactor/values/boolean.hpp>
#include <pgreactor/values/bytes_value.hpp>
#include <pgreactor/values/date.hpp>
#include <pgreactor/values/floating.hpp>
#include <pgreactor/values/geometric.hpp>
#include <pgreactor/values/inet.hpp>
#include <pgreactor/values/integer.hpp>
#include <pgreactor/values/interval.hpp>
#include <pgreactor/values/json.hpp>
#include <pgreactor/values/mac_address.hpp>
#include <pgreactor/values/multirange.hpp>
#include <pgreactor/values/numeric.hpp>
#include <pgreactor/values/tid.hpp>
#include <pgreactor/values/time.hpp>
#include <pgreactor/values/timestamp.hpp>
#include <pgreactor/values/ts_query.hpp>
#include <pgreactor/values/ts_vector.hpp>
#include <pgreactor/values/uuid.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor {

namespace detail {

template <class T>
DecodeError append_text_of(std::string& out, Bytes in, Oid type) {
  T value{};
  const DecodeError error = ValueCodec<T>::decode(in, type, FormatCode::binary, value);
  if (error != DecodeError::none) return error;
  if constexpr (std::same_as<T, bool>) {
    out.push_back(value ? 't' : 'f');
  } else if constexpr (Integer<T>) {
    out.append(std::to_string(value));
  } else if constexpr (std::floating_point<T>) {
    append_floating(out, value);
  } else {
    value.append_to(out);
  }
  return DecodeError::none;
}

inline DecodeError append_range_text(std::string& out, Bytes in, Oid range);
inline DecodeError append_multirange_text(std::string& out, Bytes in, Oid multirange);

inline DecodeError append_rare_text(std::string& out, Bytes in, Oid type) {
  switch (type) {
    case oid::inet:
      return append_text_of<Inet>(out, in, type);
    case oid::cidr:
      return append_text_of<Cidr>(out, in, type);
    case oid::macaddr:
      return append_text_of<MacAddress>(out, in, type);
    case oid::macaddr8:
      return append_text_of<MacAddress8>(out, in, type);
    case oid::bit:
    case oid::varbit:
      return append_text_of<BitString>(out, in, type);
    case oid::point:
      return append_text_of<Point>(out, in, type);
    case oid::lseg:
      return append_text_of<LineSegment>(out, in, type);
    case oid::box:
      return append_text_of<Box>(out, in, type);
    case oid::line:
      return append_text_of<Line>(out, in, type);
    case oid::circle:
      return append_text_of<Circle>(out, in, type);
    case oid::path:
      return append_text_of<Path>(out, in, type);
    case oid::polygon:
      return append_text_of<Polygon>(out, in, type);
    case oid::tsvector:
      return append_text_of<TsVector>(out, in, type);
    case oid::tsquery:
      return append_text_of<TsQuery>(out, in, type);
    default:
      if (range_bound_type(type) != oid::unspecified) return append_range_text(out, in, type);
      return append_multirange_text(out, in, type);
  }
}

inline DecodeError append_scalar_text(std::string& out, Bytes in, Oid type) {
  switch (type) {
    case oid::boolean:
      return append_text_of<bool>(out, in, type);
    case oid::int2:
      return append_text_of<std::int16_t>(out, in, type);
    case oid::int4:
      return append_text_of<std::int32_t>(out, in, type);
    case oid::int8:
      return append_text_of<std::int64_t>(out, in, type);
    case oid::oid:
    case oid::xid:
    case oid::cid:
      return append_text_of<std::uint32_t>(out, in, type);
    case oid::xid8:
      return append_text_of<std::uint64_t>(out, in, type);
    case oid::tid:
      return append_text_of<Tid>(out, in, type);
    case oid::float4:
      return append_text_of<float>(out, in, type);
    case oid::float8:
      return append_text_of<double>(out, in, type);
    case oid::numeric:
      return append_text_of<Numeric>(out, in, type);
    case oid::uuid:
      return append_text_of<Uuid>(out, in, type);
    case oid::date:
      return append_text_of<Date>(out, in, type);
    case oid::time:
      return append_text_of<Time>(out, in, type);
    case oid::timetz:
      return append_text_of<TimeTz>(out, in, type);
    case oid::timestamp:
      return append_text_of<Timestamp>(out, in, type);
    case oid::timestamptz:
      return append_text_of<TimestampTz>(out, in, type);
    case oid::interval:
      return append_text_of<Interval>(out, in, type);
    case oid::bytea:
      append_bytea_text(out, in);
      return DecodeError::none;
    case oid::json:
    case oid::jsonb: {
      std::string_view text;
      const DecodeError error = json_text(in, type, FormatCode::binary, text);
      out.append(text);
      return error;
    }
    default:
      if (!is_text_family(type)) return append_rare_text(out, in, type);
      out.append(as_text(in));
      return DecodeError::none;
  }
}

inline DecodeError append_range_text(std::string& out, Bytes in, Oid range) {
  const Oid bound_type = range_bound_type(range);
  RangeParts<Bytes> parts;
  if (const DecodeError error = read_range(in, parts); error != DecodeError::none) return error;
  RangeParts<std::string> text;
  text.empty = parts.empty;
  text.lower_inclusive = parts.lower_inclusive;
  text.upper_inclusive = parts.upper_inclusive;
  for (const auto& [from, to] :
       {std::pair{&parts.lower, &text.lower}, std::pair{&parts.upper, &text.upper}}) {
    if (!*from) continue;
    const DecodeError error = append_scalar_text(to->emplace(), **from, bound_type);
    if (error != DecodeError::none) return error;
  }
  append_range(out, text);
  return DecodeError::none;
}

inline DecodeError append_multirange_text(std::string& out, Bytes in, Oid multirange) {
  const Oid range = multirange_range_type(multirange);
  if (range == oid::unspecified) return DecodeError::type_mismatch;
  ValueReader reader{in};
  std::size_t count = 0;
  DecodeError error = read_multirange_count(reader, count);
  out.push_back('{');
  for (std::size_t i = 0; i < count && error == DecodeError::none; ++i) {
    if (i != 0) out.push_back(',');
    Bytes bytes;
    error = read_multirange_part(reader, bytes);
    if (error == DecodeError::none) error = append_range_text(out, bytes, range);
    if (out.size() > max_value_size) return DecodeError::too_large;
  }
  out.push_back('}');
  return error == DecodeError::none ? reader.error() : error;
}

/// Appends one dimension of an array and, inside its braces, those below it. As deep as there are
/// dimensions: six at most.
inline DecodeError append_dimension_text(std::string& out, ValueReader& in, Oid element,
                                         std::span<const ArrayDimension> dimensions) {
  std::string text;
  for (std::int32_t i = 0; i < dimensions.front().size; ++i) {
    out.push_back(i == 0 ? '{' : array_delimiter(element));
    if (dimensions.size() > 1) {
      const DecodeError error = append_dimension_text(out, in, element, dimensions.subspan(1));
      if (error != DecodeError::none) return error;
      continue;
    }
    Bytes bytes;
    bool null = false;
    if (const DecodeError error = read_array_element(in, bytes, null); error != DecodeError::none)
      return error;
    if (null) {
      out.append("NULL");
      continue;
    }
    text.clear();
    if (const DecodeError error = append_scalar_text(text, bytes, element);
        error != DecodeError::none)
      return error;
    append_element_text(out, text, array_delimiter(element));
    if (out.size() > max_value_size) return DecodeError::too_large;
  }
  out.push_back('}');
  return DecodeError::none;
}

inline DecodeError append_array_text(std::string& out, Bytes in, Oid element) {
  ValueReader reader{in};
  ArrayHeader header;
  if (const DecodeError error = read_array_header(reader, element, header);
      error != DecodeError::none)
    return error;
  if (header.elements == 0) {
    out.append("{}");
    return reader.error();
  }
  const auto usual = [](const ArrayDimension& dimension) { return dimension.lower_bound == 1; };
  if (!std::all_of(header.used().begin(), header.used().end(), usual)) {
    for (const ArrayDimension& dimension : header.used()) {
      const std::int64_t last = std::int64_t{dimension.lower_bound} + dimension.size - 1;
      out.append("[").append(std::to_string(dimension.lower_bound)).append(":");
      out.append(std::to_string(last)).append("]");
    }
    out.push_back('=');
  }
  const DecodeError error = append_dimension_text(out, reader, element, header.used());
  return error == DecodeError::none ? reader.error() : error;
}

}  // namespace detail

/// Appends the text that the server itself would show for a value in binary format, with its
/// default settings and the time zone UTC.
/// Errors  type_mismatch when !has_binary_decoder(type); too_large for what is longer than the
///         server's own text can be, since the digits of a few bytes may be many; else what
///         decoding the value says; what was appended before an error is of no meaning.
inline DecodeError append_server_text(std::string& out, Bytes in, Oid type) {
  const Oid element = element_type(type);
  return element == oid::unspecified ? detail::append_scalar_text(out, in, type)
                                     : detail::append_array_text(out, in, element);
}

}  // namespace pgreactor
