#include "tests/faults/settings.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace pgreactor::faults {

std::uint64_t seed() {
  std::random_device device;
  const std::uint64_t drawn = number_from("PGREACTOR_FAULTS_SEED", device());
  std::printf("PGREACTOR_FAULTS_SEED=%" PRIu64 "\n", drawn);
  return drawn;
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

}  // namespace pgreactor::faults
