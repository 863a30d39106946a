#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <pgreactor/reactor.hpp>
#include <string>

#include "src/reactor/endpoint.hpp"
#include "src/reactor/stream.hpp"
#include "tests/support/acceptor.hpp"

namespace pgreactor::testing_support {

/// Which way bytes go.
enum class Way : std::uint8_t { to_server, to_client };

/// Stands between a client and a server, and cuts the line where it is told to.
/// Owner   ends before its reactor, on the loop thread; connections through it end with it.
class FaultProxy {
 public:
  /// Listens on a Unix socket of its own and connects to `server` for each client.
  FaultProxy(Reactor& reactor, net::Endpoint server);
  ~FaultProxy();

  std::string host() const { return acceptor_.host(); }
  std::uint16_t port() const noexcept { return acceptor_.port(); }

  /// Lets `bytes` more through that way, on all connections together, and then ends the connection
  /// whose byte would be next. Happens once.
  void cut_after(Way way, std::size_t bytes);
  /// No more cuts. Whether the one that was asked for was still to come.
  bool let_pass() noexcept;
  /// How many bytes at most it passes on with one send; 0 is no limit.
  void slice(std::size_t bytes) noexcept;

 private:
  class Line;
  struct State;
  static Task<void> connect(std::shared_ptr<State> state, std::unique_ptr<net::Stream> client);

  std::shared_ptr<State> state_;  // with the tasks that connect, which may end after us
  Acceptor acceptor_;
};

}  // namespace pgreactor::testing_support
