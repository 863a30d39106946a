#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/task.hpp>
#include <string>
#include <string_view>

#include "protocol/session.hpp"
#include "src/connection/identity.hpp"
#include "src/connection/receive_buffer.hpp"
#include "src/connection/scram_key_cache.hpp"
#include "src/connection/transport.hpp"
#include "src/reactor/stream.hpp"

namespace pgreactor::connection {

/// The exchange from StartupMessage to the first ReadyForQuery, over a stream that is connected.
/// Public members are what it leaves to the connection.
/// Limits  receives 1 MiB in all, and gives the loop its turn meanwhile: a server that never stops
/// talking holds up nobody else, and not this for ever (P12).
class Login {
 public:
  /// `names_idle_limit`: see idle_limit.hpp.
  Login(Transport transport, const ConnectionOptions& options, bool names_idle_limit,
        Identity identity, ScramKeyCache& keys, net::ReceiveBlocks& blocks);

  /// Errors  ConnectionError with the reason alone, which open_connection completes;
  /// CancelledError.
  Task<void> run();
  /// When that is over: the first value that a query gives, as text of at most 16 bytes; "" when it
  /// gives none. Errors  as run().
  Task<std::string> ask(std::string_view sql);
  /// What is being waited for: "waiting for the server's greeting", "authenticating" ...
  std::string_view phase() const noexcept;
  /// The server refused who we are: no other address will do better.
  bool refused() const noexcept { return refused_; }

  std::unique_ptr<net::Stream> stream;
  protocol::Session session;
  ReceiveBuffer received;

 private:
  Task<void> receive();
  Task<void> derive_keys();
  void check(const protocol::Event& event);

  ScramKeyCache& keys_;
  std::optional<protocol::ScramKeys> given_keys_;
  protocol::Phase last_phase_ = protocol::Phase::created;  // before what may have failed
  bool refused_ = false;
  std::size_t received_in_all_ = 0;
  std::uint32_t receives_ = 0;
};

}  // namespace pgreactor::connection
