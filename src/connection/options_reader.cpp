#include "src/connection/options_reader.hpp"

#include <array>
#include <charconv>
#include <system_error>

namespace pgreactor::conninfo {
namespace {

using std::chrono::milliseconds;

constexpr auto units = std::to_array<Choice<milliseconds>>({
    {"ms", milliseconds{1}},
    {"s", std::chrono::seconds{1}},
    {"m", std::chrono::minutes{1}},
    {"min", std::chrono::minutes{1}},
    {"h", std::chrono::hours{1}},
});

constexpr milliseconds longest_duration = std::chrono::hours{24 * 365};

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) + 1 - first);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trimmed(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  for (;;) {
    const auto comma = text.find(',');
    items.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

std::string ParameterReader::text(std::string_view keyword) const {
  const auto* entry = parameters_.find(keyword);
  return entry == nullptr ? std::string{} : std::string{entry->value.reveal()};
}

std::optional<std::int64_t> ParameterReader::integer(std::string_view keyword, std::int64_t least,
                                                     std::int64_t most) const {
  const auto* entry = parameters_.find(keyword);
  if (entry == nullptr) return std::nullopt;
  const auto value = parse_integer(entry->value.reveal());
  if (!value || *value < least || *value > most)
    fail(keyword,
         "must be an integer from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

std::optional<milliseconds> ParameterReader::duration(std::string_view keyword,
                                                      milliseconds unit) const {
  const auto* entry = parameters_.find(keyword);
  if (entry == nullptr) return std::nullopt;
  auto number = trimmed(entry->value.reveal());
  const auto letters = number.find_first_not_of("-0123456789");
  if (letters != std::string_view::npos) {
    const auto written = number.substr(letters);
    number = number.substr(0, letters);
    unit = milliseconds{0};
    for (const auto& [word, meaning] : units)
      if (written == word) unit = meaning;
  }
  const auto count = parse_integer(number);
  if (!count || unit == milliseconds{0})
    fail(keyword, "must be an integer, alone or followed by ms, s, min or h");
  if (*count > longest_duration / unit) fail(keyword, "must not be longer than a year");
  return *count <= 0 ? milliseconds{0} : *count * unit;
}

void ParameterReader::fail(std::string_view keyword, const std::string& reason) const {
  const auto* entry = parameters_.find(keyword);
  const Keyword* known = find_keyword(keyword);
  // The keyword of the table outlives the error; the caller's text need not.
  refuse(known == nullptr ? std::string_view{} : known->name,
         entry == nullptr ? std::string_view{} : entry->origin, reason);
}

}  // namespace pgreactor::conninfo
