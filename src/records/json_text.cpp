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

}  // namespace pgreactor::detail
