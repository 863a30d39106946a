#include <gtest/gtest.h>

#include <pgreactor/values/byte_buffer.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/copy.hpp"

namespace pgreactor::protocol::testing {
namespace {

std::string encoded(std::string_view data) {
  ByteBuffer out;
  Writer writer(out);
  encode(writer, CopyData{as_bytes(data)});
  return std::string(as_text(out.bytes()));
}

std::string sealed(std::string_view data) {
  std::string frame = std::string(copy_data_room, '?') + std::string(data);
  EXPECT_TRUE(seal_copy_data(std::as_writable_bytes(std::span(frame))));
  return frame;
}

TEST(CopyData, SealedInPlaceIsTheSameMessage) {
  for (const std::string& data : {std::string(), std::string("x"), std::string(70'000, 'y')})
    EXPECT_EQ(sealed(data), encoded(data));
}

TEST(CopyData, WithoutRoomForItsHeaderIsRefused) {
  std::vector<std::byte> frame(copy_data_room - 1);
  EXPECT_FALSE(seal_copy_data(frame));
}

}  // namespace
}  // namespace pgreactor::protocol::testing
