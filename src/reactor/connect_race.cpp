#include "src/reactor/connect_race.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <exception>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <string>

#include "src/reactor/connect.hpp"
#include "src/reactor/connecting.hpp"
#include "src/reactor/event_loop.hpp"
#include "src/reactor/socket.hpp"
#include "src/reactor/stoppable_wait.hpp"

namespace pgreactor::net {
namespace {

/// Waits until a TCP connection stands. Every candidate is waiting, running or over; those that run
/// have a socket.
class RaceAwaiter final : public StoppableWait, private detail::TimerEntry {
 public:
  RaceAwaiter(std::vector<Endpoint>& candidates, const SocketOptions& options,
              std::chrono::milliseconds delay)
      : TimerEntry(&RaceAwaiter::on_due),
        candidates_(candidates),
        options_(options),
        delay_(delay),
        runners_(candidates.size()) {}
  ~RaceAwaiter() { abandon(); }

  Connected await_resume() {
    if (stopped())
      throw CancelledError("connecting to " + candidates_.front().text() +
                           ": a stop was requested");
    if (winner_ == nullptr) {
      candidates_.clear();
      std::rethrow_exception(runners_.front().failure);
    }
    Connected connected(std::move(winner_->socket), endpoint_of(*winner_), winner_->began);
    std::size_t index = 0;
    std::erase_if(candidates_, [&](const Endpoint&) {
      const Runner& runner = runners_[index++];
      return &runner == winner_ || runner.failure != nullptr;
    });
    return connected;
  }

 private:
  struct Runner final : StreamListener {
    void on_readable() noexcept override {}
    void on_writable() noexcept override { race->on_end(*this); }

    RaceAwaiter* race = nullptr;
    Connected::Clock::time_point began;
    std::unique_ptr<Socket> socket;
    std::exception_ptr failure;
  };

  void start(EventLoop& loop) override {
    loop_ = &loop;
    begin_next();
  }

  void abandon() noexcept override {
    disarm();
    for (Runner& runner : runners_)
      if (&runner != winner_) runner.socket.reset();
  }

  /// Until one runs, or none is left.
  void begin_next() noexcept {
    disarm();
    while (next_ < runners_.size()) {
      Runner& runner = runners_[next_++];
      if (!begin(runner)) continue;
      if (next_ < runners_.size()) loop_->arm(*this, delay_);
      return;
    }
    const auto over = [](const Runner& runner) { return runner.failure != nullptr; };
    if (std::all_of(runners_.begin(), runners_.end(), over)) finish();
  }

  /// False when it has failed already.
  bool begin(Runner& runner) noexcept {
    runner.race = this;
    runner.began = Connected::Clock::now();
    const Endpoint& endpoint = endpoint_of(runner);
    try {
      FileDescriptor descriptor = open_socket(endpoint, options_);
      const int error = start_connecting(descriptor.get(), endpoint);
      if (error != 0 && error != EINPROGRESS) throw connect_error(endpoint, error);
      runner.socket = std::make_unique<Socket>(*loop_, std::move(descriptor));
      runner.socket->watch(&runner, false, true);  // connected already, it is writable too
      return true;
    } catch (...) {
      runner.failure = std::current_exception();
      return false;
    }
  }

  void on_end(Runner& runner) noexcept {
    runner.socket->watch(nullptr, false, false);
    try {
      const Endpoint& endpoint = endpoint_of(runner);
      const int error = end_connecting(runner.socket->descriptor(), endpoint);
      if (error != 0) throw connect_error(endpoint, error);
    } catch (...) {
      runner.failure = std::current_exception();
      runner.socket.reset();
      begin_next();
      return;
    }
    winner_ = &runner;
    abandon();
    finish();
  }

  static void on_due(TimerEntry& entry) noexcept { static_cast<RaceAwaiter&>(entry).begin_next(); }

  const Endpoint& endpoint_of(const Runner& runner) const {
    return candidates_[static_cast<std::size_t>(&runner - runners_.data())];
  }

  std::vector<Endpoint>& candidates_;
  const SocketOptions& options_;
  const std::chrono::milliseconds delay_;
  EventLoop* loop_ = nullptr;
  std::vector<Runner> runners_;  // one for each candidate, in the same order
  std::size_t next_ = 0;         // to begin
  Runner* winner_ = nullptr;
};

}  // namespace

std::vector<Endpoint> interleaved(const std::vector<Endpoint>& sorted) {
  std::vector<Endpoint> favourite, other, mixed;
  for (const Endpoint& endpoint : sorted)
    (endpoint.family() == sorted.front().family() ? favourite : other).push_back(endpoint);
  for (std::size_t i = 0; i < std::max(favourite.size(), other.size()); ++i) {
    if (i < favourite.size()) mixed.push_back(favourite[i]);
    if (i < other.size()) mixed.push_back(other[i]);
  }
  return mixed;
}

Task<Connected> connect_first(std::vector<Endpoint>& candidates, SocketOptions options,
                              std::chrono::milliseconds delay) {
  assert(!candidates.empty());
  if (candidates.size() > 1) co_return co_await RaceAwaiter(candidates, options, delay);
  const Endpoint only = candidates.front();
  const auto began = Connected::Clock::now();
  candidates.clear();
  auto stream = co_await connect_stream(only, options);
  co_return Connected(std::move(stream), only, began);
}

}  // namespace pgreactor::net
