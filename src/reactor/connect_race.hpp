#pragma once
#include <chrono>
#include <memory>
#include <pgreactor/task.hpp>
#include <utility>
#include <vector>

#include "src/reactor/endpoint.hpp"
#include "src/reactor/socket_options.hpp"
#include "src/reactor/stream.hpp"

namespace pgreactor::net {

/// A stream, where it leads, and since when that place was tried.
class Connected {
 public:
  using Clock = std::chrono::steady_clock;
  Connected(std::unique_ptr<Stream> to, const Endpoint& place, Clock::time_point since)
      : stream(std::move(to)), endpoint(place), began(since) {}

  std::unique_ptr<Stream> stream;
  Endpoint endpoint;
  Clock::time_point began;
};

/// The order in which to try the addresses of one name: families alternate, the system's favourite
/// first, so that a family that leads nowhere costs one `delay`.
/// Source  RFC 8305, section 4
std::vector<Endpoint> interleaved(const std::vector<Endpoint>& sorted);

/// Connects to the first of `candidates` that answers. They are begun in order, at least one: the
/// next when `delay` has passed since the last was begun, or at once when that has failed. What
/// still runs when one has connected is closed. There is no time limit in it, as in
/// connect_stream().
/// Shape   `candidates` loses the one that connected and those that failed.
/// Errors  ConnectionError when all have failed, with what the first of them said; CancelledError
///         on a stop.
/// Owner   `candidates` outlives the task.
/// Source  RFC 8305, section 5
Task<Connected> connect_first(std::vector<Endpoint>& candidates, SocketOptions options,
                              std::chrono::milliseconds delay);

}  // namespace pgreactor::net
