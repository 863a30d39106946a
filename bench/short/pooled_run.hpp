#pragma once
#include <pgreactor/pgreactor.hpp>
#include <stdexcept>
#include <string>

#include "bench/short/steady_state.hpp"

namespace pgreactor::bench {

inline void require(bool right) {
  if (!right) throw std::runtime_error("an answer was wrong");
}

/// Runs body(db, steady), a Task<void>, on a pool of the workload's.
template <class Body>
ShortResult with_pool(const ShortWorkload& workload, const std::string& host, Body body) {
  Reactor reactor;
  DBConnector db(reactor, short_options(workload, host));
  SteadyState steady(workload.each_takes);
  reactor.run(body(db, steady));
  return steady.result();
}

}  // namespace pgreactor::bench
