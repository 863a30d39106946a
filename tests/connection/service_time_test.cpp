#include "src/connection/service_time.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace pgreactor::connection {
namespace {

using namespace std::chrono_literals;

TEST(ServiceTime, IsTheLongestThereIsUntilItWasMeasured) {
  ServiceTime time;
  EXPECT_EQ(time.expected(), ServiceTime::Duration::max());
  time.add(80us);
  EXPECT_EQ(time.expected(), 80us);
}

TEST(ServiceTime, FollowsTheLatestSample) {
  ServiceTime time;
  time.add(80us);
  time.add(1s);
  EXPECT_GT(time.expected(), 500ms);
  for (int i = 0; i < 20; ++i) time.add(80us);
  EXPECT_LT(time.expected(), 82us);
}

TEST(ServiceTime, AnAnswerSoonerThanTheNetworkCanBringItTookNoTime) {
  ServiceTime time;
  time.add(-50us);
  EXPECT_EQ(time.expected(), 0us);
}

TEST(ServiceTime, WantsEverySampleAtFirstAndAFewLater) {
  ServiceTime time;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(time.wants_sample());
  time.add(80us);
  int wanted = 0;
  for (int i = 0; i < 160; ++i) wanted += time.wants_sample() ? 1 : 0;
  EXPECT_EQ(wanted, 10);
}

}  // namespace
}  // namespace pgreactor::connection
