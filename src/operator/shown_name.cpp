#include "src/operator/shown_name.hpp"

#include <pgreactor/values/hexadecimal.hpp>
#include <pgreactor/values/utf8.hpp>
#include <pgreactor/vocabulary/bytes.hpp>

#include "src/operator/name_style.hpp"

namespace pgreactor::operators {
namespace {

/// Code points beyond ASCII that a reader would not see, or that move what stands around them. All
/// have two or three bytes, so that comparing these in order is comparing the code points.
///   U+0080..U+009F  controls
///   U+200B..U+200F  zero width, direction marks
///   U+2028..U+202E  line and paragraph separators, embeddings and overrides
///   U+2060..U+206F  word joiner, isolates
///   U+FEFF          byte order mark
bool is_invisible(std::string_view sequence) {
  const auto between = [&](std::string_view first, std::string_view last) {
    return sequence.size() == first.size() && sequence >= first && sequence <= last;
  };
  return between("\xc2\x80", "\xc2\x9f") || between("\xe2\x80\x8b", "\xe2\x80\x8f") ||
         between("\xe2\x80\xa8", "\xe2\x80\xae") || between("\xe2\x81\xa0", "\xe2\x81\xaf") ||
         sequence == "\xef\xbb\xbf";
}

void append_escaped(std::string& text, std::string_view bytes) {
  for (const std::byte& byte : as_bytes(bytes)) {
    text += "\\x";
    pgreactor::detail::append_hexadecimal(text, {&byte, 1});
  }
}

}  // namespace

std::string shown_name(std::string_view name) {
  std::string text;
  for (std::size_t at = 0; at < name.size();) {
    const auto byte = static_cast<unsigned char>(name[at]);
    const bool ascii = byte < 0x80;
    const std::size_t length = ascii ? 1 : detail::sequence_length(name.substr(at));
    const std::string_view shown = name.substr(at, length == 0 ? 1 : length);
    if (at + shown.size() > longest_name) return text + "\u2026";
    if (ascii ? byte < 0x20 || byte == 0x7f : length == 0 || is_invisible(shown))
      append_escaped(text, shown);
    else
      text += shown;
    at += shown.size();
  }
  return text;
}

}  // namespace pgreactor::operators
