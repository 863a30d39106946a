#pragma once
#include <atomic>
#include <cstdint>

/// What the process has done so far. Relaxed: each is a figure of its own.
namespace pgreactor::bench::counting {

inline constinit std::atomic<std::uint64_t> sends{0}, receives{0}, waits{0}, other{0},
    allocations{0};

inline void count(std::atomic<std::uint64_t>& figure) noexcept {
  figure.fetch_add(1, std::memory_order_relaxed);
}

/// Set while this library works for itself: what that allocates is not the program's.
inline constinit thread_local bool inside [[gnu::tls_model("initial-exec")]] = false;

}  // namespace pgreactor::bench::counting
