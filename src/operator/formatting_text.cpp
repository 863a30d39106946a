#include "src/operator/formatting_text.hpp"

#include <algorithm>
#include <pgreactor/detail/json_text.hpp>
#include <pgreactor/values/utf8.hpp>

namespace pgreactor::operators {
namespace {

constexpr std::string_view blanks = " \t\r\n";

constexpr bool starts_code_point(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
}
constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
/// U+0080..U+009F
bool is_wide_control(std::string_view rest) noexcept {
  return rest.size() > 1 && rest[0] == '\xc2' && static_cast<unsigned char>(rest[1]) < 0xa0;
}

}  // namespace

std::size_t replace_invalid_bytes(std::string& text) {
  std::string replaced;
  std::size_t count = 0;
  std::size_t kept_from = 0;
  for (std::size_t at = 0; at < text.size();) {
    const bool ascii = static_cast<unsigned char>(text[at]) < 0x80;
    const std::size_t length =
        ascii ? 1 : detail::sequence_length(std::string_view(text).substr(at));
    if (length == 0) {
      replaced.append(text, kept_from, at - kept_from).append("\xef\xbf\xbd");
      ++count;
      kept_from = at + 1;
    }
    at += std::max<std::size_t>(length, 1);
  }
  if (count == 0) return 0;
  replaced.append(text, kept_from);
  text = std::move(replaced);
  return count;
}

bool cut_text(std::string& text, std::size_t max_length) {
  if (text.size() <= max_length) return false;
  const auto length = static_cast<std::size_t>(std::ranges::count_if(text, starts_code_point));
  if (length <= max_length) return false;
  std::size_t end = 0;
  for (std::size_t kept = 0; end < text.size(); ++end)
    if (starts_code_point(text[end]) && kept++ == max_length) break;
  text.resize(end);
  text.append("... [truncated ").append(std::to_string(length - max_length)).append(" chars]");
  return true;
}

std::string with_controls_escaped(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    if (c == 0x7f) {
      shown.append("\\u007f");
    } else if (is_control(c)) {
      std::string quoted;
      detail::append_json_string(quoted, {&c, 1});
      shown.append(quoted, 1, quoted.size() - 2);
    } else {
      shown.push_back(c);
    }
  }
  return shown;
}

std::string without_controls(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_wide_control(text.substr(at)))
      ++at;
    else if (!is_control(c) || c == '\n' || c == '\t' || c == '\r')
      kept.push_back(c);
  }
  return kept;
}

std::string_view without_blanks_around(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

}  // namespace pgreactor::operators
