#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string_view>
#include <utility>

namespace pgreactor {

/// Bytes on their way out: appended at the back, taken from the front, contiguous in between.
/// Throws std::bad_alloc alone; whoever appends bounds what it appends.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept
      : data_(std::move(other.data_)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    data_ = std::move(other.data_);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  Bytes bytes() const noexcept { return {data_.get() + begin_, size()}; }
  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t capacity() const noexcept { return capacity_; }

  /// `count` bytes more at the back, uninitialised; valid until the next call that appends.
  std::byte* extend(std::size_t count) {
    if (capacity_ - end_ < count) [[unlikely]]
      make_room(count);
    std::byte* added = data_.get() + end_;
    end_ += count;
    return added;
  }
  void append(const void* source, std::size_t count) {
    if (count != 0) std::memcpy(extend(count), source, count);
  }
  void append(Bytes bytes) { append(bytes.data(), bytes.size()); }
  void append(std::string_view text) { append(text.data(), text.size()); }

  /// The byte at `offset` from the front; for patching a length that is known late.
  std::byte* at(std::size_t offset) noexcept {
    assert(offset <= size());
    return data_.get() + begin_ + offset;
  }
  /// Forgets what was appended after the first `size` bytes.
  void truncate(std::size_t size) noexcept {
    assert(size <= this->size());
    end_ = begin_ + size;
  }
  /// Takes `count` bytes from the front.
  void consume(std::size_t count) noexcept {
    assert(count <= size());
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  /// Gives memory back when empty and larger than `most` bytes.
  void shrink(std::size_t most) noexcept {
    if (!empty() || capacity_ <= most) return;
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void make_room(std::size_t count) {
    const std::size_t used = size();
    if (begin_ >= used && capacity_ - used >= count) {  // moving down costs less than growing
      std::memmove(data_.get(), data_.get() + begin_, used);
    } else {
      if (count > static_cast<std::size_t>(-1) / 4 - used) throw std::bad_alloc();
      const std::size_t grown = std::max({used + count, 2 * capacity_, smallest});
      auto larger = std::make_unique_for_overwrite<std::byte[]>(grown);
      if (used != 0) std::memcpy(larger.get(), data_.get() + begin_, used);
      data_ = std::move(larger);
      capacity_ = grown;
    }
    begin_ = 0;
    end_ = used;
  }

  static constexpr std::size_t smallest = 512;
  std::unique_ptr<std::byte[]> data_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace pgreactor
