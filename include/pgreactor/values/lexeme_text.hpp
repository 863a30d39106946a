#pragma once
#include <algorithm>
#include <cstddef>
#include <pgreactor/values/text_scanner.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>
#include <string_view>

namespace pgreactor::detail {

/// Appends a lexeme of a text search type as the server writes it: between quotes, which are
/// doubled within, as backslashes are.
inline void append_lexeme(std::string& out, std::string_view text) {
  out.push_back('\'');
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('\'');
}

/// Takes one of that form.
inline bool scan_lexeme(TextScanner& in, std::string& text) {
  if (!in.accept('\'')) return false;
  while (!in.at_end()) {
    const char c = in.take();
    if (c == '\'' && !in.accept('\'')) return true;
    if (c == '\\' && !in.accept('\\')) return false;
    text.push_back(c);
  }
  return false;
}

/// Text up to the NUL that ends it; runs short when there is none.
inline std::string_view read_cstring(ValueReader& in) noexcept {
  const Bytes rest = in.rest();
  const auto nul = std::find(rest.begin(), rest.end(), std::byte{0});
  const auto size = static_cast<std::size_t>(nul - rest.begin());
  const Bytes taken = in.take(size + 1);
  return as_text(taken.first(std::min(size, taken.size())));
}

}  // namespace pgreactor::detail
