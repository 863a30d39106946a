#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

namespace pgreactor::net {

/// How a TCP connection notices that its peer is gone. Unix sockets need and have none of it.
struct SocketOptions {
  /// Whether an idle peer is probed at all.
  bool keepalive = true;
  /// Silence before the first probe, time between probes, and how many may stay unanswered: finds
  /// a dead peer of an idle connection within 30 s. 0 leaves each to the kernel.
  std::chrono::seconds keepalive_idle{15};
  std::chrono::seconds keepalive_interval{5};
  int keepalive_count = 3;
  /// How long sent data may stay unacknowledged; below the pool's acquire timeout of 5 s. 0 leaves
  /// it to the kernel, which takes about 15 minutes.
  std::chrono::milliseconds user_timeout{4000};
  /// Bytes; 0 leaves it to the kernel, which adapts them. Also for Unix sockets.
  int send_buffer = 0;
  int receive_buffer = 0;
};

/// Sets them on a socket of this address family, and TCP_NODELAY where it is TCP. Throws
/// ConnectionError when the kernel refuses a value.
void apply(const SocketOptions& options, int descriptor, int family);

/// From here to the peer of a connected socket and back, as TCP has measured it; 0 where it has
/// not.
std::chrono::microseconds round_trip(int descriptor) noexcept;

/// The user that the peer of a connected Unix socket ran as when it began to listen; nullopt where
/// there is none.
std::optional<std::uint32_t> peer_user(int descriptor) noexcept;

}  // namespace pgreactor::net
