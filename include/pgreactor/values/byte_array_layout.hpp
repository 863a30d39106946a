#pragma once
#include <array>
#include <cstddef>
#include <cstring>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>

namespace pgreactor::detail {

/// The layout, for SingleTypeCodec, of a type that is T::size bytes and looks inside none of them.
template <class T>
struct ByteArrayLayout {
  static void write(ByteBuffer& out, const T& value) { out.append(Bytes{value.bytes()}); }
  static DecodeError read(Bytes in, T& value) noexcept {
    if (in.size() != T::size)
      return in.size() < T::size ? DecodeError::truncated : DecodeError::trailing;
    std::array<std::byte, T::size> bytes;
    std::memcpy(bytes.data(), in.data(), bytes.size());
    value = T{bytes};
    return DecodeError::none;
  }
};

}  // namespace pgreactor::detail
