#include <array>
#include <bit>
#include <cstdint>
#include <new>
#include <pgreactor/detail/frame_pool.hpp>
#include <utility>

namespace pgreactor::detail {
namespace {

// Classes in steps of 64 bytes to 4 KiB: frames of one coroutine are all of one size, so a close
// fit wastes nothing. What is larger goes to the heap.
constexpr std::size_t step = 64;
constexpr std::size_t classes = 64;
constexpr std::uint32_t most_per_class = 1024;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PGREACTOR_RECYCLE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PGREACTOR_RECYCLE 0
#endif
#endif
#ifndef PGREACTOR_RECYCLE
#define PGREACTOR_RECYCLE 1
#endif

struct FreeBlock {
  FreeBlock* next;
};

struct ThreadLists {
  std::array<FreeBlock*, classes> head{};
  std::array<std::uint32_t, classes> length{};
  bool ended = false;  // a frame may be released by a destructor that runs later than ours

  ~ThreadLists() {
    ended = true;
    for (FreeBlock*& first : head) {
      while (first != nullptr) ::operator delete(std::exchange(first, first->next));
    }
  }
};

thread_local ThreadLists lists;

// A block of no bytes has the smallest class: it has to hold a FreeBlock when it is recycled.
constexpr std::size_t class_of(std::size_t size) noexcept {
  return size == 0 ? 1 : (size + step - 1) / step;
}

}  // namespace

void* FramePool::allocate(std::size_t size) {
  const std::size_t index = class_of(size);
  if (PGREACTOR_RECYCLE && index < classes) {
    if (FreeBlock* block = lists.head[index]) {
      lists.head[index] = block->next;
      --lists.length[index];
      return block;
    }
    return ::operator new(index * step);
  }
  return ::operator new(size);
}

void FramePool::release(void* block, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  if (PGREACTOR_RECYCLE && index < classes && !lists.ended &&
      lists.length[index] < most_per_class) {
    auto* freed = ::new (block) FreeBlock{lists.head[index]};
    lists.head[index] = freed;
    ++lists.length[index];
    return;
  }
  ::operator delete(block);
}

std::size_t FramePool::usable_size(std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  return PGREACTOR_RECYCLE && index < classes ? index * step : size;
}

}  // namespace pgreactor::detail
