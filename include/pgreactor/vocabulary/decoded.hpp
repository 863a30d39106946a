#pragma once
#include <cassert>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace pgreactor {

/// Why bytes from the peer were refused. `none` is success.
enum class DecodeError : std::uint8_t {
  none,
  truncated,      ///< the bytes end before the layout does
  trailing,       ///< bytes are left when the layout ends
  invalid,        ///< a field holds what its layout does not allow
  too_large,      ///< a length or count above its bound
  type_mismatch,  ///< the column's type does not convert to the type asked for
  out_of_range,   ///< the value does not fit the type asked for
  null_value,     ///< SQL NULL, and the type asked for has no null
};

constexpr std::string_view name_of(DecodeError error) noexcept {
  switch (error) {
    case DecodeError::none:
      return "no error";
    case DecodeError::truncated:
      return "truncated";
    case DecodeError::trailing:
      return "trailing bytes";
    case DecodeError::invalid:
      return "invalid content";
    case DecodeError::too_large:
      return "too large";
    case DecodeError::type_mismatch:
      return "type mismatch";
    case DecodeError::out_of_range:
      return "out of range";
    case DecodeError::null_value:
      return "null";
  }
  return "unknown";
}

/// A decoded T, or why there is none. Never throws; reading the wrong one is our bug (assert).
template <class T>
class [[nodiscard]] Decoded {
 public:
  explicit(false) Decoded(T value) noexcept(std::is_nothrow_move_constructible_v<T>)
      : value_(std::move(value)) {}
  explicit(false) Decoded(DecodeError error) noexcept : error_(error) {
    assert(error != DecodeError::none);
  }

  explicit operator bool() const noexcept { return value_.has_value(); }
  DecodeError error() const noexcept { return error_; }
  T& operator*() & noexcept { return assert(value_), *value_; }
  const T& operator*() const& noexcept { return assert(value_), *value_; }
  T&& operator*() && noexcept { return assert(value_), std::move(*value_); }
  T* operator->() noexcept { return &**this; }
  const T* operator->() const noexcept { return &**this; }

  friend bool operator==(const Decoded& a, DecodeError b) noexcept { return a.error() == b; }

 private:
  std::optional<T> value_;
  DecodeError error_ = DecodeError::none;
};

}  // namespace pgreactor
