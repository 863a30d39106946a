#include "src/connection/service_time.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace pgreactor::connection {
namespace {

using namespace std::chrono_literals;

TEST(ServiceTime, IsTheLongestThereIsUntilItWasMeasured) {
  ServiceTime time;
  EXPECT_EQ(time.expected(), ServiceTime::Duration::max());
  time.add_alone(80us);
  EXPECT_EQ(time.expected(), 80us);
}

// A server that is busy with other connections answers a statement that was sent alone late.
TEST(ServiceTime, IsNoLongerThanBehindAnotherStatement) {
  ServiceTime time;
  time.add_alone(900us);
  time.add_behind_another(10us);
  EXPECT_EQ(time.expected(), 10us);
  time.add_alone(900us);
  EXPECT_EQ(time.expected(), 10us);
  time.add_alone(2us);
  EXPECT_EQ(time.expected(), 6us);
  time.add_behind_another(900us);
  EXPECT_GT(time.expected(), 400us);
}

TEST(ServiceTime, FollowsTheLatestSample) {
  ServiceTime time;
  time.add_alone(80us);
  time.add_alone(1s);
  EXPECT_GT(time.expected(), 500ms);
  for (int i = 0; i < 20; ++i) time.add_alone(80us);
  EXPECT_LT(time.expected(), 82us);
}

TEST(ServiceTime, AnAnswerSoonerThanTheNetworkCanBringItTookNoTime) {
  ServiceTime time;
  time.add_alone(-50us);
  EXPECT_EQ(time.expected(), 0us);
}

TEST(ServiceTime, WantsEverySampleAtFirstAndAFewLater) {
  ServiceTime time;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(time.wants_sample());
  time.add_alone(80us);
  int wanted = 0;
  for (int i = 0; i < 160; ++i) wanted += time.wants_sample() ? 1 : 0;
  EXPECT_EQ(wanted, 10);
}

}  // namespace
}  // namespace pgreactor::connection
