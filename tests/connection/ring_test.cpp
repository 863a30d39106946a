#include "src/connection/ring.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace pgreactor::connection {
namespace {

TEST(Ring, GivesBackInTheOrderOfItsFillingAcrossGrowthAndWrap) {
  Ring<int> ring;
  int pushed = 0, popped = 0;
  // Grows by one a round, so that it wraps at every fill level on its way.
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i <= round % 7 + 1; ++i) ring.push() = pushed++;
    for (int i = 0; i <= round % 5; ++i) {
      ASSERT_EQ(ring.front(), popped++);
      ring.pop();
    }
    ASSERT_EQ(ring.size(), static_cast<std::size_t>(pushed - popped));
    for (std::size_t i = 0; i < ring.size(); ++i) ASSERT_EQ(ring[i], popped + static_cast<int>(i));
  }
}

TEST(Ring, ANewEntryIsAsDefaultWhateverStoodInItsPlace) {
  Ring<int> ring;
  for (int i = 1; i < 100; ++i) {
    EXPECT_EQ(ring.push(), 0);
    ring.front() = i;
    ring.pop();
  }
}

TEST(Ring, APoppedEntryIsDestroyedAtOnce) {
  Ring<std::shared_ptr<int>> ring;
  const auto shared = std::make_shared<int>(1);
  ring.push() = shared;
  ring.push() = shared;
  ring.pop();
  ring.pop();
  EXPECT_EQ(shared.use_count(), 1);
  EXPECT_TRUE(ring.empty());
}

}  // namespace
}  // namespace pgreactor::connection
