#pragma once
#include <cstdint>
#include <pgreactor/connection_options.hpp>
#include <span>
#include <string>
#include <string_view>

#include "bench/short/interposition.hpp"

namespace pgreactor::bench {

/// What the measured part of a workload came to.
struct ShortResult {
  ClientCost cost;
  std::uint64_t operations = 0;
};

/// A workload of the harness, short enough to be run instruction by instruction.
struct ShortWorkload {
  std::string_view name, mode;
  std::uint32_t connections;
  std::uint64_t tasks;       ///< that take their turns one after the other
  std::uint64_t each_takes;  ///< turns: a query, a batch or a row; a warm-up included
  /// Errors  std::exception, also when an answer is wrong.
  ShortResult (*run)(const ShortWorkload& workload, const std::string& host);
};

std::span<const ShortWorkload> short_workloads() noexcept;

/// To the server of this PGHOST, with as many connections as the workload has.
ConnectionOptions short_options(const ShortWorkload& workload, const std::string& host);

}  // namespace pgreactor::bench
