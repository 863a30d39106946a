#pragma once
#include <cstdint>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <vector>

namespace pgreactor::bench {

/// Bytes on their way to a frontend: short answers are copied, large ones only pointed at.
/// Owner   the blocks belong to whoever referred to them, and stay while this lives.
class CannedOutput {
 public:
  void append(Bytes bytes) { own_.append(bytes); }
  /// For a protocol::Writer.
  ByteBuffer& own() noexcept { return own_; }
  /// `times` times the same bytes, after all that was appended so far.
  void refer(Bytes block, std::size_t times) {
    if (!block.empty() && times != 0) pieces_.push_back({taken_ + own_.size(), block, times});
  }

  bool empty() const noexcept { return own_.empty() && pieces_.empty(); }
  /// What is to be sent next, as far as it lies in one place; valid until the next call that
  /// changes this.
  Bytes front() const noexcept {
    if (pieces_.empty()) return own_.bytes();
    const Piece& next = pieces_[first_];
    if (next.at != taken_) return own_.bytes().first(static_cast<std::size_t>(next.at - taken_));
    return next.block.subspan(sent_of_block_);
  }
  /// The first `count` bytes of front() are sent.
  void consume(std::size_t count) {
    if (pieces_.empty() || pieces_[first_].at != taken_) {
      own_.consume(count);
      taken_ += count;
      return;
    }
    sent_of_block_ += count;
    if (sent_of_block_ != pieces_[first_].block.size()) return;
    sent_of_block_ = 0;
    if (--pieces_[first_].times != 0 || ++first_ != pieces_.size()) return;
    pieces_.clear();
    first_ = 0;
  }

 private:
  struct Piece {
    std::uint64_t at;  // so many own bytes come before it
    Bytes block;
    std::size_t times;
  };

  ByteBuffer own_;
  std::uint64_t taken_ = 0;  // own bytes consumed since the beginning
  std::vector<Piece> pieces_;
  std::size_t first_ = 0;  // of the pieces that are still to be sent
  std::size_t sent_of_block_ = 0;
};

}  // namespace pgreactor::bench
