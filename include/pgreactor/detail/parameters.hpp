#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pgreactor/detail/awaitable.hpp>
#include <pgreactor/values/append_value.hpp>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/fixed_size.hpp>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pgreactor::detail {

/// How a value waits for its co_await: text as a view, small plain things by value, other lvalues
/// by pointer, other rvalues moved in. So a statement that is kept before it is awaited never
/// refers to a temporary, and none copies a string.
template <class T>
class HeldByPointer {
 public:
  explicit HeldByPointer(const T& value) noexcept : value_(&value) {}
  const T& get() const noexcept { return *value_; }

 private:
  const T* value_;
};

template <class T>
class HeldByValue {
 public:
  template <class U>
  explicit HeldByValue(U&& value) : value_(std::forward<U>(value)) {}
  const T& get() const noexcept { return value_; }

 private:
  T value_;
};

/// A pointer to text, which is SQL NULL when it is null: a view made of it would measure nothing.
class HeldTextPointer {
 public:
  explicit HeldTextPointer(const char* text) noexcept {
    if (text != nullptr) value_ = std::string_view(text);
  }
  const std::optional<std::string_view>& get() const noexcept { return value_; }

 private:
  std::optional<std::string_view> value_;
};

template <class T>
concept TextPointer = std::same_as<std::remove_cvref_t<T>, const char*> ||
                      std::same_as<std::remove_cvref_t<T>, char*>;

/// Literals among them: an array is never null.
template <class T>
concept TextLvalue = std::is_lvalue_reference_v<T> && std::convertible_to<T, std::string_view>;

template <class T>
concept SmallAndPlain = std::is_trivially_copyable_v<std::remove_cvref_t<T>> &&
                        sizeof(std::remove_cvref_t<T>) <= 2 * sizeof(void*);

template <class T>
struct HoldFor {
  using Plain = std::remove_cvref_t<T>;
  using type =
      std::conditional_t<TextLvalue<T>, HeldByValue<std::string_view>,
                         std::conditional_t<std::is_lvalue_reference_v<T> && !SmallAndPlain<T>,
                                            HeldByPointer<Plain>, HeldByValue<Plain>>>;
};
template <TextPointer T>
struct HoldFor<T> {
  using type = HeldTextPointer;
};
template <class T>
using Hold = typename HoldFor<T>::type;

/// Which value was refused, and why.
struct ParameterFailure {
  EncodeError error = EncodeError::none;
  std::size_t index = 0;
};

template <class T>
FormatCode format_of([[maybe_unused]] const T& value, [[maybe_unused]] Oid type) noexcept {
  if constexpr (std::is_same_v<T, std::nullopt_t> || std::is_same_v<T, std::nullptr_t>) {
    return FormatCode::binary;
  } else if constexpr (requires(const T& o) {
                         o.has_value();
                         o.value();
                       }) {
    return value.has_value() ? format_of(*value, type) : FormatCode::binary;
  } else if constexpr (requires { ValueCodec<T>::format_of(value, type); }) {
    return ValueCodec<T>::format_of(value, type);
  } else {
    if constexpr (FixedSize<T>)
      if (type == ValueCodec<T>::natural_type) [[likely]]
        return FormatCode::binary;
    return ValueCodec<T>::parameter_format(type);
  }
}

/// The middle of a Bind message:  n u16, format u16[n]   n u16, { length i32, bytes }[n]
/// `types` has as many entries as `values`, which was checked.
template <class... Held, std::size_t... I>
ParameterFailure write_parameters([[maybe_unused]] const std::tuple<Held...>& values,
                                  [[maybe_unused]] std::span<const Oid> types, ByteBuffer& out,
                                  std::index_sequence<I...>) {
  constexpr auto count = static_cast<std::uint16_t>(sizeof...(Held));
  std::byte* formats = out.extend(2 * sizeof(count) + sizeof...(Held) * sizeof(FormatCode));
  store_big_endian(formats, count);
  ((store_big_endian(formats + sizeof(count) + I * sizeof(FormatCode),
                     static_cast<std::uint16_t>(format_of(std::get<I>(values).get(), types[I])))),
   ...);
  store_big_endian(formats + sizeof(count) + sizeof...(Held) * sizeof(FormatCode), count);

  ParameterFailure failure;
  // && stops at the first value that is refused
  static_cast<void>((((failure.error = append_value(out, std::get<I>(values).get(), types[I])) ==
                          EncodeError::none ||
                      (failure.index = I, false)) &&
                     ...));
  return failure;
}

}  // namespace pgreactor::detail
