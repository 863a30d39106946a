#pragma once
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <type_traits>

namespace pgreactor::detail {

template <std::size_t Size>
using BitsOfSize = std::conditional_t<Size == 2, std::uint16_t,
                                      std::conditional_t<Size == 4, std::uint32_t, std::uint64_t>>;

/// The way between a value and its bytes on the wire, for types whose value in a column of their
/// own type has always the same size. So one comparison finds that a column is of that kind, and
/// the rest is a load or a store. Specialised by the types themselves:
///   using Bits = ...;                                 an unsigned integer, big end first
///   static Bits to_bits(T value) noexcept;
///   static DecodeError from_bits(Bits bits, T& value) noexcept;
template <class T>
struct FixedSizeBits;

template <class T>
concept FixedNumber =
    (std::floating_point<T> || (std::signed_integral<T> && sizeof(T) >= sizeof(std::int16_t))) &&
    sizeof(T) <= sizeof(std::uint64_t);

template <FixedNumber T>
struct FixedSizeBits<T> {
  using Bits = BitsOfSize<sizeof(T)>;
  static Bits to_bits(T value) noexcept { return std::bit_cast<Bits>(value); }
  static DecodeError from_bits(Bits bits, T& value) noexcept {
    value = std::bit_cast<T>(bits);
    return DecodeError::none;
  }
};

template <class T>
concept FixedSize = requires { typename FixedSizeBits<T>::Bits; };

/// The layout of such a type for SingleTypeCodec.
template <class T>
struct FixedSizeLayout {
  static void write(ByteBuffer& out, T value) {
    append_fixed(out, FixedSizeBits<T>::to_bits(value));
  }
  static DecodeError read(Bytes in, T& value) noexcept {
    typename FixedSizeBits<T>::Bits bits = 0;
    const DecodeError error = read_fixed(in, bits);
    return error == DecodeError::none ? FixedSizeBits<T>::from_bits(bits, value) : error;
  }
};

}  // namespace pgreactor::detail
