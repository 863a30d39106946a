#include "src/store_memory/column_type.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace pgreactor::store_memory {
namespace {

struct KnownType {
  std::string_view alias;
  Oid type;
  Oid array;
  char category;
};

// The name that the server itself shows for a type comes first.
constexpr KnownType known_types[] = {
    {"smallint", oid::int2, oid::int2_array, 'N'},
    {"int2", oid::int2, oid::int2_array, 'N'},
    {"integer", oid::int4, oid::int4_array, 'N'},
    {"int", oid::int4, oid::int4_array, 'N'},
    {"int4", oid::int4, oid::int4_array, 'N'},
    {"bigint", oid::int8, oid::int8_array, 'N'},
    {"int8", oid::int8, oid::int8_array, 'N'},
    {"real", oid::float4, oid::float4_array, 'N'},
    {"float4", oid::float4, oid::float4_array, 'N'},
    {"double precision", oid::float8, oid::float8_array, 'N'},
    {"float8", oid::float8, oid::float8_array, 'N'},
    {"float", oid::float8, oid::float8_array, 'N'},
    {"numeric", oid::numeric, oid::numeric_array, 'N'},
    {"decimal", oid::numeric, oid::numeric_array, 'N'},
    {"text", oid::text, oid::text_array, 'S'},
    {"character varying", oid::varchar, oid::varchar_array, 'S'},
    {"varchar", oid::varchar, oid::varchar_array, 'S'},
    {"character", oid::bpchar, oid::bpchar_array, 'S'},
    {"char", oid::bpchar, oid::bpchar_array, 'S'},
    {"boolean", oid::boolean, oid::bool_array, 'B'},
    {"bool", oid::boolean, oid::bool_array, 'B'},
    {"bytea", oid::bytea, oid::bytea_array, 'U'},
    {"uuid", oid::uuid, oid::uuid_array, 'U'},
    {"date", oid::date, oid::date_array, 'D'},
    {"time without time zone", oid::time, oid::time_array, 'D'},
    {"time", oid::time, oid::time_array, 'D'},
    {"time with time zone", oid::timetz, oid::timetz_array, 'D'},
    {"timetz", oid::timetz, oid::timetz_array, 'D'},
    {"timestamp without time zone", oid::timestamp, oid::timestamp_array, 'D'},
    {"timestamp", oid::timestamp, oid::timestamp_array, 'D'},
    {"timestamp with time zone", oid::timestamptz, oid::timestamptz_array, 'D'},
    {"timestamptz", oid::timestamptz, oid::timestamptz_array, 'D'},
    {"interval", oid::interval, oid::interval_array, 'T'},
    {"json", oid::json, oid::json_array, 'U'},
    {"jsonb", oid::jsonb, oid::jsonb_array, 'U'},
};

struct SerialType {
  std::string_view alias;
  Oid type;
};
constexpr SerialType serial_types[] = {{"smallserial", oid::int2}, {"serial2", oid::int2},
                                       {"serial", oid::int4},      {"serial4", oid::int4},
                                       {"bigserial", oid::int8},   {"serial8", oid::int8}};

/// Lower case, with single blanks and none beside a bracket or a comma.
std::string normalised(std::string_view sql) {
  std::string text;
  constexpr std::string_view brackets = "(),[]";
  for (const char c : sql) {
    if (c == ' ') {
      if (!text.empty() && text.back() != ' ') text.push_back(' ');
      continue;
    }
    const bool is_bracket = brackets.find(c) != std::string_view::npos;
    if (is_bracket && !text.empty() && text.back() == ' ') text.pop_back();
    text.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  if (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

/// "10,2": one or two numbers; none when it is anything else.
std::vector<std::int32_t> numbers_in(std::string_view text) {
  std::vector<std::int32_t> numbers;
  while (numbers.size() < 2) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return {};
    numbers.push_back(number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return numbers;
    if (!text.starts_with(',')) return {};
    text.remove_prefix(1);
  }
  return {};
}

/// -1 where these numbers are none of that type.
std::int32_t modifier_of(Oid type, const std::vector<std::int32_t>& numbers) {
  constexpr std::int32_t most_length = 10'485'760, most_precision = 1000;
  if (type == oid::varchar || type == oid::bpchar) {
    if (numbers.size() != 1 || numbers[0] < 1 || numbers[0] > most_length) return -1;
    return numbers[0] + modifier_header;
  }
  if (type != oid::numeric || numbers.empty()) return -1;
  const std::int32_t scale = numbers.size() == 2 ? numbers[1] : 0;
  if (numbers[0] < 1 || numbers[0] > most_precision || scale < 0 || scale > most_precision)
    return -1;
  return ((numbers[0] << 16) | scale) + modifier_header;
}

std::string shown_with_modifier(Oid type, std::int32_t modifier) {
  std::string name(type_name(type));
  if (modifier < 0) return name;
  if (type != oid::numeric) return name + "(" + std::to_string(length_of(modifier)) + ")";
  return name + "(" + std::to_string(precision_of(modifier)) + "," +
         std::to_string(scale_of(modifier)) + ")";
}

}  // namespace

std::optional<ColumnType> column_type(std::string_view sql) {
  std::string text = normalised(sql);
  for (const SerialType& serial : serial_types)
    if (serial.alias == text)
      return ColumnType{serial.type, std::string(type_name(serial.type)), -1, 'N', true};
  const bool is_array = text.ends_with("[]");
  if (is_array) text.resize(text.size() - 2);
  std::vector<std::int32_t> numbers;
  const std::size_t bracket = text.find('(');
  if (bracket != std::string::npos) {
    if (!text.ends_with(')')) return std::nullopt;
    numbers = numbers_in(std::string_view(text).substr(bracket + 1, text.size() - bracket - 2));
    if (numbers.empty()) return std::nullopt;
    text.resize(bracket);
  }
  const auto* const found =
      std::find_if(std::begin(known_types), std::end(known_types),
                   [&](const KnownType& known) { return known.alias == text; });
  if (found == std::end(known_types)) return std::nullopt;
  if (found->type == oid::bpchar && numbers.empty()) numbers = {1};
  const std::int32_t modifier = modifier_of(found->type, numbers);
  if (!numbers.empty() && modifier < 0) return std::nullopt;
  const std::string name = shown_with_modifier(found->type, modifier);
  if (is_array) return ColumnType{found->array, name + "[]", modifier, 'A', false};
  return ColumnType{found->type, name, modifier, found->category, false};
}

std::string_view type_name(Oid type) noexcept {
  for (const KnownType& known : known_types)
    if (known.type == type) return known.alias;
  return "unknown";
}

}  // namespace pgreactor::store_memory
