#pragma once
#include <cstdint>

namespace pgreactor::bench {

/// Calls that this process has made so far to exchange bytes and to wait for them.
struct SystemCalls {
  std::uint64_t sends = 0;
  std::uint64_t receives = 0;
  std::uint64_t waits = 0;

  std::uint64_t total() const noexcept { return sends + receives + waits; }
};
SystemCalls system_calls() noexcept;

}  // namespace pgreactor::bench
