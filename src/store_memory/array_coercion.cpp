#include <optional>
#include <pgreactor/error.hpp>
#include <span>

#include "src/store_memory/coercion.hpp"
#include "src/store_memory/violations.hpp"

namespace pgreactor::store_memory {
namespace {

[[noreturn]] void malformed(const std::string& literal) {
  raise("22P02", "malformed array literal: \"" + literal + "\"");
}

/// Every part as long as its neighbours, or the server would refuse it.
void check_shape(const Datum::Array& array) {
  const auto size_of = [](const Datum& each) -> std::optional<std::size_t> {
    const auto* const inner = each.if_is<Datum::Array>();
    if (inner == nullptr) return std::nullopt;
    if (inner->empty()) cannot("an empty array within an array");
    return inner->size();
  };
  for (const Datum& each : array) {
    if (size_of(each) != size_of(array.front())) malformed(Datum(array).to_string());
    if (const auto* const inner = each.if_is<Datum::Array>()) check_shape(*inner);
  }
}

/// Each as a value by itself is, which the client sees to before it sends the text of an array.
Datum array_of(const Datum::Array& array, const ValueType& element) {
  Datum::Array elements;
  elements.reserve(array.size());
  for (const Datum& each : array) {
    const auto* const inner = each.if_is<Datum::Array>();
    elements.push_back(inner != nullptr ? array_of(*inner, element) : coerced(each, element));
  }
  return elements;
}

/// The codec reads arrays as the server writes them. Bounds, and blanks and backslashes outside of
/// quotes, have meanings that it does not know.
bool is_as_the_server_writes(std::string_view array) noexcept {
  constexpr std::string_view other = " \t\n\r\f\v[\\";
  bool quoted = false;
  for (std::size_t at = 0; at < array.size(); ++at) {
    if (array[at] == '"')
      quoted = !quoted;
    else if (quoted && array[at] == '\\')
      ++at;
    else if (!quoted && other.find(array[at]) != std::string_view::npos)
      return false;
  }
  return true;
}

}  // namespace

Datum coerced_array(const Datum& value, const ValueType& element) {
  if (const auto* const array = value.if_is<Datum::Array>()) {
    check_shape(*array);
    return coerced_elements(*array, element);
  }
  const auto* const text = value.if_is<std::string>();
  if (text == nullptr) throw QueryError("the value '" + value.to_string() + "' is no array");
  if (!is_as_the_server_writes(*text))
    cannot("the array '" + *text + "', which is not as the server writes it");
  Datum read;
  if (ValueCodec<Datum>::decode(std::as_bytes(std::span(*text)), oid::text_array, FormatCode::text,
                                read) != DecodeError::none)
    malformed(*text);
  const Datum::Array& texts = *read.if_is<Datum::Array>();
  check_shape(texts);
  return array_of(texts, element);
}

Datum::Array coerced_elements(const Datum::Array& values, const ValueType& element) {
  const Datum elements = array_of(values, element);
  return *elements.if_is<Datum::Array>();
}

}  // namespace pgreactor::store_memory
