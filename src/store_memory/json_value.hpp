#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pgreactor/values/numeric.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor::store_memory {

/// Where in its text a value begins: no part of the document, so that all are equal.
struct Offset {
  std::size_t value = 0;
  friend bool operator==(Offset, Offset) noexcept { return true; }
};

/// A JSON document as jsonb keeps it: numbers exact, keys once (the last wins), by length and
/// bytes.
struct JsonValue {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  bool truth = false;
  Numeric number;
  std::string string;
  std::vector<JsonValue> elements;
  std::vector<std::pair<std::string, JsonValue>> members;
  Offset offset;

  /// The same document: 1.0 is 1.
  friend bool operator==(const JsonValue& a, const JsonValue& b) = default;
};

/// What is accepted: json keeps its text, so that escapes are not looked into.
enum class JsonKind : std::uint8_t { json, jsonb };

/// Errors  QueryError 22P02, 22P05 for \u0000 in jsonb; MockModeError for what is nested too deep.
/// `stopped_at` is set to the place of an error.
JsonValue parse_json(std::string_view text, JsonKind kind, std::size_t* stopped_at = nullptr);
/// The text of jsonb: {"a": 1, "b": [1, 2]}
std::string jsonb_text(const JsonValue& value);

bool json_contains(const JsonValue& whole, const JsonValue& part);
/// jsonb ? key
bool json_has_key(const JsonValue& value, std::string_view key);
/// jsonb #> path; null where there is nothing. Owner  points into `value`.
const JsonValue* json_at(const JsonValue& value, const std::vector<std::string>& path);

}  // namespace pgreactor::store_memory
