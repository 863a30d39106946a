#pragma once
#include <optional>
#include <string>

#include "bench/client.hpp"

namespace pgreactor::bench {

/// User instructions per query of this very program as a client: valgrind's count of a long run
/// less that of a short one. nullopt when valgrind is not installed. Errors  std::runtime_error
/// when it is, and fails.
std::optional<double> instructions_per_query(const std::string& program, const Workload& workload);

}  // namespace pgreactor::bench
