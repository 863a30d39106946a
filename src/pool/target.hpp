#pragma once
#include <pgreactor/connection_options.hpp>
#include <utility>

#include "src/connection/open.hpp"

namespace pgreactor::pool {

/// Where to connect to, and what was derived for that. Connects that outlive their pool share it.
struct Target {
  explicit Target(ConnectionOptions to) : options(std::move(to)) {}
  const ConnectionOptions options;
  connection::ConnectCache cache;
};

}  // namespace pgreactor::pool
