#pragma once
#include <cstddef>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>

namespace pgreactor::detail {

/// Appends two lower-case digits per byte.
inline void append_hexadecimal(std::string& out, Bytes bytes) {
  constexpr char digits[] = "0123456789abcdef";
  const std::size_t before = out.size();
  out.resize(before + 2 * bytes.size());
  char* at = out.data() + before;
  for (const std::byte byte : bytes) {
    *at++ = digits[std::to_integer<unsigned>(byte) >> 4];
    *at++ = digits[std::to_integer<unsigned>(byte) & 0xf];
  }
}

/// 0..15, or -1 when it is no hexadecimal digit.
constexpr int hexadecimal_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// 0..255, or -1 when one of them is no hexadecimal digit.
constexpr int hexadecimal_byte(char high, char low) noexcept {
  const int a = hexadecimal_digit(high);
  const int b = hexadecimal_digit(low);
  return a < 0 || b < 0 ? -1 : a * 16 + b;
}

}  // namespace pgreactor::detail
