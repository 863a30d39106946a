#pragma once
#include <algorithm>
#include <array>
#include <cassert>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <pgreactor/values/inet_text.hpp>
#include <pgreactor/values/single_type_codec.hpp>
#include <string>
#include <string_view>

namespace pgreactor {

/// inet (an address, perhaps of a host within a network) and cidr (a network). They do not convert
/// to each other: a cidr has no bits beyond its prefix.
/// Shape   an IPv4 address of 4 bytes or an IPv6 address of 16, first byte first.
/// Units   prefix() counts the leading bits that name the network; all of them for a lone host.
/// Errors  invalid for what is none, out_of_range for a prefix too long, and for a cidr with bits
///         set beyond its prefix.
/// Source  postgresql.org/docs/current/datatype-net-types.html
template <bool Network>
class BasicInet {
 public:
  static constexpr std::size_t v4_size = 4;
  static constexpr std::size_t v6_size = 16;

  /// 0.0.0.0/32
  constexpr BasicInet() = default;
  /// `address` has 4 or 16 bytes.
  static Decoded<BasicInet> from(Bytes address, unsigned prefix) noexcept;
  /// Reads "192.168.0.1/24" and "2001:db8::1/64"; without "/" all bits are meant.
  static Decoded<BasicInet> parse(std::string_view text) noexcept;

  constexpr bool is_v4() const noexcept { return size_ == v4_size; }
  Bytes address() const noexcept { return Bytes{bytes_}.first(size_); }
  constexpr unsigned prefix() const noexcept { return prefix_; }
  /// The server's text: a prefix of all bits is left out of an inet.
  std::string to_string() const {
    std::string text;
    append_to(text);
    return text;
  }
  void append_to(std::string& out) const;

  friend bool operator==(const BasicInet&, const BasicInet&) = default;
  /// IPv4 before IPv6, then by address and prefix. The server orders by network first.
  friend auto operator<=>(const BasicInet&, const BasicInet&) = default;

 private:
  static constexpr unsigned bits_in(std::size_t bytes) noexcept {
    return static_cast<unsigned>(bytes * 8);
  }
  bool has_host_bits() const noexcept;

  std::uint8_t size_ = v4_size;
  std::array<std::byte, v6_size> bytes_{};  // those beyond size_ are 0
  std::uint8_t prefix_ = 32;
};

using Inet = BasicInet<false>;
using Cidr = BasicInet<true>;

template <bool Network>
bool BasicInet<Network>::has_host_bits() const noexcept {
  for (unsigned bit = prefix_; bit < bits_in(size_); ++bit)
    if ((bytes_[bit / 8] & (std::byte{0x80} >> (bit % 8))) != std::byte{0}) return true;
  return false;
}

template <bool Network>
Decoded<BasicInet<Network>> BasicInet<Network>::from(Bytes address, unsigned prefix) noexcept {
  if (address.size() != v4_size && address.size() != v6_size) return DecodeError::invalid;
  if (prefix > bits_in(address.size())) return DecodeError::out_of_range;
  BasicInet result;
  result.size_ = static_cast<std::uint8_t>(address.size());
  std::copy(address.begin(), address.end(), result.bytes_.begin());
  result.prefix_ = static_cast<std::uint8_t>(prefix);
  if (Network && result.has_host_bits()) return DecodeError::out_of_range;
  return result;
}

template <bool Network>
Decoded<BasicInet<Network>> BasicInet<Network>::parse(std::string_view text) noexcept {
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::array<std::byte, v6_size> bytes{};
  const std::size_t size = detail::parse_ip_address(text.substr(0, slash), bytes);
  if (size == 0) return DecodeError::invalid;
  std::int64_t prefix = bits_in(size);
  if (slash < text.size()) {
    detail::TextScanner in{text.substr(slash + 1)};
    const auto written = in.number(1, 3);
    if (!written || !in.at_end()) return DecodeError::invalid;
    prefix = *written;
  }
  return from(Bytes{bytes}.first(size), static_cast<unsigned>(prefix));
}

template <bool Network>
void BasicInet<Network>::append_to(std::string& out) const {
  detail::append_ip_address(out, address());
  if (!Network && prefix_ == bits_in(size_)) return;
  out.push_back('/');
  detail::append_padded(out, prefix_, 1);
}

namespace detail {

// u8 family   2 (IPv4) or 3 (IPv6), whatever the platform calls them
// u8 prefix
// u8 1 for cidr, 0 for inet
// u8 size     4 or 16
// u8[size]
// Source  src/backend/utils/adt/network.c, network_send
template <bool Network>
struct InetLayout {
  static constexpr std::uint8_t v4_family = 2;
  static constexpr std::uint8_t v6_family = 3;

  static void write(ByteBuffer& out, const BasicInet<Network>& value) {
    append_fixed(out, value.is_v4() ? v4_family : v6_family);
    append_fixed(out, static_cast<std::uint8_t>(value.prefix()));
    append_fixed(out, std::uint8_t{Network ? 1 : 0});
    append_fixed(out, static_cast<std::uint8_t>(value.address().size()));
    out.append(value.address());
  }
  static DecodeError read(Bytes in, BasicInet<Network>& value) noexcept {
    ValueReader reader{in};
    const auto family = reader.number<std::uint8_t>();
    const auto prefix = reader.number<std::uint8_t>();
    const auto network = reader.number<std::uint8_t>();
    const auto size = reader.number<std::uint8_t>();
    if (reader.ran_short()) return DecodeError::truncated;
    const std::size_t expected = family == v4_family   ? BasicInet<Network>::v4_size
                                 : family == v6_family ? BasicInet<Network>::v6_size
                                                       : 0;
    if (expected == 0 || size != expected || network != (Network ? 1 : 0))
      return DecodeError::invalid;
    const Bytes address = reader.take(size);
    if (const DecodeError error = reader.error(); error != DecodeError::none) return error;
    const auto read = BasicInet<Network>::from(address, prefix);
    if (!read) return DecodeError::invalid;
    value = *read;
    return DecodeError::none;
  }
};

}  // namespace detail

/// Inet <-> inet.
template <>
struct ValueCodec<Inet> : detail::SingleTypeCodec<Inet, oid::inet, detail::InetLayout<false>> {};
/// Cidr <-> cidr.
template <>
struct ValueCodec<Cidr> : detail::SingleTypeCodec<Cidr, oid::cidr, detail::InetLayout<true>> {};

}  // namespace pgreactor
