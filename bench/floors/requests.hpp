#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bench/binary_row.hpp"
#include "bench/floors/session.hpp"

namespace pgreactor::bench {

/// Requests back to back, encoded beforehand but for their one parameter.
class Requests {
 public:
  enum class Ending : char { sync_each, sync_last };

  Requests(std::size_t most, Ending ending)
      : size_((bind_and_execute(0) + (ending == Ending::sync_each ? sync_message() : "")).size()),
        ending_(ending) {
    for (std::size_t i = 0; i < most; ++i) {
      bytes_ += bind_and_execute(0);
      if (ending == Ending::sync_each) bytes_ += sync_message();
    }
    bytes_ += sync_message();
  }

  void set(std::size_t index, std::int32_t parameter) noexcept {
    store(bytes_.data() + index * size_ + parameter_offset, static_cast<std::uint32_t>(parameter));
  }
  /// To send. Where one Sync ends them all and they are fewer than the most, it takes the place of
  /// the request that would follow: good once, for the rest at the end.
  std::string_view first(std::size_t count) noexcept {
    if (ending_ == Ending::sync_each) return {bytes_.data(), count * size_};
    const std::size_t sync = 5;
    bytes_.replace(count * size_, sync, "S\0\0\0\4", sync);
    return {bytes_.data(), count * size_ + sync};
  }

 private:
  std::size_t size_;
  Ending ending_;
  std::string bytes_;
};

/// A send must never wait: the server might wait in turn for us to read. A Unix socket holds some
/// 277 sends that nobody has read, however short they are (208 KiB, 768 bytes each).
inline std::size_t bounded_depth(std::uint64_t depth) {
  if (depth > 256) throw std::runtime_error("a floor has at most 256 in flight on a connection");
  return depth;
}

}  // namespace pgreactor::bench
