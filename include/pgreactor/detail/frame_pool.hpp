#pragma once
#include <cstddef>
#include <pgreactor/export.hpp>

namespace pgreactor::detail {

/// Memory for coroutine frames and small result blocks: recycled in lists of one size class each,
/// per thread and without locks. A block may be released on any thread; it then serves that one.
/// Each list is bounded, so that a thread which only releases gives the surplus back to the heap.
class PGREACTOR_API FramePool {
 public:
  /// At least `size` bytes, aligned for any type. Throws std::bad_alloc.
  static void* allocate(std::size_t size);
  /// `size` is what allocate() was asked for.
  static void release(void* block, std::size_t size) noexcept;
  /// The bytes that a request for `size` really yields; use them rather than ask again.
  static std::size_t usable_size(std::size_t size) noexcept;
};

}  // namespace pgreactor::detail
