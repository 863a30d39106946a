#pragma once
#include <cstddef>
#include <pgreactor/pgreactor.hpp>

#include "bench/measured_program.hpp"

// The seven workloads through this library, as its users would write them.
namespace pgreactor::bench {

/// PGHOST and its kin, with a pool of exactly that many connections.
ConnectionOptions options_for(std::size_t connections);

/// Runs `body(db)`, a Task<void>, on a reactor and a pool that is open already.
template <class Body>
void run_with_pool(const ConnectionOptions& options, Body body) {
  Reactor reactor;
  DBConnector db(reactor, options);
  const auto all = [&]() -> Task<void> {
    co_await db.warm_up();
    co_await body(db);
    co_await db.close();
  };
  reactor.run(all());
}

// queries.cpp
void echo(const Command& command);
void echo_spinning(const Command& command);
void each(const Command& command);
void batches(const Command& command);
void pipe(const Command& command);
void pipe_over_one(const Command& command);
void pipe_over_hundred(const Command& command);

// bulk.cpp
void stream_bulk(const Command& command);
void whole_bulk(const Command& command);
void copy_bulk(const Command& command);
void copy_in(const Command& command);
void insert(const Command& command);
void stream_wide(const Command& command);
void whole_wide(const Command& command);

// sessions.cpp
void connect(const Command& command);
void idle(const Command& command);

}  // namespace pgreactor::bench
