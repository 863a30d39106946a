#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ostream>
#include <pgreactor/datum.hpp>
#include <pgreactor/detail/json_text.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/values/array_layout.hpp>
#include <pgreactor/values/server_text.hpp>

namespace pgreactor {
namespace detail {

void throw_not_a_datum(EncodeError error) {
  throw QueryError("a value that no parameter can carry: " + std::string(name_of(error)));
}

double double_of(float value) noexcept {
  if (!std::isfinite(value)) return static_cast<double>(value);
  std::array<char, 32> text;  // the shortest that gives the same float has 15 characters at most
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  double same_text = static_cast<double>(value);
  std::from_chars(text.data(), written.ptr, same_text);
  return same_text;
}

}  // namespace detail

Datum::Datum(const Datum& other) = default;
Datum::Datum(Datum&& other) noexcept = default;
Datum& Datum::operator=(const Datum& other) = default;
Datum& Datum::operator=(Datum&& other) noexcept = default;
Datum::~Datum() = default;

bool operator==(const Datum& a, const Datum& b) { return a.value_ == b.value_; }

namespace {

template <class T>
inline constexpr bool has_codec =
    !std::is_same_v<T, std::monostate> && !std::is_same_v<T, ColumnDefault> &&
    !std::is_same_v<T, Datum::Array>;

bool is_json(Oid type) noexcept { return type == oid::json || type == oid::jsonb; }

/// Does it go to a parameter of that type as JSON of its own? Text is taken for a document already.
bool becomes_json(const Datum& value, Oid type) noexcept {
  if (!is_json(type)) return false;
  switch (value.kind()) {
    case Datum::Kind::boolean:
    case Datum::Kind::integer:
    case Datum::Kind::floating:
    case Datum::Kind::numeric:
    case Datum::Kind::array:
      return true;
    default:
      return false;
  }
}

/// Appends it as a document that is stored: numbers with all their digits, and no null in the place
/// of one that JSON does not have.
EncodeError append_document(std::string& out, const Datum& value) {
  if (const auto* const array = value.if_is<Datum::Array>()) {
    out.push_back('[');
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i != 0) out.push_back(',');
      const EncodeError error = append_document(out, (*array)[i]);
      if (error != EncodeError::none) return error;
    }
    out.push_back(']');
  } else if (const auto* const number = value.if_is<Numeric>()) {
    if (number->is_nan() || !number->is_finite()) return EncodeError::out_of_range;
    number->append_compact_to(out);
  } else {
    const auto* const floating = value.if_is<double>();
    if (floating != nullptr && !std::isfinite(*floating)) return EncodeError::out_of_range;
    value.append_json(out);
  }
  return EncodeError::none;
}

/// "{1,2,NULL}", and an array within for every further dimension. As deep as the datum is.
/// Errors  those of an element as a parameter of the type `element`.
EncodeError append_array_literal(std::string& out, const Datum::Array& array, Oid element) {
  const char delimiter = array_delimiter(element);
  ByteBuffer text;
  out.push_back('{');
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i != 0) out.push_back(delimiter);
    EncodeError error = EncodeError::none;
    if (const auto* const inner = array[i].if_is<Datum::Array>()) {
      error = append_array_literal(out, *inner, element);
    } else if (array[i].is_null()) {
      out.append("NULL");
    } else {
      text.truncate(0);
      error = ValueCodec<Datum>::encode(text, array[i], element);
      detail::append_element_text(out, as_text(text.bytes()), delimiter);
    }
    if (error != EncodeError::none) return error;
  }
  out.push_back('}');
  return EncodeError::none;
}

/// What is made of a value that has no codec of its own, or none for that type.
EncodeError append_made(std::string& out, const Datum& value, Oid type) {
  if (becomes_json(value, type)) return append_document(out, value);
  const auto* const array = value.if_is<Datum::Array>();
  return array == nullptr ? EncodeError::type_mismatch
                          : append_array_literal(out, *array, element_type(type));
}

bool is_made(const Datum& value, Oid type) noexcept {
  return value.kind() == Datum::Kind::array || becomes_json(value, type);
}

/// As short as the type that it fits in can read it: 3.00 as an integer is 3, and a number of
/// 131,072 digits may be "1e131071".
void append_number(ByteBuffer& out, const Numeric& number, Oid type) {
  std::string text;
  if (type == oid::numeric)
    number.append_compact_to(text);
  else if (const Decoded<std::int64_t> integer = number.to_int64())
    text = std::to_string(*integer);
  out.append(std::string_view(text));
}

/// The text of a value for that type. Where a parameter of it is not sent as text, the value is put
/// in the other form as well: what does not fit in there is none of the type's.
template <class T>
EncodeError append_text_for(ByteBuffer& out, const T& value, Oid type) {
  if (ValueCodec<T>::parameter_format(type) == FormatCode::text || is_text_family(type))
    return ValueCodec<T>::encode(out, value, type);
  const std::size_t start = out.size();
  const EncodeError error = ValueCodec<T>::encode(out, value, type);
  out.truncate(start);
  if (error != EncodeError::none) return error;
  if constexpr (std::is_same_v<T, Numeric>) {
    append_number(out, value, type);
    return error;
  } else {
    return ValueCodec<T>::encode(out, value, oid::unspecified);
  }
}

/// A value of T in either format, by T's own codec.
template <class T>
DecodeError decode_as(Bytes in, Oid type, FormatCode format, Datum& value) {
  T decoded{};
  const DecodeError error = ValueCodec<T>::decode(in, type, format, decoded);
  if (error == DecodeError::none) value = std::move(decoded);
  return error;
}

/// The elements from `next` on, as the dimensions nest them.
Datum::Array nest(std::vector<std::optional<Datum>>& elements,
                  std::span<const ArrayDimension> dimensions, std::size_t& next) {
  Datum::Array nested;
  if (dimensions.empty()) return nested;
  nested.reserve(static_cast<std::size_t>(dimensions.front().size));
  for (std::int32_t i = 0; i < dimensions.front().size; ++i) {
    if (dimensions.size() > 1) {
      nested.emplace_back(nest(elements, dimensions.subspan(1), next));
    } else {
      std::optional<Datum>& element = elements[next++];
      nested.push_back(element ? std::move(*element) : Datum());
    }
  }
  return nested;
}

/// Nested lists know no bounds, and their text no separator but the comma.
bool has_form_of_lists(std::span<const ArrayDimension> dimensions, Oid type) noexcept {
  return type != oid::box_array &&
         std::all_of(dimensions.begin(), dimensions.end(),
                     [](const ArrayDimension& each) { return each.lower_bound == 1; });
}

DecodeError decode_array(Bytes in, Oid type, FormatCode format, Datum& value) {
  Array<std::optional<Datum>> array;
  const DecodeError error =
      ValueCodec<Array<std::optional<Datum>>>::decode(in, type, format, array);
  if (error != DecodeError::none) return error;
  const auto dimensions = array.dimensions();
  if (!has_form_of_lists(dimensions, type)) return decode_as<std::string>(in, type, format, value);
  auto elements = std::move(array).elements();
  std::size_t next = 0;
  value = nest(elements, dimensions, next);
  return DecodeError::none;
}

void append_quoted(std::string& out, const Datum& datum) {
  detail::append_json_string(out, datum.to_string());
}

/// A number where JSON's readers, who take it for a double, get the same one; else its digits.
void append_json_number(std::string& out, const Numeric& number) {
  const Decoded<double> same = number.to_double();
  if (number.is_nan() || !number.is_finite())
    out.append("null");
  else if (same && Numeric(*same) == number)
    number.append_to(out);
  else
    detail::append_json_string(out, number.to_string());
}

}  // namespace

FormatCode ValueCodec<Datum>::format_of(const Datum& value, Oid type) noexcept {
  if (is_made(value, type)) return FormatCode::text;
  return std::visit(
      [type]<class T>(const T&) {
        if constexpr (std::is_same_v<T, std::monostate>) return FormatCode::binary;
        if constexpr (has_codec<T>) return ValueCodec<T>::parameter_format(type);
        return FormatCode::text;
      },
      value.alternatives());
}

EncodeError ValueCodec<Datum>::append(ByteBuffer& out, const Datum& value, Oid type) {
  if (is_made(value, type)) {
    std::string text;
    const EncodeError error = append_made(text, value, type);
    if (error != EncodeError::none) return error;
    return detail::append_value(out, std::string_view(text), oid::unspecified);
  }
  return std::visit(
      [&]<class T>(const T& each) {
        if constexpr (std::is_same_v<T, std::monostate>)
          return detail::append_value(out, nullptr, type);
        if constexpr (has_codec<T>) return detail::append_value(out, each, type);
        return EncodeError::type_mismatch;  // DEFAULT is SQL, and no value
      },
      value.alternatives());
}

bool ValueCodec<Datum>::is_null(const Datum& value) noexcept { return value.is_null(); }
void ValueCodec<Datum>::set_null(Datum& value) noexcept { value = Datum(); }

EncodeError ValueCodec<Datum>::encode(ByteBuffer& out, const Datum& value, Oid type) {
  if (is_made(value, type)) {
    std::string text;
    const EncodeError error = append_made(text, value, type);
    out.append(std::string_view(text));
    return error;
  }
  return std::visit(
      [&]<class T>(const T& each) {
        if constexpr (has_codec<T>) return append_text_for(out, each, type);
        return EncodeError::type_mismatch;
      },
      value.alternatives());
}

DecodeError ValueCodec<Datum>::decode(Bytes in, Oid type, FormatCode format, Datum& value) {
  switch (type) {
    case oid::boolean:
      return decode_as<bool>(in, type, format, value);
    case oid::int2:
    case oid::int4:
    case oid::int8:
    case oid::oid:
    case oid::xid:
    case oid::cid:
      return decode_as<std::int64_t>(in, type, format, value);
    case oid::float4: {
      float single = 0;
      const DecodeError error = ValueCodec<float>::decode(in, type, format, single);
      value = single;
      return error;
    }
    case oid::float8:
      return decode_as<double>(in, type, format, value);
    case oid::numeric:
      return decode_as<Numeric>(in, type, format, value);
    case oid::bytea:
      return decode_as<std::vector<std::byte>>(in, type, format, value);
    case oid::uuid:
      return decode_as<Uuid>(in, type, format, value);
    case oid::date:
      return decode_as<Date>(in, type, format, value);
    case oid::time:
      return decode_as<Time>(in, type, format, value);
    case oid::timetz:
      return decode_as<TimeTz>(in, type, format, value);
    case oid::timestamp:
      return decode_as<Timestamp>(in, type, format, value);
    case oid::timestamptz:
      return decode_as<TimestampTz>(in, type, format, value);
    case oid::interval:
      return decode_as<Interval>(in, type, format, value);
    case oid::json:
    case oid::jsonb:
      return decode_as<Json>(in, type, format, value);
    default:
      if (element_type(type) != oid::unspecified) return decode_array(in, type, format, value);
      return decode_as<std::string>(in, type, format, value);
  }
}

Datum::Wire Datum::write(ByteBuffer& out) const {
  Wire wire;
  const EncodeError error = std::visit(
      [&]<class T>(const T& each) {
        if constexpr (has_codec<T>) {
          wire = {ValueCodec<T>::natural_type,
                  ValueCodec<T>::parameter_format(ValueCodec<T>::natural_type)};
          return ValueCodec<T>::encode(out, each, wire.type);
        } else {
          return ValueCodec<Datum>::encode(out, *this, oid::unspecified);
        }
      },
      value_);
  if (error != EncodeError::none) throw QueryError("a value: " + std::string(name_of(error)));
  return wire;
}

void Datum::throw_not_a(DecodeError error) const {
  std::string shown = is_null() || is_column_default() ? std::string() : to_string();
  constexpr std::size_t shown_at_most = 60;
  if (shown.size() > shown_at_most) shown = shown.substr(0, shown_at_most) + "...";
  throw QueryError("the value " + (shown.empty() ? to_string() : "'" + shown + "'") + ": " +
                   std::string(name_of(error)));
}

std::string Datum::to_string() const {
  if (is_null()) return "NULL";
  if (is_column_default()) return "DEFAULT";
  if (const auto* const text = if_is<std::string>()) return *text;
  ByteBuffer text;
  if (const EncodeError error = ValueCodec<Datum>::encode(text, *this, oid::unspecified);
      error != EncodeError::none)
    return std::string("(").append(name_of(error)).append(")");
  return text_of(text);
}

void Datum::append_json(std::string& out) const {
  switch (kind()) {
    case Kind::null:
    case Kind::default_value:
      out.append("null");
      break;
    case Kind::boolean:
      out.append(*if_is<bool>() ? "true" : "false");
      break;
    case Kind::integer:
      out.append(std::to_string(*if_is<std::int64_t>()));
      break;
    case Kind::floating:
      if (std::isfinite(*if_is<double>()))
        out.append(to_string());
      else
        out.append("null");
      break;
    case Kind::numeric:
      append_json_number(out, *if_is<Numeric>());
      break;
    case Kind::json:
      out.append(if_is<Json>()->text());
      break;
    case Kind::array: {
      out.push_back('[');
      const Array& array = *if_is<Array>();
      for (std::size_t i = 0; i < array.size(); ++i) {
        if (i != 0) out.push_back(',');
        array[i].append_json(out);
      }
      out.push_back(']');
      break;
    }
    case Kind::text:
    case Kind::bytes:
    case Kind::uuid:
    case Kind::date:
    case Kind::time:
    case Kind::timetz:
    case Kind::timestamp:
    case Kind::timestamptz:
    case Kind::interval:
      append_quoted(out, *this);
      break;
  }
}

std::ostream& operator<<(std::ostream& out, const Datum& datum) { return out << datum.to_string(); }

}  // namespace pgreactor
