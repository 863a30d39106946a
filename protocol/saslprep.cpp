#include "protocol/saslprep.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "protocol/digest.hpp"
#include "protocol/stringprep_tables.hpp"

namespace pgreactor::protocol {

namespace {

bool contains(std::span<const CodePointRange> table, char32_t code) noexcept {
  const auto after =
      std::upper_bound(table.begin(), table.end(), code,
                       [](char32_t c, const CodePointRange& range) { return c < range.first; });
  return after != table.begin() && code <= std::prev(after)->last;
}

constexpr char32_t invalid = 0xFFFFFFFF;

// Takes one code point of well-formed UTF-8 from the front; `invalid` for anything else.
char32_t take_code_point(std::string_view& text) noexcept {
  const auto at = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC2 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                           : lead < 0xF5 ? 4
                                         : 0;
  if (size == 0 || text.size() < size) return invalid;
  char32_t code = size == 1 ? lead : lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xC0) != 0x80) return invalid;
    code = code << 6 | (at(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[size] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return invalid;
  text.remove_prefix(size);
  return code;
}

/// Wipes what it refers to at the end: all of these are forms of a password.
template <class Container>
class WipedAtEnd {
 public:
  explicit WipedAtEnd(Container& secret) noexcept : secret_(secret) {}
  ~WipedAtEnd() {
    const auto bytes = std::as_writable_bytes(std::span(secret_));
    wipe(bytes.data(), bytes.size());
  }
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;

 private:
  Container& secret_;
};

// False: not UTF-8. What is mapped is never longer, so that no reallocation leaves a copy behind.
bool map_characters(std::string_view password, std::string& mapped) {
  mapped.reserve(password.size());
  for (std::string_view rest = password; !rest.empty();) {
    const std::string_view before = rest;
    const char32_t code = take_code_point(rest);
    if (code == invalid) return false;
    if (contains(stringprep::other_spaces, code)) {
      mapped += ' ';
    } else if (!contains(stringprep::invisible, code)) {
      mapped += before.substr(0, before.size() - rest.size());
    }
  }
  return true;
}

// Normalization form KC, in UTF-8; none when there is no such form.
std::optional<std::string> compose(std::string_view text) {
  constexpr auto form_kc =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  const utf8proc_ssize_t wanted = utf8proc_decompose(bytes, size, nullptr, 0, form_kc);
  if (wanted < 0) return std::nullopt;
  // One more: a terminator is written behind the text that takes their place.
  std::vector<utf8proc_int32_t> points(static_cast<std::size_t>(wanted) + 1);
  const WipedAtEnd points_are_wiped(points);
  if (utf8proc_decompose(bytes, size, points.data(), wanted, form_kc) != wanted)
    return std::nullopt;
  const utf8proc_ssize_t composed = utf8proc_reencode(points.data(), wanted, form_kc);
  if (composed < 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(points.data()),
                     static_cast<std::size_t>(composed));
}

// RFC 4013, sections 2.3 to 2.5, of what is composed.
bool is_accepted(std::string_view composed) {
  bool any_right_to_left = false, any_left_to_right = false, first = false, last = false;
  for (std::string_view rest = composed; !rest.empty();) {
    const bool at_start = rest.size() == composed.size();
    const char32_t code = take_code_point(rest);
    if (code == invalid || contains(stringprep::refused, code)) return false;
    last = contains(stringprep::right_to_left, code);
    if (at_start) first = last;
    any_right_to_left = any_right_to_left || last;
    any_left_to_right = any_left_to_right || contains(stringprep::left_to_right, code);
  }
  return !any_right_to_left || (!any_left_to_right && first && last);
}

}  // namespace

std::string saslprep(std::string_view password) {
  std::string mapped;
  const WipedAtEnd mapped_is_wiped(mapped);
  // What maps to nothing is not accepted.
  if (!map_characters(password, mapped) || mapped.empty()) return std::string(password);
  auto composed = compose(mapped);
  if (composed && is_accepted(*composed)) return *std::move(composed);
  if (composed) wipe(reinterpret_cast<std::byte*>(composed->data()), composed->size());
  return std::string(password);
}

}  // namespace pgreactor::protocol
