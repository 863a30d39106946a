#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace pgreactor::net {

/// The blocks that connections receive into. A connection borrows one while it has something to
/// read or a message is incomplete, so that an idle connection holds none.
class ReceiveBlocks {
 public:
  static constexpr std::size_t block_size = std::size_t{64} * 1024;
  using Block = std::unique_ptr<std::byte[]>;

  Block borrow() {
    if (free_.empty()) return std::make_unique_for_overwrite<std::byte[]>(block_size);
    Block block = std::move(free_.back());
    free_.pop_back();
    return block;
  }
  void give_back(Block block) noexcept {
    if (block && free_.size() < most_kept) free_.push_back(std::move(block));
  }

  ReceiveBlocks() { free_.reserve(most_kept); }

 private:
  static constexpr std::size_t most_kept = 16;
  std::vector<Block> free_;
};

}  // namespace pgreactor::net
