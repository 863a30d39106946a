#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <pgreactor/values/hexadecimal.hpp>
#include <pgreactor/values/text_scanner.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>
#include <string_view>

namespace pgreactor::detail {

inline constexpr std::size_t ipv4_size = 4;
inline constexpr std::size_t ipv6_words = 8;

inline void append_ipv4(std::string& out, Bytes address) {
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (i != 0) out.push_back('.');
    append_padded(out, std::to_integer<unsigned>(address[i]), 1);
  }
}

/// A run of words of an IPv6 address that are 0.
struct ZeroRun {
  std::size_t begin = 0;
  std::size_t size = 0;
  constexpr bool has(std::size_t word) const noexcept {
    return word >= begin && word < begin + size;
  }
};

/// The longest run, the first of several; a single word is none.
inline ZeroRun longest_zero_run(const std::array<unsigned, ipv6_words>& words) noexcept {
  ZeroRun best;
  ZeroRun run;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != 0) {
      run.size = 0;
      continue;
    }
    if (run.size++ == 0) run.begin = i;
    if (run.size > best.size) best = run;
  }
  return best.size < 2 ? ZeroRun{} : best;
}

inline void append_hexadecimal_word(std::string& out, unsigned word) {
  constexpr std::string_view digits = "0123456789abcdef";
  bool leading = true;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const unsigned digit = (word >> shift) & 0xf;
    leading = leading && digit == 0 && shift != 0;
    if (!leading) out.push_back(digits[digit]);
  }
}

/// Words in hexadecimal, the longest run of zeros as "::"; the last two as an IPv4 address where
/// the server takes them for one (::1.2.3.4 and ::ffff:1.2.3.4).
/// Source  src/port/inet_net_ntop.c
inline void append_ipv6(std::string& out, Bytes address) {
  std::array<unsigned, ipv6_words> words{};
  for (std::size_t i = 0; i < words.size(); ++i)
    words[i] = std::to_integer<unsigned>(address[2 * i]) << 8 |
               std::to_integer<unsigned>(address[2 * i + 1]);
  const ZeroRun zeros = longest_zero_run(words);
  const bool embeds_v4 =
      zeros.begin == 0 && (zeros.size == 6 || (zeros.size == 7 && words[7] != 1) ||
                           (zeros.size == 5 && words[5] == 0xffff));
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (zeros.has(i)) {
      if (i == zeros.begin) out.push_back(':');
      continue;
    }
    if (i != 0) out.push_back(':');
    if (i == 6 && embeds_v4) return append_ipv4(out, address.subspan(2 * i));
    append_hexadecimal_word(out, words[i]);
  }
  if (zeros.size != 0 && zeros.begin + zeros.size == words.size()) out.push_back(':');
}

/// `address` has 4 or 16 bytes.
inline void append_ip_address(std::string& out, Bytes address) {
  if (address.size() == ipv4_size)
    append_ipv4(out, address);
  else
    append_ipv6(out, address);
}

inline bool parse_ipv4(TextScanner& in, std::byte* address) noexcept {
  constexpr std::int64_t most = 255;
  for (std::size_t i = 0; i < ipv4_size; ++i) {
    if (i != 0 && !in.accept('.')) return false;
    const auto number = in.number(1, 3);
    if (!number || *number > most) return false;
    address[i] = static_cast<std::byte>(*number);
  }
  return in.at_end();
}

inline bool parse_ipv6(TextScanner& in, std::array<std::byte, 2 * ipv6_words>& address) noexcept {
  std::size_t taken = 0;             // words so far
  std::size_t gap = ipv6_words + 1;  // where "::" stands among them
  if (in.accept(std::string_view{"::"})) gap = 0;
  while (!in.at_end() && taken < ipv6_words) {
    const std::size_t digits = std::min(in.rest().find_first_of(":."), in.rest().size());
    if (digits < in.rest().size() && in.rest()[digits] == '.') {
      if (taken + 2 > ipv6_words || !parse_ipv4(in, address.data() + 2 * taken)) return false;
      taken += 2;
      break;
    }
    if (digits == 0 || digits > 4) return false;
    unsigned word = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const int digit = hexadecimal_digit(in.take());
      if (digit < 0) return false;
      word = word * 16 + static_cast<unsigned>(digit);
    }
    address[2 * taken] = static_cast<std::byte>(word >> 8);
    address[2 * taken + 1] = static_cast<std::byte>(word & 0xff);
    ++taken;
    if (in.at_end()) break;
    if (gap > ipv6_words && in.accept(std::string_view{"::"}))
      gap = taken;
    else if (!in.accept(':') || in.at_end())
      return false;
  }
  if (!in.at_end()) return false;
  if (gap > ipv6_words) return taken == ipv6_words;
  if (taken == ipv6_words) return false;  // "::" stands for one word at least
  const auto first = address.begin() + static_cast<std::ptrdiff_t>(2 * gap);
  std::rotate(first, address.begin() + static_cast<std::ptrdiff_t>(2 * taken), address.end());
  return true;
}

/// The bytes that `address` now begins with: 4, 16, or 0 when the text is no address.
inline std::size_t parse_ip_address(std::string_view text,
                                    std::array<std::byte, 2 * ipv6_words>& address) noexcept {
  TextScanner in{text};
  const bool is_v6 = text.find(':') != std::string_view::npos;
  if (is_v6) return parse_ipv6(in, address) ? address.size() : 0;
  return parse_ipv4(in, address.data()) ? ipv4_size : 0;
}

}  // namespace pgreactor::detail
