#pragma once
#include <pgreactor/connection_options.hpp>
#include <pgreactor/pool_hooks.hpp>
#include <utility>

#include "src/connection/open.hpp"

namespace pgreactor::pool {

/// Where to connect to, and what was derived for that. Connects that outlive their pool share it.
struct Target {
  explicit Target(ConnectionOptions to) : options(std::move(to)) {}
  const ConnectionOptions options;
  connection::ConnectCache cache;
  PoolHooks hooks{};  // constant from the first use on
};

}  // namespace pgreactor::pool
