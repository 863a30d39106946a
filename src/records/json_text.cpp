#include <algorithm>
#include <pgreactor/detail/json_text.hpp>
#include <pgreactor/values/utf8.hpp>

namespace pgreactor::detail {
namespace {

void append_escaped(std::string& out, unsigned char control) {
  constexpr char digits[] = "0123456789abcdef";
  switch (control) {
    case '\b':
      out.append("\\b");
      break;
    case '\f':
      out.append("\\f");
      break;
    case '\n':
      out.append("\\n");
      break;
    case '\r':
      out.append("\\r");
      break;
    case '\t':
      out.append("\\t");
      break;
    default:
      out.append("\\u00").append({digits[control >> 4], digits[control & 15]});
      break;
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
  out.push_back('"');
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x80) {
      const std::size_t length = sequence_length(text.substr(at));
      out.append(length == 0 ? replacement : text.substr(at, length));
      at += length == 0 ? 1 : length;
      continue;
    }
    if (byte < 0x20)
      append_escaped(out, byte);
    else if (byte == '"' || byte == '\\')
      out.append({'\\', text[at]});
    else
      out.push_back(text[at]);
    ++at;
  }
  out.push_back('"');
}

// [ "-" ] ( "0" | digit1-9 digits ) [ "." digits ] [ ( "e" | "E" ) [ sign ] digits ]
bool is_json_number(std::string_view text) noexcept {
  const auto digits = [&text] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool zero_first = text.starts_with('0');
  const std::size_t whole = digits();
  bool good = whole != 0 && (!zero_first || whole == 1);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    good = digits() != 0 && good;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    good = digits() != 0 && good;
  }
  return good && text.empty();
}

}  // namespace pgreactor::detail
