#pragma once
#include <cstdint>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/wire_value.hpp>

namespace pgreactor {

/// bool <-> boolean: one byte, 0 or 1; its text is "t" or "f". No number converts to it.
template <>
struct ValueCodec<bool> {
  static constexpr Oid natural_type = oid::boolean;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return type == oid::boolean ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, bool value, Oid type) {
    if (type == oid::boolean) [[likely]]
      detail::append_fixed(out, static_cast<std::uint8_t>(value ? 1 : 0));
    else if (is_application_type(type))
      out.append(std::string_view{value ? "t" : "f"});
    else
      return EncodeError::type_mismatch;
    return EncodeError::none;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, bool& value) noexcept {
    if (type != oid::boolean) [[unlikely]]
      return DecodeError::type_mismatch;
    std::uint8_t byte = 0;
    if (const DecodeError error = detail::read_fixed(in, byte); error != DecodeError::none)
      return error;
    const unsigned no = format == FormatCode::binary ? 0 : 'f';
    const unsigned yes = format == FormatCode::binary ? 1 : 't';
    if (byte != no && byte != yes) return DecodeError::invalid;
    value = byte == yes;
    return DecodeError::none;
  }
};

}  // namespace pgreactor
