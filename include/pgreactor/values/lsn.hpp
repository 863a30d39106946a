#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <pgreactor/values/hexadecimal.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// pg_lsn: a place in the write-ahead log.
/// Units   bytes from the beginning of the log; the difference of two is what lies between them.
/// Errors  parse(): invalid for what is not up to eight hexadecimal digits on either side of "/".
class Lsn {
 public:
  constexpr Lsn() = default;
  constexpr explicit Lsn(std::uint64_t position) noexcept : position_(position) {}
  static Decoded<Lsn> parse(std::string_view text) noexcept;

  constexpr std::uint64_t position() const noexcept { return position_; }
  /// "16/B374D848", without zeros in front. A server newer than 18 may write them.
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const {
    append_half(out, static_cast<std::uint32_t>(position_ >> half));
    out.push_back('/');
    append_half(out, static_cast<std::uint32_t>(position_));
  }

  friend constexpr bool operator==(const Lsn&, const Lsn&) = default;
  friend constexpr auto operator<=>(const Lsn&, const Lsn&) = default;

 private:
  static constexpr unsigned half = 32;
  static void append_half(std::string& out, std::uint32_t value) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    char text[2 * sizeof(value)];
    std::size_t at = sizeof(text);
    do {
      text[--at] = digits[value % 16];
      value /= 16;
    } while (value != 0);
    out.append(text + at, sizeof(text) - at);
  }
  static bool parse_half(std::string_view text, std::uint32_t& value) noexcept {
    if (text.empty() || text.size() > 2 * sizeof(value)) return false;
    value = 0;
    for (const char c : text) {
      const int digit = detail::hexadecimal_digit(c);
      if (digit < 0) return false;
      value = value * 16 + static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  std::uint64_t position_ = 0;
};

inline Decoded<Lsn> Lsn::parse(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  if (slash == std::string_view::npos || !parse_half(text.substr(0, slash), high) ||
      !parse_half(text.substr(slash + 1), low))
    return DecodeError::invalid;
  return Lsn{(std::uint64_t{high} << half) | low};
}

namespace detail {

struct LsnLayout {
  static void write(ByteBuffer& out, Lsn value) { append_fixed(out, value.position()); }
  static DecodeError read(Bytes in, Lsn& value) noexcept {
    std::uint64_t position = 0;
    const DecodeError error = read_fixed(in, position);
    if (error == DecodeError::none) value = Lsn{position};
    return error;
  }
};

}  // namespace detail

/// Lsn <-> pg_lsn.
template <>
struct ValueCodec<Lsn> : detail::SingleTypeCodec<Lsn, oid::pg_lsn, detail::LsnLayout> {};

}  // namespace pgreactor
