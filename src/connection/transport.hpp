#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/task.hpp>
#include <utility>
#include <vector>

#include "src/connection/tls_cache.hpp"
#include "src/reactor/endpoint.hpp"
#include "src/reactor/socket_options.hpp"
#include "src/reactor/stream.hpp"

namespace pgreactor::connection {

/// A stream to a server, and how far it can be trusted.
class Transport {
 public:
  explicit Transport(std::unique_ptr<net::Stream> plain) : stream(std::move(plain)) {}
  Transport(std::unique_ptr<net::Stream> tls, std::vector<std::byte> bound_to)
      : stream(std::move(tls)), encrypted(true), end_point(std::move(bound_to)) {}

  std::unique_ptr<net::Stream> stream;
  bool encrypted = false;
  std::vector<std::byte> end_point{};  // see net::TlsStream
};

/// The server cannot begin TLS; it may do without.
class EncryptionRefused final : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

/// What one attempt to connect does about TLS.
enum class Encryption : std::uint8_t { none, if_offered, required };

/// The attempts at one address, in order: sslmode as libpq reads it. The second is made where the
/// first was refused for its encryption.
std::vector<Encryption> encryptions(const ConnectionOptions& options, const ServerAddress& server);

/// The options' care for dead peers.
net::SocketOptions socket_options(const ConnectionOptions& options);

/// A connection to that address, with these.
/// Errors  as net::connect_stream().
Task<std::unique_ptr<net::Stream>> connect_to(net::Endpoint endpoint,
                                              const ConnectionOptions& options);

/// requirepeer: the other end of a Unix socket has to run as that user. Not asked over TCP.
/// Errors  ConnectionError with the reason alone; CancelledError on a stop.
Task<void> check_peer(const net::Stream& stream, const ConnectionOptions& options,
                      const ServerAddress& server);

/// Agrees on TLS with the server, and shakes hands.
/// Errors  ConnectionError with the reason alone; what a server says before it has proved who it is
///         is not repeated (A3). CancelledError on a stop.
Task<Transport> secure(std::unique_ptr<net::Stream> raw, Encryption encryption,
                       const ConnectionOptions& options, const ServerAddress& server,
                       TlsCache& cache);

}  // namespace pgreactor::connection
