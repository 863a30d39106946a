#include "src/connection/receive_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace pgreactor::connection {
namespace {

constexpr std::size_t block = net::ReceiveBlocks::block_size;

class ReceiveBufferTest : public testing::Test {
 protected:
  // As one recv that brings these bytes, which fit.
  void receive(std::string_view bytes) {
    const auto room = buffer_.room();
    ASSERT_LE(bytes.size(), room.size());
    std::copy_n(as_bytes(bytes).begin(), bytes.size(), room.begin());
    buffer_.received(bytes.size());
  }
  void fill_room(char with) { receive(std::string(buffer_.room().size(), with)); }

  net::ReceiveBlocks blocks_;
  ReceiveBuffer buffer_{blocks_};
};

TEST_F(ReceiveBufferTest, KeepsWhatWasNotTaken) {
  receive("abcdef");
  EXPECT_EQ(as_text(buffer_.unread()), "abcdef");
  buffer_.keep(2);
  EXPECT_EQ(as_text(buffer_.unread()), "ef");
  receive("gh");
  EXPECT_EQ(as_text(buffer_.unread()), "efgh");
}

TEST_F(ReceiveBufferTest, OffersOneBlockUntilThatIsFull) {
  EXPECT_EQ(buffer_.room().size(), block);
  receive(std::string(block - 1, 'x'));
  EXPECT_EQ(buffer_.room().size(), 1u);
}

TEST_F(ReceiveBufferTest, GrowsByWhatCameAndKeepsAllOfIt) {
  std::size_t received = 0;
  for (int i = 0; i < 4; ++i) {
    received += buffer_.room().size();
    fill_room(static_cast<char>('a' + i));
    EXPECT_EQ(buffer_.unread().size(), received);
    // Twice as much as has come, never more: no length that a peer declares is looked at.
    EXPECT_LE(received + buffer_.room().size(), 2 * received);
  }
  const std::string_view all = as_text(buffer_.unread());
  EXPECT_EQ(all.substr(0, block), std::string(block, 'a'));
  EXPECT_EQ(all.back(), 'd');
}

TEST_F(ReceiveBufferTest, MovesTheRestForwardRatherThanGrow) {
  fill_room('x');
  buffer_.keep(10);
  EXPECT_EQ(buffer_.room().size(), block - 10);
  EXPECT_EQ(as_text(buffer_.unread()), std::string(10, 'x'));
}

TEST_F(ReceiveBufferTest, GivesItsBlockBackWhenAllIsTaken) {
  receive("abc");
  const std::byte* const lent = buffer_.unread().data();
  buffer_.keep(0);
  const auto again = blocks_.borrow();
  EXPECT_EQ(again.get(), lent);
  EXPECT_TRUE(buffer_.unread().empty());
}

// Requirement: W20
TEST_F(ReceiveBufferTest, AfterALargeMessageItHoldsNothingLarge) {
  for (int i = 0; i < 5; ++i) fill_room('x');
  buffer_.keep(0);
  EXPECT_EQ(buffer_.room().size(), block);
}

TEST_F(ReceiveBufferTest, TakesItsBytesAlongWhenItIsMoved) {
  receive("abc");
  ReceiveBuffer moved(std::move(buffer_));
  EXPECT_EQ(as_text(moved.unread()), "abc");
  moved.keep(1);
  EXPECT_EQ(as_text(moved.unread()), "c");
}

}  // namespace
}  // namespace pgreactor::connection
