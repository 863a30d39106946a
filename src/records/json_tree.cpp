#include <simdjson.h>

#include <charconv>
#include <pgreactor/detail/json_tree.hpp>

#include "src/records/json_token.hpp"

namespace pgreactor::detail {
namespace {

using simdjson::ondemand::json_type;
using Value = simdjson::ondemand::value;

/// The code unit of an escape "\u1234" at the front.
std::optional<unsigned> escaped_unit(std::string_view text) {
  constexpr std::size_t size = 6;
  if (text.size() < size || !text.starts_with("\\u")) return std::nullopt;
  unsigned unit = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + size, unit, 16);
  if (error != std::errc{} || end != text.data() + size) return std::nullopt;
  return unit;
}

constexpr bool is_first_half(unsigned unit) { return unit >= 0xd800 && unit <= 0xdbff; }
constexpr bool is_second_half(unsigned unit) { return unit >= 0xdc00 && unit <= 0xdfff; }

/// simdjson refuses half a surrogate pair, or writes what is no UTF-8: U+FFFD takes its place, in
/// an escape of the same length.
void replace_lone_surrogates(std::string& text) {
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at)) {
    const auto rest = std::string_view(text).substr(at);
    const auto unit = escaped_unit(rest);
    if (!unit) {
      at += 2;  // whatever is escaped; it may be a backslash
      continue;
    }
    const auto next = is_first_half(*unit) ? escaped_unit(rest.substr(6)) : std::nullopt;
    const bool pair = next && is_second_half(*next);
    if (!pair && (is_first_half(*unit) || is_second_half(*unit))) text.replace(at, 6, "\\ufffd");
    at += pair ? 12 : 6;
  }
}

/// Every function here is false or nothing when the text is no JSON.
class TreeReader {
 public:
  std::optional<JsonTree> read(Value value) {
    json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return std::nullopt;
    switch (type) {
      case json_type::array:
        return within([&] { return read_list(value); });
      case json_type::object:
        return within([&] { return read_object(value); });
      case json_type::string: {
        std::string_view text;
        if (value.get_string().get(text) != simdjson::SUCCESS) return std::nullopt;
        return JsonTree(std::string(text));
      }
      case json_type::number:
      case json_type::boolean:
      case json_type::null:
        break;
    }
    const std::string_view token = json_token(value);
    if (token != "null" && token != "true" && token != "false" && !is_json_number(token))
      return std::nullopt;
    return JsonTree(JsonTree::Literal{std::string(token)});
  }

 private:
  template <class Read>
  std::optional<JsonTree> within(Read read_container) {
    if (level_ == JsonTree::deepest) return std::nullopt;
    ++level_;
    std::optional<JsonTree> tree = read_container();
    --level_;
    return tree;
  }

  std::optional<JsonTree> read_list(Value& value) {
    simdjson::ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return std::nullopt;
    JsonTree::List list;
    for (auto element : array) {
      Value each;
      if (std::move(element).get(each) != simdjson::SUCCESS) return std::nullopt;
      std::optional<JsonTree> tree = read(each);
      if (!tree) return std::nullopt;
      list.push_back(*std::move(tree));
    }
    return JsonTree(std::move(list));
  }

  std::optional<JsonTree> read_object(Value& value) {
    simdjson::ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
    JsonTree::Object members;
    for (auto field : object) {
      simdjson::ondemand::field member;
      std::string_view name;
      if (std::move(field).get(member) != simdjson::SUCCESS ||
          member.unescaped_key().get(name) != simdjson::SUCCESS)
        return std::nullopt;
      std::string owned(name);
      std::optional<JsonTree> tree = read(member.value());
      if (!tree) return std::nullopt;
      members.push_back({std::move(owned), *std::move(tree)});
    }
    return JsonTree(std::move(members));
  }

  std::size_t level_ = 0;
};

}  // namespace

std::optional<JsonTree> JsonTree::parse(std::string_view text) {
  // Within a list, so that a scalar is read as every other value is: simdjson has ways of its own
  // for a document that is one.
  std::string wrapped;
  wrapped.reserve(text.size() + 2 + simdjson::SIMDJSON_PADDING);
  wrapped.append("[").append(text).append("]");
  replace_lone_surrogates(wrapped);

  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::array array;
  const simdjson::padded_string_view padded(wrapped.data(), wrapped.size(), wrapped.capacity());
  // Ours is the bound that must be met first: where simdjson checks itself, as it does in programs
  // that are not optimised, it ends the program at its own.
  if (parser.allocate(padded.size(), JsonTree::deepest + 4) != simdjson::SUCCESS ||
      parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_array().get(array) != simdjson::SUCCESS)
    return std::nullopt;
  std::optional<JsonTree> tree;
  for (auto element : array) {
    Value value;
    if (tree || std::move(element).get(value) != simdjson::SUCCESS) return std::nullopt;
    tree = TreeReader().read(value);
    if (!tree) return std::nullopt;
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return std::nullopt;
  return tree;
}

bool JsonTree::is_null() const noexcept {
  const auto* const literal = if_is<Literal>();
  return literal != nullptr && literal->text == "null";
}

void JsonTree::append_to(std::string& out) const {
  if (const auto* const literal = if_is<Literal>()) {
    out.append(literal->text);
  } else if (const auto* const text = if_is<std::string>()) {
    append_json_string(out, *text);
  } else if (const auto* const list = if_is<List>()) {
    out.push_back('[');
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (i != 0) out.push_back(',');
      (*list)[i].append_to(out);
    }
    out.push_back(']');
  } else if (const auto* const object = if_is<Object>()) {
    out.push_back('{');
    for (std::size_t i = 0; i < object->size(); ++i) {
      if (i != 0) out.push_back(',');
      append_json_string(out, (*object)[i].name);
      out.push_back(':');
      (*object)[i].value.append_to(out);
    }
    out.push_back('}');
  }
}

}  // namespace pgreactor::detail
