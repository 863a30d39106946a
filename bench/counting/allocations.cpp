// Stands before the C library's allocator, and counts.
#include <errno.h>
#include <malloc.h>

#include <cstddef>

#include "bench/counting/counts.hpp"

// glibc's own names of what we stand before: unlike dlsym, which allocates, they can be called when
// nothing is set up yet.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

using namespace pgreactor::bench::counting;

void count_allocation() noexcept {
  if (!inside) count(allocations);
}

}  // namespace

extern "C" {

[[gnu::visibility("default")]] void* malloc(std::size_t size) noexcept {
  count_allocation();
  return __libc_malloc(size);
}

[[gnu::visibility("default")]] void* calloc(std::size_t count, std::size_t size) noexcept {
  count_allocation();
  return __libc_calloc(count, size);
}

// One that shrinks, or finds room where it is, takes nothing from the heap.
[[gnu::visibility("default")]] void* realloc(void* block, std::size_t size) noexcept {
  if (block == nullptr || size > malloc_usable_size(block)) count_allocation();
  return __libc_realloc(block, size);
}

[[gnu::visibility("default")]] void* memalign(std::size_t alignment, std::size_t size) noexcept {
  count_allocation();
  return __libc_memalign(alignment, size);
}

[[gnu::visibility("default")]] void* aligned_alloc(std::size_t alignment,
                                                   std::size_t size) noexcept {
  count_allocation();
  return __libc_memalign(alignment, size);
}

[[gnu::visibility("default")]] int posix_memalign(void** block, std::size_t alignment,
                                                  std::size_t size) noexcept {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0)
    return EINVAL;
  count_allocation();
  void* got = __libc_memalign(alignment, size);
  if (got == nullptr) return ENOMEM;
  *block = got;
  return 0;
}

}  // extern "C"
