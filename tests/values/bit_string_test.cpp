#include <gtest/gtest.h>

#include <limits>
#include <pgreactor/values/all.hpp>
#include <stdexcept>
#include <string_view>

#include "tests/values/value_testing.hpp"

namespace pgreactor::testing {
namespace {

TEST(BitString, IsEmptyWhenItWasMovedFrom) {
  BitString from(64);
  BitString to = std::move(from);
  // NOLINTBEGIN(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
  EXPECT_TRUE(from.empty());
  EXPECT_EQ(from.to_string(), "");
  EXPECT_EQ(to.size(), 64U);
  from = std::move(to);
  EXPECT_EQ(from.size(), 64U);
  EXPECT_TRUE(to.empty());
  // NOLINTEND(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
}

TEST(BitString, NumbersItsBitsFromTheLeft) {
  BitString bits{9};
  bits.set(0, true);
  bits.set(8, true);
  EXPECT_EQ(bits.to_string(), "100000001");
  EXPECT_TRUE(bits[8]);
  EXPECT_FALSE(bits[1]);
  bits.set(0, false);
  EXPECT_EQ(bits, value_of(BitString::parse("000000001")));
  EXPECT_TRUE(BitString{}.empty());
  EXPECT_THROW(BitString{BitString::max_size + 1}, std::length_error);
  constexpr auto beyond_memory = std::numeric_limits<std::size_t>::max() - 7;
  EXPECT_THROW(BitString{beyond_memory}, std::length_error) << "before it is asked for";
}

TEST(BitString, GoesToBitAndVarbitAlike) {
  const BitString bits = value_of(BitString::parse("101010101"));
  EXPECT_EQ(parameter(bits, oid::varbit), "binary 00000009aa80");
  EXPECT_EQ(parameter(bits, oid::bit), "binary 00000009aa80");
  EXPECT_EQ(parameter(bits, 16'400), "text 101010101");
  EXPECT_EQ(parameter(bits, oid::text), mismatch);
  EXPECT_EQ(value_of(binary_column<BitString>("00000009aa80", oid::bit)), bits);
  EXPECT_EQ(value_of(text_column<BitString>("101010101", oid::varbit)), bits);
}

TEST(BitString, RefusesWhatIsNone) {
  EXPECT_EQ(binary_column<BitString>("ffffffff", oid::bit), DecodeError::invalid);
  EXPECT_EQ(binary_column<BitString>("7fffffff 00", oid::bit), DecodeError::truncated);
  EXPECT_EQ(binary_column<BitString>("00000008", oid::bit), DecodeError::truncated);
  EXPECT_EQ(binary_column<BitString>("00000008 ff 00", oid::bit), DecodeError::trailing);
  EXPECT_EQ(binary_column<BitString>("00000007 ff", oid::bit), DecodeError::invalid)
      << "a bit beyond the last";
  for (const std::string_view text : {"2", "1 ", "B1", "x1F", "1\n"})
    EXPECT_EQ(text_column<BitString>(text, oid::bit), DecodeError::invalid) << text;
}

}  // namespace
}  // namespace pgreactor::testing
