#pragma once
#include <optional>
#include <pgreactor/values/array_layout.hpp>
#include <pgreactor/values/range_layout.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <string>
#include <string_view>

namespace pgreactor::detail {

//   "empty"  |  ( "[" | "(" ) [ bound ] "," [ bound ] ( "]" | ")" )
//   bound:  bare text  |  "text with "" and \\"

/// Appends a bound as range_out() does: quoted where its text would be read otherwise, and quotes
/// and backslashes doubled within.
inline void append_bound(std::string& out, std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of("\"\\()[],") == std::string_view::npos &&
                     text.find_first_of(array_blanks) == std::string_view::npos;
  if (plain) return void(out.append(text));
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('"');
}

inline void append_range(std::string& out, const RangeParts<std::string>& parts) {
  if (parts.empty) return void(out.append("empty"));
  out.push_back(parts.lower_inclusive ? '[' : '(');
  if (parts.lower) append_bound(out, *parts.lower);
  out.push_back(',');
  if (parts.upper) append_bound(out, *parts.upper);
  out.push_back(parts.upper_inclusive ? ']' : ')');
}

/// Takes a bound, or a member of a composite, up to one of `ends`; nothing stands for a missing
/// one. Errors  invalid for one of `refused` that is not quoted.
inline DecodeError scan_part(TextScanner& in, std::string_view ends, std::string_view refused,
                             std::optional<std::string>& bound) {
  bool quoted = false;
  std::string text;
  const std::string_view begin = in.rest();
  while (!in.at_end()) {
    const char next = in.rest().front();
    if (!quoted && ends.find(next) != std::string_view::npos) {
      if (in.rest().size() != begin.size()) bound = std::move(text);
      return DecodeError::none;
    }
    if (!quoted && refused.find(next) != std::string_view::npos) return DecodeError::invalid;
    in.take();
    if (next == '\\') {
      if (in.at_end()) return DecodeError::truncated;
      text.push_back(in.take());
    } else if (next != '"') {
      text.push_back(next);
    } else if (quoted && in.accept('"')) {
      text.push_back('"');
    } else {
      quoted = !quoted;
    }
  }
  return DecodeError::truncated;
}

/// Takes one range; more text may follow it.
inline DecodeError scan_range(TextScanner& in, RangeParts<std::string>& parts) {
  if (in.accept(std::string_view{"empty"})) {
    parts.empty = true;
    return DecodeError::none;
  }
  parts.lower_inclusive = in.accept('[');
  if (!parts.lower_inclusive && !in.accept('(')) return DecodeError::invalid;
  if (const DecodeError error = scan_part(in, ",])", "[(", parts.lower); error != DecodeError::none)
    return error;
  if (!in.accept(',')) return DecodeError::invalid;
  if (const DecodeError error = scan_part(in, ",])", "[(", parts.upper); error != DecodeError::none)
    return error;
  parts.upper_inclusive = in.accept(']');
  return parts.upper_inclusive || in.accept(')') ? DecodeError::none : DecodeError::invalid;
}

inline DecodeError parse_range(std::string_view text, RangeParts<std::string>& parts) {
  TextScanner in{text};
  const DecodeError error = scan_range(in, parts);
  return error == DecodeError::none && !in.at_end() ? DecodeError::trailing : error;
}

}  // namespace pgreactor::detail
