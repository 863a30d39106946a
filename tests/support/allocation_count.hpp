#pragma once
#include <cstddef>

namespace pgreactor::testing_support {

/// False under ThreadSanitizer, whose own operator new cannot be replaced.
bool allocations_are_counted() noexcept;
/// Calls of operator new on this thread so far. Whoever links this replaces the global operator new
/// by one that counts.
std::size_t allocations_on_this_thread() noexcept;

}  // namespace pgreactor::testing_support
