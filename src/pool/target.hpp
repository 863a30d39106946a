#pragma once
#include <memory>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/pool_hooks.hpp>
#include <utility>

#include "src/connection/observation.hpp"
#include "src/connection/open.hpp"

namespace pgreactor::pool {

/// Where to connect to, and what was derived for that. Connects that outlive their pool share it.
struct Target {
  explicit Target(ConnectionOptions to) : options(std::move(to)) {}
  const ConnectionOptions options;
  connection::ConnectCache cache;
  // Constant from the first use on:
  PoolHooks hooks{};
  std::shared_ptr<detail::QueryWatch> watch{};  // null where nobody observes
};

}  // namespace pgreactor::pool
