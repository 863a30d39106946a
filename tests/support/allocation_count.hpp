#pragma once
#include <cstddef>

namespace pgreactor::testing_support {

/// False under ThreadSanitizer, whose own operator new cannot be replaced.
bool allocations_are_counted() noexcept;
/// Calls of operator new on this thread so far. Whoever links this replaces the global operator new
/// by one that counts.
std::size_t allocations_on_this_thread() noexcept;
/// That call of operator new on this thread, counted from now and from 1, finds no memory, and
/// those after it do again. 0: none fails.
void fail_allocation(std::size_t which) noexcept;
/// One was asked to fail, and did not come yet.
bool allocation_is_to_fail() noexcept;

}  // namespace pgreactor::testing_support
