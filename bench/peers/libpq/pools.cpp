#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <deque>
#include <system_error>
#include <vector>

#include "bench/peers/libpq/answers.hpp"
#include "bench/peers/libpq/modes.hpp"

namespace pgreactor::bench {
namespace {

/// The connections of W3 and the tasks on them. A task is no more than when it wanted its query: as
/// soon as that is answered it wants the next.
class Tasks {
 public:
  Tasks(const Command& command, bool pipelined)
      : count_(command.count), pipelined_(pipelined), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    for (std::size_t i = 0; i < pool_connections; ++i) add_connection(i);
  }
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;
  ~Tasks() { close(epoll_); }

  void run(std::uint64_t tasks) {
    measurement_.begin();
    const Clock::time_point wanted = Clock::now();
    for (std::uint64_t task = 0; task < tasks; ++task) {
      if (pipelined_ || task < pool_connections)
        ask(connections_[task % pool_connections], wanted);
      else
        waiting_.push_back(wanted);
    }
    for (PooledConnection& each : connections_) flush(each);
    while (answered_ < count_) serve_the_ready();
    measurement_.end();
    std::int64_t sum = sum_;
    for (const PooledConnection& each : connections_) sum += each.answers.sum();
    measurement_.print({.operations = count_, .check = sum});
  }

 private:
  struct PooledConnection {
    Connection connection;
    Answers answers;
    std::deque<Clock::time_point> in_flight;
  };

  void add_connection(std::size_t index) {
    const Connection& made = connections_.emplace_back().connection;
    made.prepare(world_sql);
    PQsetnonblocking(made.get(), 1);
    if (pipelined_) PQenterPipelineMode(made.get());
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, PQsocket(made.get()), &event);
  }
  void ask(PooledConnection& on, Clock::time_point wanted) {
    if (sent_ == count_) return;
    on.connection.send(world_id(sent_++));
    if (pipelined_ && PQpipelineSync(on.connection.get()) == 0) on.connection.fail();
    on.in_flight.push_back(wanted);
  }
  static void flush(const PooledConnection& on) {
    if (PQflush(on.connection.get()) < 0) on.connection.fail();
  }

  /// How many queries have ended on it: without a pipeline, one at most.
  std::uint64_t take_answers(PooledConnection& on) {
    if (pipelined_) return on.answers.ended_on(on.connection);
    while (!on.in_flight.empty() && PQisBusy(on.connection.get()) == 0) {
      PGresult* result = PQgetResult(on.connection.get());
      if (result == nullptr) return 1;
      sum_ += randomnumber_of(on.connection.expect(PGRES_TUPLES_OK, result));
    }
    return 0;
  }
  void serve(PooledConnection& on) {
    if (PQconsumeInput(on.connection.get()) == 0) on.connection.fail();
    const std::uint64_t ended = take_answers(on);
    const Clock::time_point now = Clock::now();
    for (std::uint64_t i = 0; i < ended; ++i) {
      measurement_.record(on.in_flight.front(), now);
      on.in_flight.pop_front();
      if (pipelined_) {
        ask(on, now);
      } else {
        waiting_.push_back(now);
        ask(on, waiting_.front());
        waiting_.pop_front();
      }
    }
    answered_ += ended;
    flush(on);
  }
  void serve_the_ready() {
    std::array<epoll_event, pool_connections> events;
    const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i)
      serve(connections_[events[static_cast<std::size_t>(i)].data.u64]);
  }

  std::uint64_t count_;
  bool pipelined_;
  std::uint64_t sent_ = 0, answered_ = 0;
  std::int64_t sum_ = 0;
  int epoll_;
  Measurement measurement_;
  std::vector<PooledConnection> connections_;
  std::deque<Clock::time_point> waiting_;  // for a connection; without a pipeline only
};

}  // namespace

void world_pipelined(const Command& command) { Tasks(command, true).run(command.depth); }
void world_pooled(const Command& command) { Tasks(command, false).run(command.depth); }

}  // namespace pgreactor::bench
