#pragma once
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/task.hpp>
#include <string>
#include <utility>
#include <vector>

#include "src/connection/open.hpp"
#include "src/reactor/connect_race.hpp"

// From the addresses of one server to a session on it.
namespace pgreactor::connection {

/// What all attempts at one server share.
class Destination {
 public:
  Destination(const ConnectionOptions& of, const ServerAddress& at, ConnectCache& kept,
              TargetSessionAttrs kind)
      : options(of), server(at), cache(kept), wanted(kind) {}

  const ConnectionOptions& options;
  const ServerAddress& server;
  ConnectCache& cache;
  TargetSessionAttrs wanted;
};

/// What a failure leaves to be tried.
///   next_address  nothing there, no answer, or it could not begin a session
///   next_server   not the kind of server that is wanted: its other addresses lead to the same
///   nothing       it is us whom the server does not want, or the options cannot be used
enum class Onward : std::uint8_t { next_address, next_server, nothing };

/// A session, or why there is none and what is left to be tried.
class Opened {
 public:
  explicit Opened(std::unique_ptr<Connection> made) : connection(std::move(made)) {}
  // NOLINTNEXTLINE(bugprone-throw-keyword-missing): it is kept, for whoever has to throw it
  Opened(std::exception_ptr thrown, Onward left) : failure(std::move(thrown)), onward(left) {}

  std::unique_ptr<Connection> connection;
  std::exception_ptr failure;
  Onward onward = Onward::nothing;
};

/// Options that cannot be used are no better at another place, and neither are credentials that
/// cannot be had.
bool may_succeed_elsewhere(const Error& failure);

/// Tries the addresses of one server, in order and overlapping: the first that connects is logged
/// in at, and only when that fails the race goes on among the others.
/// Units   connect_timeout for each address, twice that for all of them.
/// Errors  what is no Error is thrown; all else is in the result.
/// Owner   the destination, and what it refers to, outlives the task.
Task<Opened> open_among(std::vector<net::Endpoint> addresses, const Destination& destination);

}  // namespace pgreactor::connection
