#pragma once
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor::detail {

/// The codec of a C++ type that has exactly one counterpart on the server and a text of its own.
/// `Layout` names the two directions of the binary form:
///   static void write(ByteBuffer& out, const T& value);
///   static DecodeError read(Bytes in, T& value);
/// and T has `append_to(std::string&)` and `static Decoded<T> parse(std::string_view)`.
template <class T, Oid ServerType, class Layout>
struct SingleTypeCodec {
  static constexpr Oid natural_type = ServerType;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return type == ServerType ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, const T& value, Oid type) {
    if (type == ServerType) [[likely]] {
      Layout::write(out, value);
      return EncodeError::none;
    }
    if (!is_application_type(type)) return EncodeError::type_mismatch;
    std::string text;
    value.append_to(text);
    out.append(std::string_view{text});
    return EncodeError::none;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, T& value) {
    if (type != ServerType) [[unlikely]]
      return DecodeError::type_mismatch;
    if (format == FormatCode::binary) [[likely]]
      return Layout::read(in, value);
    return decode_text(as_text(in), value);
  }

 private:
  // Apart from decode(), so that the binary path stays a few inline instructions.
  [[gnu::noinline]] static DecodeError decode_text(std::string_view text, T& value) {
    Decoded<T> parsed = T::parse(text);
    if (!parsed) return parsed.error();
    value = *std::move(parsed);
    return DecodeError::none;
  }
};

}  // namespace pgreactor::detail
