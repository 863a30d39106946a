#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>

namespace pgreactor::detail {

/// PostgreSQL's limit of one value (MaxAllocSize, 1 GiB - 1): nothing larger can be stored or sent.
inline constexpr std::size_t max_value_size = 0x3fffffff;

/// Where the length of a value would stand: it is NULL.
inline constexpr std::int32_t null_length = -1;

/// Reads a value that is one big-endian integer and nothing else.
template <std::integral T>
inline DecodeError read_fixed(Bytes in, T& value) noexcept {
  if (in.size() != sizeof(T)) [[unlikely]]
    return in.size() < sizeof(T) ? DecodeError::truncated : DecodeError::trailing;
  value = load_big_endian<T>(in.data());
  return DecodeError::none;
}

template <std::integral T>
inline void append_fixed(ByteBuffer& out, T value) {
  store_big_endian(out.extend(sizeof(T)), value);
}

/// Reads the parts of a value in order. After a short read every getter yields zero or nothing, so
/// layouts stay free of branches; error() tells at the end.
class ValueReader {
 public:
  explicit ValueReader(Bytes in) noexcept : rest_(in) {}

  template <std::integral T>
  T number() noexcept {
    const Bytes bytes = take(sizeof(T));
    return bytes.empty() ? T{0} : load_big_endian<T>(bytes.data());
  }
  /// The next `count` bytes; none when fewer are left.
  Bytes take(std::size_t count) noexcept {
    if (count > rest_.size()) {
      short_ = true;
      rest_ = {};
      return {};
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::size_t remaining() const noexcept { return rest_.size(); }
  /// What is left, without taking it.
  Bytes rest() const noexcept { return rest_; }
  bool ran_short() const noexcept { return short_; }
  /// What a layout that ends here has to report.
  DecodeError error() const noexcept {
    if (short_) return DecodeError::truncated;
    return rest_.empty() ? DecodeError::none : DecodeError::trailing;
  }

 private:
  Bytes rest_;
  bool short_ = false;
};

}  // namespace pgreactor::detail
