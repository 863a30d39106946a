#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <string_view>

namespace pgreactor {

namespace detail {

/// The high bit of some byte is set unless these eight are all in 0x01..0x7f.
inline std::uint64_t beyond_plain_ascii(const char* eight_bytes) noexcept {
  std::uint64_t word;
  std::memcpy(&word, eight_bytes, sizeof(word));
  // Exact here: subtracting 1 from each byte borrows only when some byte is zero.
  return word | (word - 0x0101010101010101u);
}
inline constexpr std::uint64_t high_bits = 0x8080808080808080u;

/// How many bytes at the front of a text of eight or more are found to be in 0x01..0x7f, in steps
/// of 32 and then of 8: all of them, or fewer than there are.
inline std::size_t plain_ascii_prefix(std::string_view text) noexcept {
  constexpr std::size_t word = sizeof(std::uint64_t), step = 4 * word;
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto found = [&] { return static_cast<std::size_t>(at - text.data()); };
  for (; static_cast<std::size_t>(end - at) >= step; at += step) {
    const std::uint64_t beyond = beyond_plain_ascii(at) | beyond_plain_ascii(at + word) |
                                 beyond_plain_ascii(at + 2 * word) |
                                 beyond_plain_ascii(at + 3 * word);
    if ((beyond & high_bits) != 0) return found();
  }
  for (; static_cast<std::size_t>(end - at) > word; at += word)
    if ((beyond_plain_ascii(at) & high_bits) != 0) return found();
  // The last word may overlap the one before.
  if (at != end && (beyond_plain_ascii(end - word) & high_bits) != 0) return found();
  return text.size();
}

/// Length of the well-formed UTF-8 sequence that starts with a byte of 0x80 or more; 0 if none
/// does.
///   first byte  second    further   refuses
///   c2..df      80..bf              c0, c1: overlong
///   e0          a0..bf    80..bf    overlong
///   e1..ef      80..bf    80..bf    ed with a second byte of a0..bf: surrogates
///   f0          90..bf    80..bf x2 overlong
///   f1..f3      80..bf    80..bf x2
///   f4          80..8f    80..bf x2 above U+10FFFF
/// Source  Unicode standard, table 3-7; it is also what the server accepts (pg_utf8_islegal)
inline std::size_t sequence_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const auto within = [&](std::size_t index, unsigned low, unsigned high) {
    return index < text.size() && byte(index) >= low && byte(index) <= high;
  };
  const unsigned first = byte(0);
  if (first >= 0xc2 && first <= 0xdf) return within(1, 0x80, 0xbf) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool second = within(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
    return second && within(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool second = within(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
    return second && within(2, 0x80, 0xbf) && within(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

/// check_text() from where a text is not known to be ASCII. Apart, so that the usual case stays
/// small.
[[gnu::noinline]] inline EncodeError check_text_closely(std::string_view text) noexcept {
  constexpr std::size_t word = sizeof(std::uint64_t);
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= word && (beyond_plain_ascii(text.data() + at) & high_bits) == 0) {
      at += word;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == 0) return EncodeError::embedded_nul;
    const std::size_t length = byte < 0x80 ? 1 : sequence_length(text.substr(at));
    if (length == 0) return EncodeError::invalid_text;
    at += length;
  }
  return EncodeError::none;
}

}  // namespace detail

/// May this text be sent to the server? It must be UTF-8, the client encoding of every connection
/// here, and hold no NUL (Q3).
/// Errors  embedded_nul, invalid_text, too_large: whichever is met first from the front.
inline EncodeError check_text(std::string_view text) noexcept {
  if (text.size() > detail::max_value_size) return EncodeError::too_large;
  if (text.size() >= sizeof(std::uint64_t)) [[likely]]
    text.remove_prefix(detail::plain_ascii_prefix(text));
  return text.empty() ? EncodeError::none : detail::check_text_closely(text);
}

}  // namespace pgreactor
