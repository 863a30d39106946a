#pragma once
#include <new>
#include <pgreactor/reactor.hpp>
#include <stop_token>
#include <utility>

namespace pgreactor::pool {

/// Starts the task that `make()` makes. False: there is no memory for it.
template <class Make>
bool try_spawn(Reactor& reactor, std::stop_token stop, Make make) noexcept {
  try {
    reactor.spawn(make(), std::move(stop));
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace pgreactor::pool
