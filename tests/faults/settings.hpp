#pragma once
#include <cstdint>

namespace pgreactor::faults {

/// PGREACTOR_FAULTS_SEED, or a new one; printed, so that a run which failed can be made again.
std::uint64_t seed();

/// The number in this environment variable, or `otherwise`. Throws for what is no number.
std::uint64_t number_from(const char* variable, std::uint64_t otherwise);

}  // namespace pgreactor::faults
