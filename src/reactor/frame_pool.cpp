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

// Without a constructor or destructor: what has one is reached through a check each time.
struct ThreadLists {
  std::array<FreeBlock*, classes> head;
  std::array<std::uint32_t, classes> length;
  bool ended;  // a frame may be released by a destructor that runs later than ours
};
constinit thread_local ThreadLists lists{};

class AtThreadEnd {
 public:
  ~AtThreadEnd() {
    lists.ended = true;
    for (FreeBlock*& first : lists.head) {
      while (first != nullptr) ::operator delete(std::exchange(first, first->next));
    }
  }
  /// From now on that destructor is called.
  [[gnu::noinline]] void expect() noexcept { expected_ = true; }

 private:
  bool expected_ = false;
};
thread_local AtThreadEnd at_thread_end;

// A block of no bytes has the smallest class: it has to hold a FreeBlock when it is recycled.
constexpr std::size_t class_of(std::size_t size) noexcept {
  return size == 0 ? 1 : (size + step - 1) / step;
}

}  // namespace

void* FramePool::allocate(std::size_t size) {
  const std::size_t index = class_of(size);
  if (PGREACTOR_RECYCLE && index < classes) {
    ThreadLists& own = lists;
    if (FreeBlock* block = own.head[index]) [[likely]] {
      own.head[index] = block->next;
      --own.length[index];
      return block;
    }
    return ::operator new(index * step);
  }
  return ::operator new(size);
}

void FramePool::release(void* block, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  ThreadLists& own = lists;
  if (PGREACTOR_RECYCLE && index < classes && !own.ended && own.length[index] < most_per_class)
      [[likely]] {
    if (own.length[index] == 0) at_thread_end.expect();
    auto* freed = ::new (block) FreeBlock{own.head[index]};
    own.head[index] = freed;
    ++own.length[index];
    return;
  }
  ::operator delete(block);
}

std::size_t FramePool::usable_size(std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  return PGREACTOR_RECYCLE && index < classes ? index * step : size;
}

}  // namespace pgreactor::detail
