#include "src/reactor/timer_heap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <random>
#include <set>
#include <vector>

namespace pgreactor::detail {
namespace {

using Clock = TimerHeap::Clock;

Clock::time_point at(int ticks) { return Clock::time_point(std::chrono::milliseconds(ticks)); }

class RecordedTimer : public TimerEntry {
 public:
  RecordedTimer(int number, std::vector<int>& fired)
      : TimerEntry(&RecordedTimer::on_due), number_(number), fired_(fired) {}

 private:
  static void on_due(TimerEntry& entry) noexcept {
    auto& self = static_cast<RecordedTimer&>(entry);
    self.fired_.push_back(self.number_);
  }
  int number_;
  std::vector<int>& fired_;
};

TEST(TimerHeap, FiresWhatIsDueEarliestFirst) {
  TimerHeap heap;
  std::vector<int> fired;
  RecordedTimer three(3, fired), one(1, fired), two(2, fired);
  heap.arm(three, at(30));
  heap.arm(one, at(10));
  heap.arm(two, at(20));

  heap.fire_due(at(9));
  EXPECT_THAT(fired, testing::IsEmpty());
  heap.fire_due(at(20));
  EXPECT_THAT(fired, testing::ElementsAre(1, 2));
  EXPECT_EQ(heap.earliest(), at(30));
  EXPECT_FALSE(one.armed());
}

TEST(TimerHeap, AnEntryThatEndsOrOutlivesTheHeapIsDisarmed) {
  std::vector<int> fired;
  RecordedTimer survivor(1, fired);
  {
    TimerHeap heap;
    heap.arm(survivor, at(1));
    {
      RecordedTimer short_lived(2, fired);
      heap.arm(short_lived, at(0));
    }
    EXPECT_EQ(heap.earliest(), at(1));
  }
  EXPECT_FALSE(survivor.armed());
}

TEST(TimerHeap, AllThatOutliveItAreDisarmed) {
  std::vector<int> fired;
  std::deque<RecordedTimer> survivors;
  {
    TimerHeap heap;
    for (int i = 0; i < 100; ++i) {
      survivors.emplace_back(i, fired);
      heap.arm(survivors.back(), at(i * 37 % 100));
    }
    heap.fire_due(at(9));  // what is left are trees of several levels
    EXPECT_EQ(fired.size(), 10U);
  }
  for (const RecordedTimer& survivor : survivors) EXPECT_FALSE(survivor.armed());
}

class Rearming : public TimerEntry {
 public:
  explicit Rearming(TimerHeap& heap) : TimerEntry(&Rearming::on_due), heap_(heap) {}
  int count = 0;

 private:
  static void on_due(TimerEntry& entry) noexcept {
    auto& self = static_cast<Rearming&>(entry);
    ++self.count;
    self.heap_.arm(self, at(0));
  }
  TimerHeap& heap_;
};

TEST(TimerHeap, OneThatRearmsItselfForThePastCannotHoldTheLoop) {
  TimerHeap heap;
  Rearming timer(heap);
  heap.arm(timer, at(0));
  heap.fire_due(at(5));
  EXPECT_EQ(timer.count, 1);
  heap.fire_due(at(5));
  EXPECT_EQ(timer.count, 2);
}

// Whatever is armed, disarmed and fired, in any order, the heap agrees with a sorted multiset.
TEST(TimerHeap, AgreesWithASortedMultiset) {
  TimerHeap heap;
  std::vector<int> fired;
  std::deque<RecordedTimer> timers;
  constexpr int count = 200;
  for (int i = 0; i < count; ++i) timers.emplace_back(i, fired);
  std::vector<int> due(count, -1);  // -1: not armed
  std::multiset<int> model;
  std::mt19937 random(20240229);
  int now = 0;
  for (int step = 0; step < 50'000; ++step) {
    const auto index = static_cast<std::size_t>(random() % count);
    if (due[index] < 0) {
      due[index] = now + static_cast<int>(random() % 50);
      heap.arm(timers[index], at(due[index]));
      model.insert(due[index]);
    } else if (random() % 2 == 0) {
      heap.disarm(timers[index]);
      model.erase(model.find(due[index]));
      due[index] = -1;
    } else if (random() % 8 == 0) {
      now += static_cast<int>(random() % 10);
      fired.clear();
      heap.fire_due(at(now));
      for (const int number : fired) {
        const auto which = static_cast<std::size_t>(number);
        ASSERT_LE(due[which], now);
        ASSERT_EQ(due[which], *model.begin()) << "fired out of order at step " << step;
        model.erase(model.begin());
        due[which] = -1;
      }
      ASSERT_TRUE(model.empty() || *model.begin() > now) << "something due was left";
    }
    ASSERT_EQ(heap.empty(), model.empty());
    if (!model.empty()) {
      ASSERT_EQ(heap.earliest(), at(*model.begin()));
    }
  }
}

}  // namespace
}  // namespace pgreactor::detail
