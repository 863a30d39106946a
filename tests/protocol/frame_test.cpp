#include "protocol/frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pgreactor::protocol {
namespace {

std::string header(char tag, std::uint32_t length) {
  std::string text(header_size, tag);
  std::array<std::byte, 4> bytes{};
  store_big_endian(bytes.data(), length);
  text.replace(1, 4, as_text(bytes));
  return text;
}

FrameState state_of(const std::string& bytes, std::size_t& needed) {
  Bytes input = as_bytes(bytes);
  Frame frame;
  const FrameState state = take_frame(input, backend_body_caps, frame, needed);
  EXPECT_EQ(input.size() < bytes.size(), state == FrameState::whole);
  return state;
}

// Requirement: W4
TEST(Frame, EveryHeaderIsJudgedByItsTypeAndLengthAlone) {
  std::size_t known = 0;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char tag = static_cast<char>(byte);
    const std::uint32_t cap = backend_body_caps[byte];
    std::size_t needed = 0;
    EXPECT_EQ(cap == no_such_tag, name_of(static_cast<BackendTag>(tag)).empty()) << byte;
    if (cap == no_such_tag) {
      EXPECT_EQ(state_of(std::string(1, tag), needed), FrameState::unknown_tag) << byte;
      continue;
    }
    ++known;
    for (const std::uint32_t length : {0U, 1U, 2U, 3U})
      EXPECT_EQ(state_of(header(tag, length), needed), FrameState::too_short) << byte;
    for (const std::uint32_t length :
         {cap + 5, 0x3FFFFFFFU + 4, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU})
      EXPECT_EQ(state_of(header(tag, length), needed), FrameState::too_large) << byte;
    EXPECT_EQ(state_of(header(tag, 4), needed), FrameState::whole) << byte;
    EXPECT_EQ(state_of(header(tag, cap + 4), needed),
              cap == 0 ? FrameState::whole : FrameState::partial)
        << byte;
    EXPECT_EQ(needed, header_size + cap) << byte;
  }
  EXPECT_EQ(known, 24U);
}

TEST(Frame, APartialHeaderAsksForAWholeOne) {
  const std::string bytes = header('D', 100);
  for (std::size_t size = 0; size < header_size; ++size) {
    std::size_t needed = 0;
    EXPECT_EQ(state_of(bytes.substr(0, size), needed), FrameState::partial);
    EXPECT_EQ(needed, header_size);
  }
}

TEST(UntypedFrame, IsBoundedAsTheServerBoundsIt) {
  const auto state = [](std::uint32_t length) {
    const std::string bytes = header('x', length).substr(1);
    Bytes input = as_bytes(bytes);
    Frame frame;
    std::size_t needed = 0;
    return take_untyped_frame(input, frame, needed);
  };
  EXPECT_EQ(state(0), FrameState::too_short);
  EXPECT_EQ(state(3), FrameState::too_short);
  EXPECT_EQ(state(4), FrameState::whole);
  EXPECT_EQ(state(10000), FrameState::partial);
  EXPECT_EQ(state(10001), FrameState::too_large);
  EXPECT_EQ(state(0x48545450), FrameState::too_large);  // "HTTP"
}

}  // namespace
}  // namespace pgreactor::protocol
