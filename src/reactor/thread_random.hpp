#pragma once
#include <random>

namespace pgreactor::net {

/// This thread's generator, for what needs to be spread and not to be secret.
inline std::minstd_rand& thread_random() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return random;
}

}  // namespace pgreactor::net
