#pragma once
#include <chrono>

namespace pgreactor::pool_testing {

/// How long a test waits for what it expects before it fails.
inline constexpr std::chrono::seconds patience{30};

}  // namespace pgreactor::pool_testing
