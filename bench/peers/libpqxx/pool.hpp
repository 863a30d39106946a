#pragma once
#include <pqxx/pqxx>

#include "bench/measured_program.hpp"

namespace pgreactor::bench {

/// W3: a thread per task, and a pool that they check connections out of.
void world_pooled(const Command& command);

/// Both columns of a row of `world`, decoded.
inline std::int32_t randomnumber_of(const pqxx::row& row) {
  keep(row[0].as<std::int32_t>());
  return row[1].as<std::int32_t>();
}

}  // namespace pgreactor::bench
