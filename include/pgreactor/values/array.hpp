#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pgreactor/values/append_value.hpp>
#include <pgreactor/values/array_layout.hpp>
#include <pgreactor/values/array_text.hpp>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/optional.hpp>
#include <pgreactor/values/wire_value.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pgreactor {

template <class T>
inline constexpr bool keeps_view<std::vector<T>> = keeps_view<T>;

namespace detail {

/// May T be an element of an array? Vectors are a dimension more, and characters a text.
template <class T>
struct IsElement : std::bool_constant<!std::is_same_v<T, std::byte> && !std::is_same_v<T, char>> {};
template <class T>
struct IsElement<std::vector<T>> : std::bool_constant<std::is_same_v<T, std::byte>> {};
template <class T>
struct IsElement<std::optional<T>> : IsElement<T> {};

/// The type of the elements of `type`, 0 when only the server knows it; nothing when `type` is
/// known here and is no array.
constexpr std::optional<Oid> element_type_of(Oid type) noexcept {
  if (const Oid element = element_type(type); element != oid::unspecified) return element;
  if (has_binary_decoder(type)) return std::nullopt;
  return oid::unspecified;
}

/// What the text of an element is read as: the elements of a type of the application's, such as an
/// array of a domain, as T's own counterpart.
template <class T>
constexpr Oid text_element_type(Oid element) noexcept {
  return element == oid::unspecified ? ValueCodec<T>::natural_type : element;
}

/// Reads the elements behind a header, one after the other.
template <class T>
DecodeError read_elements(ValueReader& in, std::size_t count, Oid element, std::vector<T>& values) {
  // So many at once: an element takes more memory here than the four bytes that announce it.
  constexpr std::size_t most_reserved = 1024;
  values.reserve(std::min(count, most_reserved));
  for (std::size_t i = 0; i < count; ++i) {
    Bytes bytes;
    bool null = false;
    DecodeError error = read_array_element(in, bytes, null);
    T value{};
    if (error == DecodeError::none) {
      const NullableBytes nullable = null ? NullableBytes{} : NullableBytes{bytes};
      error = decode_nullable(nullable, element, FormatCode::binary, value);
    }
    if (error != DecodeError::none) return error;
    values.push_back(std::move(value));
  }
  return in.error();
}

/// Appends one element as it stands in an array's text, quoted whether or not it needs it.
template <class T>
EncodeError append_element(ByteBuffer& out, const T& value, Oid element) {
  if (is_null(value)) {
    out.append(std::string_view{"NULL"});
    return EncodeError::none;
  }
  ByteBuffer text;
  const EncodeError error = ValueCodec<T>::encode(text, value, element);
  if (error == EncodeError::none) append_quoted_element(out, as_text(text.bytes()));
  return error;
}

}  // namespace detail

/// A vector <-> an array of one dimension whose elements convert.
/// Shape      std::vector<T>, or std::vector<std::optional<T>> when elements may be NULL.
/// Parameter  binary when the elements are, else the array's text, each element quoted.
/// Column     lower bounds are not kept.
/// Errors     null_value for a NULL element that T cannot hold; out_of_range for more than one
///            dimension; those of the elements. On an error the vector holds what came before it.
template <class T>
  requires(Value<T> && detail::IsElement<T>::value)
struct ValueCodec<std::vector<T>> {
  using Codec = ValueCodec<T>;
  static constexpr Oid natural_type = array_type(Codec::natural_type);

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    const auto element = detail::element_type_of(type);
    return element ? Codec::parameter_format(*element) : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, const std::vector<T>& values, Oid type) {
    const auto element = detail::element_type_of(type);
    if (!element) return EncodeError::type_mismatch;
    const std::size_t start = out.size();
    const EncodeError error = Codec::parameter_format(*element) == FormatCode::binary
                                  ? encode_binary(out, values, *element)
                                  : encode_text(out, values, *element);
    const bool fits = out.size() - start <= detail::max_value_size;
    return error == EncodeError::none && !fits ? EncodeError::too_large : error;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, std::vector<T>& values) {
    const auto element = detail::element_type_of(type);
    if (!element) return DecodeError::type_mismatch;
    values.clear();
    if (format == FormatCode::text)
      return decode_text(as_text(in), detail::text_element_type<T>(*element), values);
    if (*element == oid::unspecified) return DecodeError::type_mismatch;
    return decode_binary(in, *element, values);
  }

 private:
  static EncodeError encode_binary(ByteBuffer& out, const std::vector<T>& values, Oid element) {
    if (values.size() > detail::max_value_size / sizeof(detail::null_length))
      return EncodeError::too_large;
    detail::append_fixed(out, std::int32_t{values.empty() ? 0 : 1});
    const std::size_t flags_at = out.size();
    detail::append_fixed(out, std::int32_t{0});
    detail::append_fixed(out, element);
    if (values.empty()) return EncodeError::none;
    detail::append_fixed(out, static_cast<std::int32_t>(values.size()));
    detail::append_fixed(out, std::int32_t{1});

    bool any_null = false;
    for (const T& value : values) {
      if (is_null(value)) {
        detail::append_fixed(out, detail::null_length);
        any_null = true;
      } else if (const EncodeError error = detail::append_value(out, value, element);
                 error != EncodeError::none) {
        return error;
      }
    }
    store_big_endian(out.at(flags_at), std::int32_t{any_null ? 1 : 0});
    return EncodeError::none;
  }
  static EncodeError encode_text(ByteBuffer& out, const std::vector<T>& values, Oid element) {
    constexpr std::string_view open = "{";
    const char delimiter = array_delimiter(element);
    constexpr std::string_view close = "}";
    out.append(open);
    bool first = true;
    for (const T& value : values) {
      if (!std::exchange(first, false)) out.append(std::string_view{&delimiter, 1});
      if (const EncodeError error = detail::append_element(out, value, element);
          error != EncodeError::none)
        return error;
    }
    out.append(close);
    return EncodeError::none;
  }

  static DecodeError decode_binary(Bytes in, Oid element, std::vector<T>& values) {
    detail::ValueReader reader{in};
    detail::ArrayHeader header;
    if (const DecodeError error = detail::read_array_header(reader, element, header);
        error != DecodeError::none)
      return error;
    if (header.dimension_count > 1) return DecodeError::out_of_range;
    return detail::read_elements(reader, header.elements, element, values);
  }
  static DecodeError decode_text(std::string_view text, Oid element, std::vector<T>& values) {
    if constexpr (keeps_view<T>) {
      return DecodeError::type_mismatch;  // what was escaped has no bytes to point at
    } else {
      detail::ArrayTextReader reader{text, array_delimiter(element)};
      if (const DecodeError error = reader.open(); error != DecodeError::none) return error;
      while (!reader.done()) {
        if (const DecodeError error = reader.next(); error != DecodeError::none) return error;
        const NullableBytes nullable =
            reader.null() ? NullableBytes{} : NullableBytes{as_bytes(reader.text())};
        if (const DecodeError error = add(nullable, element, FormatCode::text, values);
            error != DecodeError::none)
          return error;
      }
      return reader.close();
    }
  }
  static DecodeError add(NullableBytes in, Oid element, FormatCode format, std::vector<T>& values) {
    T value{};
    const DecodeError error = decode_nullable(in, element, format, value);
    if (error == DecodeError::none) values.push_back(std::move(value));
    return error;
  }
};

}  // namespace pgreactor
