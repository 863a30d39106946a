#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "bench/floors/floors.hpp"
#include "bench/floors/requests.hpp"
#include "bench/in_flight.hpp"

namespace pgreactor::bench {
namespace {

void echo(const Command& command, int flags) {
  Session session;
  session.prepare(echo_sql);
  Requests request(1, Requests::Ending::sync_each);
  MessageWalk walk;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t i = 0; i < command.count; ++i) {
    const Clock::time_point wanted = Clock::now();
    request.set(0, static_cast<std::int32_t>(i));
    session.send(request.first(1));
    while (walk.ready_in(session.receive(flags)) == 0) {
    }
    measurement.record(wanted);
  }
  measurement.end();
  measurement.print({.operations = command.count});
}

/// One of the connections of W3.
struct Connection {
  explicit Connection(std::size_t tasks) : in_flight(tasks) { session.prepare(world_sql); }

  Session session;
  MessageWalk walk;
  InFlight in_flight;
};

/// The connections, and what of the queries is sent and answered.
class PipelinedPool {
 public:
  explicit PipelinedPool(const Command& command)
      : count_(command.count),
        requests_(bounded_depth(most_tasks(command)), Requests::Ending::sync_each),
        epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    for (std::size_t i = 0; i < pool_connections; ++i) {
      const Connection& made = connections_.emplace_back(most_tasks(command));
      epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, made.session.socket(), &event);
    }
  }
  PipelinedPool(const PipelinedPool&) = delete;
  PipelinedPool& operator=(const PipelinedPool&) = delete;
  ~PipelinedPool() { close(epoll_); }

  void run(std::uint64_t tasks) {
    measurement_.begin();
    const Clock::time_point wanted = Clock::now();
    for (std::size_t i = 0; i < connections_.size(); ++i)
      ask(connections_[i], tasks / pool_connections + (i < tasks % pool_connections), wanted);
    while (answered_ < count_) serve_the_ready();
    measurement_.end();
    measurement_.print({.operations = count_});
  }

 private:
  static std::size_t most_tasks(const Command& command) {
    return command.depth / pool_connections + 1;
  }

  /// One query for each of so many tasks of this connection.
  void ask(Connection& connection, std::uint64_t tasks, Clock::time_point wanted) {
    const std::uint64_t asked = std::min(tasks, count_ - sent_);
    for (std::uint64_t i = 0; i < asked; ++i) {
      requests_.set(i, world_id(sent_++));
      connection.in_flight.push(wanted);
    }
    if (asked > 0) connection.session.send(requests_.first(asked));
  }
  void serve_the_ready() {
    std::array<epoll_event, pool_connections> events;
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      Connection& connection = connections_[events[static_cast<std::size_t>(i)].data.u64];
      const std::uint64_t ended = connection.walk.ready_in(connection.session.receive());
      const Clock::time_point now = Clock::now();
      for (std::uint64_t k = 0; k < ended; ++k)
        measurement_.record(connection.in_flight.pop(), now);
      answered_ += ended;
      ask(connection, ended, now);
    }
  }

  std::uint64_t count_;
  std::uint64_t sent_ = 0, answered_ = 0;
  Requests requests_;
  Measurement measurement_;
  int epoll_;
  std::vector<Connection> connections_;
};

}  // namespace

void echo_sleeping(const Command& command) { echo(command, 0); }
void echo_spinning(const Command& command) { echo(command, MSG_DONTWAIT); }

void world_each(const Command& command) {
  Session session;
  session.prepare(world_sql);
  const std::size_t depth = bounded_depth(command.depth);
  Requests requests(depth, Requests::Ending::sync_each);
  InFlight in_flight(depth);
  MessageWalk walk;
  Measurement measurement;
  measurement.begin();
  Clock::time_point now = Clock::now();
  std::uint64_t sent = 0, room = depth;
  for (std::uint64_t answered = 0; answered < command.count;) {
    const std::uint64_t asked = std::min(room, command.count - sent);
    for (std::uint64_t i = 0; i < asked; ++i) {
      requests.set(i, world_id(sent++));
      in_flight.push(now);
    }
    if (asked > 0) session.send(requests.first(asked));
    room = walk.ready_in(session.receive());
    now = Clock::now();
    for (std::uint64_t i = 0; i < room; ++i) measurement.record(in_flight.pop(), now);
    answered += room;
  }
  measurement.end();
  measurement.print({.operations = command.count});
}

void world_batch(const Command& command) {
  Session session;
  session.prepare(world_sql);
  const std::size_t depth = bounded_depth(command.depth);
  Requests requests(depth, Requests::Ending::sync_last);
  MessageWalk walk;
  Measurement measurement;
  measurement.begin();
  for (std::uint64_t sent = 0; sent < command.count;) {
    const Clock::time_point wanted = Clock::now();
    const std::uint64_t asked = std::min<std::uint64_t>(depth, command.count - sent);
    for (std::uint64_t i = 0; i < asked; ++i) requests.set(i, world_id(sent++));
    session.send(requests.first(asked));
    while (walk.ready_in(session.receive()) == 0) {
    }
    const Clock::time_point complete = Clock::now();
    for (std::uint64_t i = 0; i < asked; ++i) measurement.record(wanted, complete);
  }
  measurement.end();
  measurement.print({.operations = command.count});
}

void world_pipelined(const Command& command) { PipelinedPool(command).run(command.depth); }

}  // namespace pgreactor::bench
