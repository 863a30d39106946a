#include "src/store_memory/json_value.hpp"

#include <algorithm>
#include <charconv>
#include <pgreactor/detail/json_text.hpp>

namespace pgreactor::store_memory {
namespace {

using Kind = JsonValue::Kind;

bool is_container(const JsonValue& value) noexcept {
  return value.kind == Kind::array || value.kind == Kind::object;
}

const JsonValue* member(const JsonValue& object, std::string_view key) noexcept {
  for (const auto& [name, value] : object.members)
    if (name == key) return &value;
  return nullptr;
}

// As deep as the documents are, which the parser bounds; likewise below.
void append(std::string& out, const JsonValue& value) {
  const char* separator = "";
  switch (value.kind) {
    case Kind::null:
      out.append("null");
      break;
    case Kind::boolean:
      out.append(value.truth ? "true" : "false");
      break;
    case Kind::number:
      value.number.append_to(out);
      break;
    case Kind::string:
      detail::append_json_string(out, value.string);
      break;
    case Kind::array:
      out.push_back('[');
      for (const JsonValue& element : value.elements) {
        out.append(std::exchange(separator, ", "));
        append(out, element);
      }
      out.push_back(']');
      break;
    case Kind::object:
      out.push_back('{');
      for (const auto& [key, each] : value.members) {
        out.append(std::exchange(separator, ", "));
        detail::append_json_string(out, key);
        out.append(": ");
        append(out, each);
      }
      out.push_back('}');
      break;
  }
}

/// Below the top, where an array contains no bare scalar.
bool contains_within(const JsonValue& whole, const JsonValue& part) {
  if (whole.kind != part.kind) return false;
  if (!is_container(whole)) return whole == part;
  if (whole.kind == Kind::object) {
    return std::all_of(part.members.begin(), part.members.end(), [&](const auto& wanted) {
      const JsonValue* const found = member(whole, wanted.first);
      return found != nullptr && contains_within(*found, wanted.second);
    });
  }
  return std::all_of(part.elements.begin(), part.elements.end(), [&](const JsonValue& wanted) {
    return std::any_of(whole.elements.begin(), whole.elements.end(),
                       [&](const JsonValue& each) { return contains_within(each, wanted); });
  });
}

}  // namespace

std::string jsonb_text(const JsonValue& value) {
  std::string text;
  append(text, value);
  return text;
}

bool json_contains(const JsonValue& whole, const JsonValue& part) {
  if (whole.kind == Kind::array && !is_container(part))
    return std::find(whole.elements.begin(), whole.elements.end(), part) != whole.elements.end();
  return contains_within(whole, part);
}

bool json_has_key(const JsonValue& value, std::string_view key) {
  const auto is_key = [key](const JsonValue& each) {
    return each.kind == Kind::string && each.string == key;
  };
  if (value.kind == Kind::object) return member(value, key) != nullptr;
  if (value.kind != Kind::array) return is_key(value);
  return std::any_of(value.elements.begin(), value.elements.end(), is_key);
}

const JsonValue* json_at(const JsonValue& value, const std::vector<std::string>& path) {
  const JsonValue* at = &value;
  for (const std::string& step : path) {
    if (at->kind == Kind::object) {
      at = member(*at, step);
    } else if (at->kind == Kind::array) {
      std::int32_t index = 0;
      const char* const end = step.data() + step.size();
      const auto [stop, error] = std::from_chars(step.data(), end, index);
      if (error != std::errc{} || stop != end) return nullptr;
      const auto size = static_cast<std::int64_t>(at->elements.size());
      const std::int64_t position = index < 0 ? size + index : index;
      if (position < 0 || position >= size) return nullptr;
      at = &at->elements[static_cast<std::size_t>(position)];
    } else {
      return nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace pgreactor::store_memory
