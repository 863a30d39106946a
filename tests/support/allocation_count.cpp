#include "tests/support/allocation_count.hpp"

#include <cstdlib>
#include <new>

// A file of its own: where the compiler sees both these and their callers it inlines one of a pair
// and then warns of the mismatch.
namespace {
thread_local std::size_t count = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++count;
  if (void* block = std::malloc(size != 0 ? size : 1)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

std::size_t pgreactor::testing_support::allocations_on_this_thread() noexcept { return count; }
