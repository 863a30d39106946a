#pragma once
#include <cstddef>
#include <cstring>
#include <memory>
#include <pgreactor/vocabulary/bytes.hpp>
#include <span>
#include <utility>

#include "src/reactor/receive_blocks.hpp"

namespace pgreactor::connection {

/// Bytes received and not yet understood. Holds a block of the reactor's while there are any, and
/// none when there are not; grows only when it is full, so with what came and not with what a
/// length field declares (W5).
class ReceiveBuffer {
 public:
  explicit ReceiveBuffer(net::ReceiveBlocks& blocks) noexcept : blocks_(&blocks) {}
  ReceiveBuffer(ReceiveBuffer&& other) noexcept
      : blocks_(other.blocks_),
        data_(std::move(other.data_)),
        capacity_(std::exchange(other.capacity_, 0)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)) {}
  ReceiveBuffer& operator=(ReceiveBuffer&&) = delete;
  ~ReceiveBuffer() { release(); }

  /// Room to receive into, never empty.
  std::span<std::byte> room() {
    if (end_ == capacity_) make_room();
    return {data_.get() + end_, capacity_ - end_};
  }
  void received(std::size_t count) noexcept { end_ += count; }

  Bytes unread() const noexcept { return {data_.get() + begin_, end_ - begin_}; }
  /// Keeps the last `left` bytes of unread().
  void keep(std::size_t left) noexcept {
    begin_ = end_ - left;
    if (left == 0) release();
  }
  /// Parts with the block it has, and goes on in another with the last `left` bytes of unread().
  std::unique_ptr<std::byte[]> part_with_block(std::size_t left) {
    std::unique_ptr<std::byte[]> other;
    if (left != 0) {
      other = capacity_ == net::ReceiveBlocks::block_size
                  ? blocks_->borrow()
                  : std::make_unique_for_overwrite<std::byte[]>(capacity_);
      std::memcpy(other.get(), data_.get() + end_ - left, left);
    }
    std::swap(data_, other);
    begin_ = 0;
    end_ = left;
    if (!data_) capacity_ = 0;
    return other;
  }

 private:
  void make_room() {
    if (!data_) {
      data_ = blocks_->borrow();
      capacity_ = net::ReceiveBlocks::block_size;
      return;
    }
    const std::size_t used = end_ - begin_;
    if (begin_ >= capacity_ / 2) {
      std::memmove(data_.get(), data_.get() + begin_, used);
    } else {
      auto larger = std::make_unique_for_overwrite<std::byte[]>(2 * capacity_);
      std::memcpy(larger.get(), data_.get() + begin_, used);
      give_back();
      data_ = std::move(larger);
      capacity_ *= 2;
    }
    begin_ = 0;
    end_ = used;
  }
  void give_back() noexcept {
    if (capacity_ == net::ReceiveBlocks::block_size) blocks_->give_back(std::move(data_));
    data_.reset();
  }
  void release() noexcept {
    if (data_) give_back();
    capacity_ = begin_ = end_ = 0;
  }

  net::ReceiveBlocks* blocks_;
  std::unique_ptr<std::byte[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace pgreactor::connection
