#include <poll.h>

#include <algorithm>

#include "bench/in_flight.hpp"
#include "bench/peers/libpq/answers.hpp"
#include "bench/peers/libpq/modes.hpp"

namespace pgreactor::bench {
namespace {

/// Sends what libpq holds and waits until there is something to read, or room to send the rest.
void flush_and_wait(const Connection& connection) {
  const int flushed = PQflush(connection.get());
  if (flushed < 0) connection.fail();
  pollfd socket{PQsocket(connection.get()), POLLIN, 0};
  if (flushed > 0) socket.events |= POLLOUT;
  poll(&socket, 1, -1);
  if (PQconsumeInput(connection.get()) == 0) connection.fail();
}

}  // namespace

void echo_query(const Command& command) {
  const Connection connection;
  connection.prepare(echo_sql);
  std::int64_t sum = 0;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    const Clock::time_point wanted = Clock::now();
    sum += int4_at(connection.run(static_cast<std::int32_t>(i)), 0, 0);
    measurement.record(wanted);
  }
  measurement.end();
  measurement.print({.operations = command.count, .check = sum});
}

void world_each(const Command& command) {
  const Connection connection;
  connection.prepare(world_sql);
  PQsetnonblocking(connection.get(), 1);
  PQenterPipelineMode(connection.get());
  Answers answers;
  InFlight in_flight(command.depth);
  Measurement measurement;
  measurement.begin();
  Clock::time_point now = Clock::now();
  for (std::uint64_t sent = 0, answered = 0; answered < command.count;) {
    for (; sent < command.count && sent - answered < command.depth; ++sent) {
      connection.send(world_id(sent));
      if (PQpipelineSync(connection.get()) == 0) connection.fail();
      in_flight.push(now);
    }
    flush_and_wait(connection);
    const std::uint64_t ended = answers.ended_on(connection);
    now = Clock::now();
    for (std::uint64_t i = 0; i < ended; ++i) measurement.record(in_flight.pop(), now);
    answered += ended;
  }
  measurement.end();
  measurement.print({.operations = command.count, .check = answers.sum()});
}

void world_batch(const Command& command) {
  const Connection connection;
  connection.prepare(world_sql);
  PQenterPipelineMode(connection.get());
  std::int64_t sum = 0;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t sent = 0; sent < command.count;) {
    const Clock::time_point wanted = Clock::now();
    const std::uint64_t asked = std::min(command.depth, command.count - sent);
    for (std::uint64_t i = 0; i < asked; ++i) connection.send(world_id(sent++));
    if (PQpipelineSync(connection.get()) == 0) connection.fail();
    for (std::uint64_t i = 0; i < asked; ++i) {
      sum += randomnumber_of(connection.expect(PGRES_TUPLES_OK, PQgetResult(connection.get())));
      PQgetResult(connection.get());  // null: the end of this query
    }
    connection.expect(PGRES_PIPELINE_SYNC, PQgetResult(connection.get()));
    const Clock::time_point complete = Clock::now();
    for (std::uint64_t i = 0; i < asked; ++i) measurement.record(wanted, complete);
  }
  measurement.end();
  measurement.print({.operations = command.count, .check = sum});
}

void connect_close(const Command& command) {
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    const Clock::time_point wanted = Clock::now();
    {
      const Connection connection;
    }
    measurement.record(wanted);
  }
  measurement.end();
  measurement.print({.operations = command.count});
}

}  // namespace pgreactor::bench
