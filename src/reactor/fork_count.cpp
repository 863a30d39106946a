#include "src/reactor/fork_count.hpp"

#include <pthread.h>

#include <new>

namespace pgreactor::net {

void count_forks() {
  static const int status = pthread_atfork(
      nullptr, nullptr, [] { forks_counted.fetch_add(1, std::memory_order_relaxed); });
  if (status != 0) throw std::bad_alloc();
}

}  // namespace pgreactor::net
