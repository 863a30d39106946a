#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/fixed_size.hpp>
#include <pgreactor/values/optional.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <type_traits>

namespace pgreactor::detail {

/// Appends a value's length and bytes, or the length that means NULL: a parameter, a column of
/// COPY, an element of an array. The format is what the codec's parameter_format() says.
template <class T>
EncodeError append_value(ByteBuffer& out, const T& value, Oid type) {
  if constexpr (std::is_same_v<T, std::nullopt_t> || std::is_same_v<T, std::nullptr_t>) {
    append_fixed(out, null_length);
    return EncodeError::none;
  } else if constexpr (requires {
                         value.has_value();
                         value.value();
                       }) {
    return value.has_value() ? append_value(out, *value, type)
                             : append_value(out, std::nullopt, type);
  } else if constexpr (requires { ValueCodec<T>::append(out, value, type); }) {
    return ValueCodec<T>::append(out, value, type);
  } else {
    if (pgreactor::is_null(value)) return append_value(out, std::nullopt, type);
    if constexpr (requires { ValueCodec<T>::encode_with_length(out, value, type); })
      return ValueCodec<T>::encode_with_length(out, value, type);
    if constexpr (FixedSize<T>) {
      using Bits = typename FixedSizeBits<T>::Bits;
      if (type == ValueCodec<T>::natural_type) [[likely]] {
        std::byte* const at = out.extend(sizeof(null_length) + sizeof(Bits));
        store_big_endian(at, static_cast<std::int32_t>(sizeof(Bits)));
        store_big_endian(at + sizeof(null_length), FixedSizeBits<T>::to_bits(value));
        return EncodeError::none;
      }
    }
    const std::size_t start = out.size();
    out.extend(sizeof(null_length));
    const EncodeError error = ValueCodec<T>::encode(out, value, type);
    const std::size_t length = out.size() - start - sizeof(null_length);
    if (error == EncodeError::none && length > max_value_size) return EncodeError::too_large;
    store_big_endian(out.at(start), static_cast<std::int32_t>(length));
    return error;
  }
}

}  // namespace pgreactor::detail
