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

EncodeError append_array_literal(std::string& out, const Datum::Array& array, char delimiter);

/// One element as it stands in the text of an array.
EncodeError append_array_element(std::string& out, const Datum& element, char delimiter) {
  if (element.is_null()) {
    out.append("NULL");
    return EncodeError::none;
  }
  if (const auto* const inner = element.if_is<Datum::Array>())
    return append_array_literal(out, *inner, delimiter);
  if (const auto* const number = element.if_is<Numeric>()) {
    number->append_compact_to(out);
    return EncodeError::none;
  }
  ByteBuffer text;
  const EncodeError error = ValueCodec<Datum>::encode(text, element, oid::unspecified);
  if (error == EncodeError::none)
    detail::append_element_text(out, as_text(text.bytes()), delimiter);
  return error;
}

/// "{1,2,NULL}", and an array within for every further dimension. As deep as the datum is.
EncodeError append_array_literal(std::string& out, const Datum::Array& array, char delimiter) {
  out.push_back('{');
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i != 0) out.push_back(delimiter);
    if (const EncodeError error = append_array_element(out, array[i], delimiter);
        error != EncodeError::none)
      return error;
  }
  out.push_back('}');
  return EncodeError::none;
}

bool is_json(Oid type) noexcept { return type == oid::json || type == oid::jsonb; }

/// What goes to a JSON parameter as JSON of its own. Text is taken for a document already.
template <class T>
inline constexpr bool is_json_scalar = detail::OneOf<T, bool, std::int64_t, double, Numeric>;

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

EncodeError append_json_parameter(ByteBuffer& out, const Datum& value) {
  std::string text;
  const EncodeError error = append_document(text, value);
  if (error != EncodeError::none) return error;
  return detail::append_value(out, std::string_view(text), oid::unspecified);
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

DecodeError decode_array(Bytes in, Oid type, FormatCode format, Datum& value) {
  Array<std::optional<Datum>> array;
  const DecodeError error =
      ValueCodec<Array<std::optional<Datum>>>::decode(in, type, format, array);
  if (error != DecodeError::none) return error;
  const auto dimensions = array.dimensions();
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
  return std::visit(
      [type]<class T>(const T&) {
        if constexpr (std::is_same_v<T, std::monostate>) return FormatCode::binary;
        if constexpr (has_codec<T>)
          if (!is_json(type) || !is_json_scalar<T>) return ValueCodec<T>::parameter_format(type);
        return FormatCode::text;
      },
      value.alternatives());
}

EncodeError ValueCodec<Datum>::append(ByteBuffer& out, const Datum& value, Oid type) {
  return std::visit(
      [&]<class T>(const T& each) {
        if constexpr (std::is_same_v<T, std::monostate>) {
          return detail::append_value(out, nullptr, type);
        } else if constexpr (std::is_same_v<T, ColumnDefault>) {
          return EncodeError::type_mismatch;  // is SQL, and no value
        } else if constexpr (std::is_same_v<T, Datum::Array>) {
          if (is_json(type)) return append_json_parameter(out, value);
          std::string text;
          const char delimiter = array_delimiter(element_type(type));
          if (const EncodeError error = append_array_literal(text, each, delimiter);
              error != EncodeError::none)
            return error;
          return detail::append_value(out, std::string_view(text), oid::unspecified);
        } else {
          if constexpr (is_json_scalar<T>)
            if (is_json(type)) return append_json_parameter(out, value);
          return detail::append_value(out, each, type);
        }
      },
      value.alternatives());
}

bool ValueCodec<Datum>::is_null(const Datum& value) noexcept { return value.is_null(); }
void ValueCodec<Datum>::set_null(Datum& value) noexcept { value = Datum(); }

EncodeError ValueCodec<Datum>::encode(ByteBuffer& out, const Datum& value, Oid) {
  return std::visit(
      [&]<class T>(const T& each) {
        if constexpr (std::is_same_v<T, Datum::Array>) {
          std::string text;
          const EncodeError error = append_array_literal(text, each, array_delimiter(oid::text));
          out.append(std::string_view(text));
          return error;
        } else if constexpr (has_codec<T>) {
          return ValueCodec<T>::encode(out, each, oid::unspecified);
        } else {
          return EncodeError::type_mismatch;
        }
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
