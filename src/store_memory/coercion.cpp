#include "src/store_memory/coercion.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <pgreactor/error.hpp>
#include <pgreactor/values/array_types.hpp>
#include <pgreactor/values/utf8.hpp>
#include <span>
#include <utility>

#include "src/store_memory/column_type.hpp"
#include "src/store_memory/json_value.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

constexpr std::size_t length_size = 4;  // stands before the bytes of a parameter

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

[[noreturn]] void invalid(std::string_view text, Oid type) {
  raise("22P02",
        "invalid input syntax for type " + std::string(type_name(type)) + ": " + in_quotes(text));
}
[[noreturn]] void out_of_range(std::string_view text, Oid type) {
  raise("22003",
        "value " + in_quotes(text) + " is out of range for type " + std::string(type_name(type)));
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r\f\v";
  const std::size_t first = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

/// Those of bigint for what is no integer.
std::pair<std::int64_t, std::int64_t> integer_limits(Oid type) noexcept {
  using Small = std::numeric_limits<std::int16_t>;
  using Medium = std::numeric_limits<std::int32_t>;
  using Large = std::numeric_limits<std::int64_t>;
  if (type == oid::int2) return {Small::min(), Small::max()};
  if (type == oid::int4) return {Medium::min(), Medium::max()};
  return {Large::min(), Large::max()};
}

Datum integer_from(std::string_view text, Oid type) {
  std::string_view digits = trimmed(text);
  if (digits.find_first_of("_xXoObB") != std::string_view::npos && digits.starts_with('0'))
    cannot("an integer in another base, which depends on the server's version");
  if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  std::int64_t value = 0;
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error == std::errc::invalid_argument || stop != end) invalid(text, type);
  const auto [least, most] = integer_limits(type);
  if (error != std::errc{} || value < least || value > most) out_of_range(text, type);
  return value;
}

Datum floating_from(std::string_view text, Oid type) {
  const std::string lower = lowered(trimmed(text));
  std::string_view digits = lower;
  if (digits.find("0x") != std::string_view::npos) cannot("a hexadecimal floating number");
  if (digits.starts_with('+') && digits.size() > 1 && digits[1] != '-') digits.remove_prefix(1);
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  double value = 0;
  auto result = std::from_chars(begin, end, value);
  if (result.ec == std::errc{} && result.ptr == end && type == oid::float4) {
    float single = 0;
    result = std::from_chars(begin, end, single);
    if (result.ec == std::errc{}) return single;
  }
  if (result.ec == std::errc::result_out_of_range)
    raise("22003",
          in_quotes(trimmed(text)) + " is out of range for type " + std::string(type_name(type)));
  if (result.ec != std::errc{} || result.ptr != end || lower.ends_with(')')) invalid(text, type);
  return value;
}

Datum boolean_from(std::string_view text) {
  const std::string word = lowered(trimmed(text));
  const std::string_view view = word;
  const auto begins = [view](std::string_view whole, std::size_t least) {
    return view.size() >= least && whole.starts_with(view);
  };
  if (begins("true", 1) || begins("yes", 1) || view == "on" || view == "1") return true;
  if (begins("false", 1) || begins("no", 1) || begins("off", 2) || view == "0") return false;
  invalid(text, oid::boolean);
}

/// 32 digits, in braces or not, with a hyphen after any four of them.
Datum uuid_from(std::string_view text) {
  std::string_view body = text;
  if (body.starts_with('{')) {
    if (!body.ends_with('}')) invalid(text, oid::uuid);
    body = body.substr(1, body.size() - 2);
  }
  std::string canonical;
  std::size_t digits = 0;
  bool after_hyphen = false;
  for (const char c : body) {
    if (c == '-') {
      const bool follows_four = digits != 0 && digits % 4 == 0 && digits < 2 * Uuid::size;
      if (!follows_four || std::exchange(after_hyphen, true)) invalid(text, oid::uuid);
      continue;
    }
    if (digits == 8 || digits == 12 || digits == 16 || digits == 20) canonical.push_back('-');
    canonical.push_back(c);
    after_hyphen = false;
    ++digits;
  }
  const Decoded<Uuid> uuid = Uuid::parse(canonical);
  if (!uuid) invalid(text, oid::uuid);
  return *uuid;
}

Datum numeric_from(std::string_view text) {
  const std::string_view digits = trimmed(text);
  Decoded<Numeric> value = Numeric::parse(digits);
  if (value) return std::move(*value);
  if (value.error() == DecodeError::out_of_range) raise("22003", "value overflows numeric format");
  const std::string lower = lowered(digits);
  if (lower == "nan") return Numeric::nan();
  if (lower == "inf" || lower == "infinity" || lower == "+inf" || lower == "+infinity")
    return Numeric::infinity();
  if (lower == "-inf" || lower == "-infinity") return Numeric::minus_infinity();
  if (!lower.empty() && lower.find_first_of("_xob") != std::string::npos &&
      lower.find_first_of("0123456789") != std::string::npos)
    cannot("a numeric in another base, which depends on the server's version");
  invalid(text, oid::numeric);
}

/// Every character counts, blanks too. Of the form with "\\x" the codec knows less than the server,
/// which takes blanks within.
Datum bytes_from(std::string_view text) {
  Datum value;
  const Bytes bytes = std::as_bytes(std::span(text));
  if (ValueCodec<Datum>::decode(bytes, oid::bytea, FormatCode::text, value) == DecodeError::none)
    return value;
  if (text.starts_with("\\x")) cannot("the text '" + std::string(text) + "' as bytea");
  raise("22P02", "invalid input syntax for type bytea");
}

/// The forms of ISO 8601 that mean one thing alone, as the codecs read them.
std::string moment_text(std::string_view text, Oid type) {
  std::string moment(trimmed(text));
  constexpr std::size_t date_size = 10;  // 2024-02-29
  if (type != oid::timestamp && type != oid::timestamptz) return moment;
  if (moment.size() > date_size && moment[date_size] == 'T') moment[date_size] = ' ';
  if (type == oid::timestamptz && moment.ends_with('Z'))
    moment.replace(moment.size() - 1, 1, "+00");
  if (type == oid::timestamp && Date::parse(moment) && moment.find('f') == std::string::npos)
    moment += " 00:00:00";
  return moment;
}

bool is_date(Oid type) noexcept {
  return type == oid::date || type == oid::timestamp || type == oid::timestamptz;
}

/// Is it written as a date, of a day that there is not: 2024-02-30?
bool names_no_day(std::string_view text) noexcept {
  constexpr std::size_t date_size = 10;
  if (text.size() < date_size || text[4] != '-' || text[7] != '-') return false;
  const auto number = [text](std::size_t at, std::size_t size) {
    int value = -1;
    const char* const begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, begin + size, value);
    return error == std::errc{} && end == begin + size ? value : -1;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 1 || month < 0 || day < 0) return false;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  return !date.ok();
}

Datum enum_from(std::string_view text, const ValueType& target) {
  if (target.labels == nullptr) cannot("a type that it does not know");
  if (std::find(target.labels->begin(), target.labels->end(), text) == target.labels->end())
    raise("22P02",
          "invalid input value for enum " + std::string(target.enum_name) + ": " + in_quotes(text));
  return text;
}

Datum json_from(std::string_view text, Oid type) {
  const JsonKind kind = type == oid::jsonb ? JsonKind::jsonb : JsonKind::json;
  const JsonValue value = parse_json(text, kind);
  return kind == JsonKind::jsonb ? Json(jsonb_text(value)) : Json(text);
}

/// As the type's input function reads it, but for the modifier.
Datum from_text(std::string_view text, const ValueType& target) {
  switch (target.type) {
    case oid::int2:
    case oid::int4:
    case oid::int8:
      return integer_from(text, target.type);
    case oid::float4:
    case oid::float8:
      return floating_from(text, target.type);
    case oid::numeric:
      return numeric_from(text);
    case oid::boolean:
      return boolean_from(text);
    case oid::uuid:
      return uuid_from(text);
    case oid::json:
    case oid::jsonb:
      return json_from(text, target.type);
    case oid::text:
    case oid::varchar:
    case oid::bpchar:
      return text;
    case oid::date:
    case oid::time:
    case oid::timetz:
    case oid::timestamp:
    case oid::timestamptz:
    case oid::interval: {
      const std::string form = moment_text(text, target.type);
      Datum value;
      const Bytes bytes = std::as_bytes(std::span(form));
      if (ValueCodec<Datum>::decode(bytes, target.type, FormatCode::text, value) !=
          DecodeError::none) {
        if (is_date(target.type) && names_no_day(form))
          raise("22008", "date/time field value out of range: " + in_quotes(text));
        cannot("the text '" + form + "' as " + std::string(type_name(target.type)));
      }
      return value;
    }
    case oid::bytea:
      return bytes_from(text);
    default:
      return enum_from(text, target);
  }
}

/// What the client would send of a value of another kind than text, its length before it.
ByteBuffer encoded(const Datum& value, const ValueType& target) {
  ByteBuffer out;
  const EncodeError error = ValueCodec<Datum>::append(out, value, target.type);
  if (error != EncodeError::none)
    throw QueryError("the value '" + value.to_string() + "' as " +
                     std::string(type_name(target.type)) + ": " + std::string(name_of(error)));
  return out;
}

Datum by_codec(const Datum& value, const ValueType& target) {
  const ByteBuffer out = encoded(value, target);
  const Bytes bytes = out.bytes().subspan(length_size);
  if (ValueCodec<Datum>::format_of(value, target.type) == FormatCode::text)
    return from_text(as_text(bytes), target);
  Datum result;
  const DecodeError refused =
      ValueCodec<Datum>::decode(bytes, target.type, FormatCode::binary, result);
  if (refused != DecodeError::none)
    throw QueryError("the value '" + value.to_string() + "': " + std::string(name_of(refused)));
  if (const Json* const json = result.if_is<Json>()) return json_from(json->text(), target.type);
  return result;
}

std::size_t characters_in(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

/// varchar(n) and char(n): blanks too many are cut off, anything else is refused.
std::string fitted(std::string text, const ValueType& target) {
  const auto most = static_cast<std::size_t>(length_of(target.modifier));
  std::size_t length = characters_in(text);
  for (; length > most && text.back() == ' '; --length) text.pop_back();
  if (length > most)
    raise("22001", "value too long for type " + std::string(type_name(target.type)) + "(" +
                       std::to_string(most) + ")");
  if (target.type == oid::bpchar) text.append(most - length, ' ');
  return text;
}

Datum with_modifier(Datum value, const ValueType& target) {
  if (target.modifier < 0) return value;
  if (const Numeric* const number = value.if_is<Numeric>())
    return rounded(*number, precision_of(target.modifier), scale_of(target.modifier));
  if (const std::string* const text = value.if_is<std::string>()) return fitted(*text, target);
  return value;
}

}  // namespace

Datum coerced(const Datum& value, const ValueType& target) {
  if (value.is_null()) return value;
  if (const Oid element = element_type(target.type); element != oid::unspecified) {
    ValueType of_element = target;
    of_element.type = element;
    return coerced_array(value, of_element);
  }
  if (target.type == oid::float4 && value.kind() == Datum::Kind::floating) {
    static_cast<void>(encoded(value, target));  // refuses what no real can hold
    return floating_from(value.to_string(), target.type);
  }
  const std::string* const text = value.if_is<std::string>();
  if (text == nullptr) return with_modifier(by_codec(value, target), target);
  if (const EncodeError error = check_text(*text); error != EncodeError::none)
    throw QueryError("a text value: " + std::string(name_of(error)));
  return with_modifier(from_text(*text, target), target);
}

Datum computed(const Datum& value, const ValueType& target) {
  const std::int64_t* const number = value.if_is<std::int64_t>();
  const auto [least, most] = integer_limits(target.type);
  if (number != nullptr && (*number < least || *number > most))
    raise("22003", std::string(type_name(target.type)) + " out of range");
  if (target.type == oid::float4 && value.kind() == Datum::Kind::floating)
    return floating_from(value.to_string(), target.type);
  return coerced(value, target);
}

}  // namespace pgreactor::store_memory
