#pragma once
#include <cassert>
#include <concepts>
#include <cstddef>
#include <optional>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <type_traits>

namespace pgreactor {

namespace detail {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

}  // namespace detail

/// T that SQL NULL converts to: std::optional, and the constants nullopt and nullptr.
template <class T>
concept Nullable = detail::IsOptional<T>::value || std::same_as<T, std::nullopt_t> ||
                   std::same_as<T, std::nullptr_t>;

/// Is this value SQL NULL? An empty optional, nullopt, nullptr, a null pointer to text, and what
/// its codec says are. The caller sends length -1 for it and does not encode.
template <class T>
constexpr bool is_null(const T& value) noexcept {
  if constexpr (detail::IsOptional<T>::value)
    return !value.has_value();
  else if constexpr (std::is_pointer_v<T>)
    return value == nullptr;
  else if constexpr (requires { ValueCodec<T>::is_null(value); })
    return ValueCodec<T>::is_null(value);
  else
    return Nullable<T>;
}

/// What is inside an optional that is not null; any other value is itself.
template <class T>
constexpr const auto& unwrap(const T& value) noexcept {
  if constexpr (detail::IsOptional<T>::value) {
    assert(value.has_value());
    return *value;
  } else {
    return value;
  }
}

/// Decodes a column's value that may be NULL.
/// Errors  null_value when it is NULL and T has no null; else those of ValueCodec<T>::decode.
template <Value T>
DecodeError decode_nullable(NullableBytes in, Oid type, FormatCode format, T& value) {
  if (in) [[likely]]
    return ValueCodec<T>::decode(*in, type, format, value);
  if constexpr (detail::IsOptional<T>::value) {
    value.reset();
    return DecodeError::none;
  } else if constexpr (requires { ValueCodec<T>::set_null(value); }) {
    ValueCodec<T>::set_null(value);
    return DecodeError::none;
  } else {
    return DecodeError::null_value;
  }
}

/// std::optional<T> is T, or SQL NULL. Its codec sees only values that are not NULL.
template <Value T>
  requires(!Nullable<T>)
struct ValueCodec<std::optional<T>> {
  static constexpr Oid natural_type = ValueCodec<T>::natural_type;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return ValueCodec<T>::parameter_format(type);
  }
  static EncodeError encode(ByteBuffer& out, const std::optional<T>& value, Oid type) {
    return ValueCodec<T>::encode(out, unwrap(value), type);
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, std::optional<T>& value) {
    return ValueCodec<T>::decode(in, type, format, value.emplace());
  }
};

template <class T>
inline constexpr bool keeps_view<std::optional<T>> = keeps_view<T>;

namespace detail {

/// The codec of the two constants that are always NULL: a parameter of any type, and no column.
template <class T>
struct NullCodec {
  static constexpr Oid natural_type = oid::text;

  static constexpr FormatCode parameter_format(Oid) noexcept { return FormatCode::text; }
  static EncodeError encode(ByteBuffer&, T, Oid) noexcept {
    assert(!"NULL is sent as length -1, never encoded");
    return EncodeError::type_mismatch;
  }
  static DecodeError decode(Bytes, Oid, FormatCode, T) noexcept {
    return DecodeError::type_mismatch;
  }
};

}  // namespace detail

template <>
struct ValueCodec<std::nullopt_t> : detail::NullCodec<std::nullopt_t> {};
template <>
struct ValueCodec<std::nullptr_t> : detail::NullCodec<std::nullptr_t> {};

}  // namespace pgreactor
