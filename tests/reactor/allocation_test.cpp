#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <pgreactor/combinators.hpp>
#include <pgreactor/detail/frame_pool.hpp>
#include <pgreactor/reactor.hpp>
#include <thread>

#include "tests/support/allocation_count.hpp"

namespace pgreactor {
namespace {

using detail::FramePool;
using testing_support::allocations_on_this_thread;

// Under a sanitizer frames go to the heap, so that it sees their ends.
bool frames_are_recycled() {
  return FramePool::usable_size(65) == 128 && testing_support::allocations_are_counted();
}

Task<int> leaf(int value) {
  co_await sleep_for(std::chrono::nanoseconds::zero());
  co_return value;
}

Task<int> branch(int value) {
  const int first = co_await leaf(value);
  const int second = co_await leaf(value);
  co_return first + second;
}

TEST(FrameRecycling, NestedTasksAndSleepsAllocateNothingInASteadyState) {
  if (!frames_are_recycled()) GTEST_SKIP() << "not recycled under a sanitizer";
  Reactor reactor;
  std::size_t steady = 0;
  const auto work = [&]() -> Task<void> {
    constexpr int rounds_to_warm_up = 3, rounds = 100;
    std::size_t before = 0;
    for (int round = 0; round < rounds; ++round) {
      if (round == rounds_to_warm_up) before = allocations_on_this_thread();
      EXPECT_EQ(co_await branch(round), 2 * round);
    }
    steady = allocations_on_this_thread() - before;
  };
  reactor.run(work());
  EXPECT_EQ(steady, 0u);
}

TEST(FrameRecycling, WhenAllAllocatesNothingInASteadyState) {
  if (!frames_are_recycled()) GTEST_SKIP() << "not recycled under a sanitizer";
  Reactor reactor;
  std::size_t steady = 0;
  const auto work = [&]() -> Task<void> {
    constexpr int rounds_to_warm_up = 3, rounds = 100;
    std::size_t before = 0;
    for (int round = 0; round < rounds; ++round) {
      if (round == rounds_to_warm_up) before = allocations_on_this_thread();
      const auto [one, two] = co_await when_all(branch(1), branch(2));
      EXPECT_EQ(one + two, 6);
    }
    steady = allocations_on_this_thread() - before;
  };
  reactor.run(work());
  EXPECT_EQ(steady, 0u);
}

TEST(FramePool, ABlockMayBeReleasedOnAnotherThread) {
  std::array<void*, 100> blocks{};
  for (void*& block : blocks) block = FramePool::allocate(200);
  std::thread([&blocks] {
    for (void* block : blocks) FramePool::release(block, 200);
  }).join();
  void* again = FramePool::allocate(200);
  EXPECT_NE(again, nullptr);
  FramePool::release(again, 200);
}

TEST(FramePool, WhatItHandsOutIsAlignedAndAsLargeAsItSays) {
  for (std::size_t size = 1; size < 10'000; size += 97) {
    auto* block = static_cast<std::byte*>(FramePool::allocate(size));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t), 0u);
    const std::size_t usable = FramePool::usable_size(size);
    ASSERT_GE(usable, size);
    std::fill_n(block, usable, std::byte{0xAB});
    FramePool::release(block, size);
  }
}

}  // namespace
}  // namespace pgreactor
