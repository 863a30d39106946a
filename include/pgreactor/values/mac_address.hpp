#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <pgreactor/values/byte_array_layout.hpp>
#include <pgreactor/values/hexadecimal.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// macaddr and macaddr8: the address of a network card, of 6 or 8 bytes.
/// Errors  parse(): invalid for what is not that many pairs of hexadecimal digits with ":" between.
/// Source  postgresql.org/docs/current/datatype-net-types.html
template <std::size_t Size>
class BasicMacAddress {
 public:
  static constexpr std::size_t size = Size;

  BasicMacAddress() = default;
  explicit BasicMacAddress(const std::array<std::byte, Size>& bytes) noexcept : bytes_(bytes) {}
  static Decoded<BasicMacAddress> parse(std::string_view text) noexcept {
    if (text.size() != 3 * Size - 1) return DecodeError::invalid;
    BasicMacAddress result;
    for (std::size_t i = 0; i < Size; ++i) {
      const int byte = detail::hexadecimal_byte(text[3 * i], text[3 * i + 1]);
      if (byte < 0 || (i + 1 < Size && text[3 * i + 2] != ':')) return DecodeError::invalid;
      result.bytes_[i] = static_cast<std::byte>(byte);
    }
    return result;
  }

  const std::array<std::byte, Size>& bytes() const noexcept { return bytes_; }
  /// "08:00:2b:01:02:03", lower case as the server writes it.
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const {
    for (std::size_t i = 0; i < Size; ++i) {
      if (i != 0) out.push_back(':');
      detail::append_hexadecimal(out, Bytes{bytes_}.subspan(i, 1));
    }
  }

  friend bool operator==(const BasicMacAddress&, const BasicMacAddress&) = default;
  friend auto operator<=>(const BasicMacAddress&, const BasicMacAddress&) = default;

 private:
  std::array<std::byte, Size> bytes_{};
};

using MacAddress = BasicMacAddress<6>;
using MacAddress8 = BasicMacAddress<8>;

/// MacAddress <-> macaddr.
template <>
struct ValueCodec<MacAddress>
    : detail::SingleTypeCodec<MacAddress, oid::macaddr, detail::ByteArrayLayout<MacAddress>> {};
/// MacAddress8 <-> macaddr8.
template <>
struct ValueCodec<MacAddress8>
    : detail::SingleTypeCodec<MacAddress8, oid::macaddr8, detail::ByteArrayLayout<MacAddress8>> {};

}  // namespace pgreactor
