#include <cstdint>
#include <memory>
#include <vector>

#include "bench/client/client.hpp"

namespace pgreactor::bench {

// A pool that grows by one connection after the other, each lent as soon as it is open: what a pool
// keeps (the SCRAM key, the TLS context) is kept from the second on. A single connect is measured
// with nothing kept.
void connect(const Command& command) {
  Reactor reactor;
  ConnectionOptions options = options_for(command.count + 1);
  options.pool_min_conns = 0;
  DBConnector db(reactor, options);
  Measurement measurement;
  const auto all = [&]() -> Task<void> {
    std::vector<std::unique_ptr<detail::Lease>> lent;
    lent.reserve(command.count + 1);
    if (command.count > 1) lent.push_back(co_await db.lease());
    measurement.begin();
    for (std::uint64_t i = 0; i < command.count; ++i) {
      const Clock::time_point wanted = Clock::now();
      lent.push_back(co_await db.lease());
      measurement.record(wanted);
    }
    measurement.end();
  };
  reactor.run(all());
  measurement.print({.operations = command.count});
}

// Memory alone: that many connections that do nothing.
void idle(const Command& command) {
  run_with_pool(options_for(command.count), [&](DBConnector&) -> Task<void> {
    Measurement measurement;
    measurement.begin();
    measurement.end();
    measurement.print({.operations = command.count});
    co_return;
  });
}

}  // namespace pgreactor::bench
