#pragma once
#include <concepts>
#include <cstdint>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <string_view>
#include <type_traits>

namespace pgreactor {

/// Why a C++ value cannot become a parameter of the server's type. `none` is success.
enum class EncodeError : std::uint8_t {
  none,
  type_mismatch,  ///< this C++ type never converts to that server type
  out_of_range,   ///< it does, but this value does not fit
  embedded_nul,   ///< text with a NUL byte, which PostgreSQL cannot hold
  invalid_text,   ///< text that is not UTF-8
  too_large,      ///< more than a message may carry
};

constexpr std::string_view name_of(EncodeError error) noexcept {
  switch (error) {
    case EncodeError::none:
      return "no error";
    case EncodeError::type_mismatch:
      return "the types do not convert";
    case EncodeError::out_of_range:
      return "the value is out of range";
    case EncodeError::embedded_nul:
      return "the text holds a NUL byte";
    case EncodeError::invalid_text:
      return "the text is not valid UTF-8";
    case EncodeError::too_large:
      return "the value is too large";
  }
  return "unknown";
}

/// How a C++ type travels as a PostgreSQL value. Specialised for each type of values/; an
/// application may specialise it for its own types.
///
///   static constexpr FormatCode parameter_format(Oid server_type) noexcept;
///       the format encode() writes for a parameter of that type; text when in doubt
///   static EncodeError encode(ByteBuffer& out, const T& value, Oid server_type);
///       appends the value's bytes in that format, without a length; on an error what was
///       appended is of no meaning and the caller truncates
///   static EncodeError encode_with_length(ByteBuffer& out, const T& value, Oid server_type);
///       optional, for a length that is known beforehand: appends it as i32, then as encode() does
///   static FormatCode format_of(const T& value, Oid server_type) noexcept;
///   static EncodeError append(ByteBuffer& out, const T& value, Oid server_type);
///       optional, both or neither, for a T whose format its value decides: a parameter's format,
///       and its length, as i32, and bytes in that
///   static bool is_null(const T& value) noexcept;
///   static void set_null(T& value) noexcept;
///       optional, both or neither, for a T that has an SQL NULL of its own
///   static DecodeError decode(Bytes in, Oid server_type, FormatCode format, T& value);
///       reads all of `in`, or says why not; O(size of in); `value` may keep views only when T
///       is itself a view
///   static constexpr Oid natural_type = oid::…;
///       the server type this C++ type is the counterpart of, for statements without a table
template <class T>
struct ValueCodec;

/// T can be bound to `$n` and read from a column.
template <class T>
concept Value = requires(ByteBuffer& out, const T& value, T& target, Bytes in, Oid type) {
  { ValueCodec<T>::parameter_format(type) } -> std::same_as<FormatCode>;
  { ValueCodec<T>::encode(out, value, type) } -> std::same_as<EncodeError>;
  { ValueCodec<T>::decode(in, type, FormatCode::binary, target) } -> std::same_as<DecodeError>;
};

/// Does a decoded T point into the bytes it came from, by itself or by a member? Where these bytes
/// would be gone, a T is no target: a text is unescaped into memory of its own before its parts are
/// read. An application's own view type says so by specialising this.
template <class T>
inline constexpr bool keeps_view = std::is_same_v<T, std::string_view> || std::is_same_v<T, Bytes>;

}  // namespace pgreactor
