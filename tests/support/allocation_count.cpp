#include "tests/support/allocation_count.hpp"

#include <cstdlib>
#include <new>

#include "tests/support/thread_sanitizer.hpp"

namespace {
thread_local std::size_t count = 0;
thread_local std::size_t until_failure = 0;
}  // namespace

#if !PGREACTOR_THREAD_SANITIZER
// A file of its own: where the compiler sees both these and their callers it inlines one of a pair
// and then warns of the mismatch.
void* operator new(std::size_t size) {
  ++count;
  if (until_failure != 0) {
    --until_failure;
    if (until_failure == 0) throw std::bad_alloc();
  }
  if (void* block = std::malloc(size != 0 ? size : 1)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
#endif

namespace pgreactor::testing_support {

bool allocations_are_counted() noexcept { return PGREACTOR_THREAD_SANITIZER == 0; }
std::size_t allocations_on_this_thread() noexcept { return count; }
void fail_allocation(std::size_t which) noexcept { until_failure = which; }
bool allocation_is_to_fail() noexcept { return until_failure != 0; }

}  // namespace pgreactor::testing_support
