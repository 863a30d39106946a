#include <simdjson.h>

#include <charconv>
#include <pgreactor/detail/json_text.hpp>
#include <pgreactor/detail/json_tree.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/record.hpp>

#include "src/records/json_token.hpp"

namespace pgreactor {
namespace {

using simdjson::ondemand::json_type;
using Value = simdjson::ondemand::value;

[[noreturn]] void refuse(std::string_view what) {
  throw QueryError("a record from JSON: " + std::string(what));
}

/// The value of a simdjson result, which carries an error in place of one.
template <class T>
T checked(simdjson::simdjson_result<T> result) {
  T value;
  if (const auto error = std::move(result).get(value)) refuse(simdjson::error_message(error));
  return value;
}

std::string_view number_token(Value& value) {
  const std::string_view token = detail::json_token(value);
  if (!detail::is_json_number(token))
    refuse("'" + std::string(token.substr(0, 40)) + "' is no number");
  return token;
}

/// int64 where it is whole and fits; else a double where that is the same number; else numeric.
Datum number_of(std::string_view token) {
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), whole);
  if (error == std::errc{} && end == token.data() + token.size()) return whole;
  Decoded<Numeric> exact = Numeric::parse(token);
  if (!exact) refuse("the number " + std::string(token.substr(0, 40)) + " is out of range");
  const bool is_whole = token.find_first_of(".eE") == std::string_view::npos;
  const Decoded<double> nearest = exact->to_double();
  if (!is_whole && nearest && Numeric(*nearest) == *exact) return *nearest;
  return std::move(*exact);
}

/// simdjson itself counts no levels, and every one is a call here.
std::size_t within(std::size_t level) {
  if (level == detail::JsonTree::deepest) refuse("it is nested too deep");
  return level + 1;
}

/// Checks a value and writes it again without blanks.
void append_minified(std::string& out, Value value, std::size_t level) {
  const json_type type = checked(value.type());
  switch (type) {
    case json_type::array:
    case json_type::object:
      break;
    case json_type::string:
      detail::append_json_string(out, checked(value.get_string()));
      return;
    case json_type::number:
      out.append(number_token(value));
      return;
    case json_type::boolean:
      out.append(checked(value.get_bool()) ? "true" : "false");
      return;
    case json_type::null:
      if (!checked(value.is_null())) refuse("a word that is no value");
      out.append("null");
      return;
  }
  bool first = true;
  const auto separate = [&] {
    if (!std::exchange(first, false)) out.push_back(',');
  };
  if (type == json_type::array) {
    out.push_back('[');
    for (auto element : checked(value.get_array())) {
      separate();
      append_minified(out, checked(element), within(level));
    }
    out.push_back(']');
    return;
  }
  out.push_back('{');
  for (auto field : checked(value.get_object())) {
    separate();
    auto member = checked(std::move(field));
    detail::append_json_string(out, checked(member.unescaped_key()));
    out.push_back(':');
    append_minified(out, member.value(), within(level));
  }
  out.push_back('}');
}

Datum datum_of(Value value, std::size_t level) {
  switch (checked(value.type())) {
    case json_type::array: {
      Datum::Array elements;
      for (auto element : checked(value.get_array()))
        elements.push_back(datum_of(checked(element), within(level)));
      return elements;
    }
    case json_type::object: {
      std::string text;
      append_minified(text, value, level);
      return Json(std::move(text));
    }
    case json_type::string:
      return std::string(checked(value.get_string()));
    case json_type::number:
      return number_of(number_token(value));
    case json_type::boolean:
      return checked(value.get_bool());
    case json_type::null:
      break;
  }
  if (!checked(value.is_null())) refuse("a word that is no value");
  return {};
}

}  // namespace

Record Record::from_json(std::string_view text) {
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  // See JsonTree::parse.
  if (const auto error = parser.allocate(padded.size(), detail::JsonTree::deepest + 4))
    refuse(simdjson::error_message(error));
  auto document = checked(parser.iterate(padded));
  if (checked(document.type()) != json_type::object) refuse("the text is no object");
  std::vector<std::string> names;
  std::vector<Datum> values;
  for (auto field : checked(document.get_object())) {
    auto member = checked(std::move(field));
    names.emplace_back(checked(member.unescaped_key()));
    values.push_back(datum_of(member.value(), 1));
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    refuse("there is more behind the object");
  return {detail::shape_named(std::move(names)), std::move(values)};
}

}  // namespace pgreactor
