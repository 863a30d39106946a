#include "src/connection/transport.hpp"

#include <array>

#include "protocol/startup.hpp"
#include "src/connection/options_environment.hpp"
#include "src/connection/stream_io.hpp"
#include "src/reactor/connect.hpp"
#include "src/reactor/off_loop.hpp"
#include "src/reactor/tls_stream.hpp"

namespace pgreactor::connection {
namespace {

// One byte and no more: whatever came with it was not encrypted, and meets the handshake, which
// ends there (A1).
Task<char> ask(net::Stream& stream) {
  ByteBuffer out;
  protocol::Writer writer(out);
  encode(writer, protocol::SSLRequest{});
  co_await send_all(stream, out);
  std::array<std::byte, 1> answer{};
  if (co_await receive_some(stream, answer) == 0)
    throw ConnectionError("the server closed the connection");
  co_return std::to_integer<char>(answer[0]);
}

bool agrees(char answer, Encryption encryption) {
  if (answer == 'S') return true;
  if (answer == 'N' && encryption == Encryption::if_offered) return false;
  if (answer == 'N') throw ConnectionError("the server has no TLS, and sslmode demands it");
  if (answer == 'E')
    throw EncryptionRefused("the server answered the request for TLS with an error");
  throw ConnectionError("not a PostgreSQL server: its answer to the request for TLS is none");
}

}  // namespace

net::SocketOptions socket_options(const ConnectionOptions& options) {
  net::SocketOptions socket;
  socket.keepalive = options.keepalive.enabled;
  socket.keepalive_idle = options.keepalive.idle;
  socket.keepalive_interval = options.keepalive.interval;
  socket.keepalive_count = options.keepalive.count;
  socket.user_timeout = options.tcp_user_timeout;
  return socket;
}

Task<std::unique_ptr<net::Stream>> connect_to(net::Endpoint endpoint,
                                              const ConnectionOptions& options) {
  return net::connect_stream(endpoint, socket_options(options));
}

std::vector<Encryption> encryptions(const ConnectionOptions& options, const ServerAddress& server) {
  if (server.is_unix_socket()) return {Encryption::none};
  // Only TLS has something to bind to.
  if (options.tls.channel_binding == ChannelBindingMode::require) return {Encryption::required};
  switch (options.sslmode) {
    case SslMode::disable:
      return {Encryption::none};
    case SslMode::allow:
      return {Encryption::none, Encryption::required};
    case SslMode::prefer:
      return {Encryption::if_offered, Encryption::none};
    case SslMode::require:
    case SslMode::verify_ca:
    case SslMode::verify_full:
      break;
  }
  return {Encryption::required};
}

Task<void> check_peer(const net::Stream& stream, const ConnectionOptions& options,
                      const ServerAddress& server) {
  if (options.required_peer.empty() || !server.is_unix_socket()) co_return;
  const auto user = net::peer_user(stream.descriptor());
  if (!user) throw ConnectionError("the system does not say who the server runs as");
  const auto find = [user = *user] { return conninfo::login_name(user); };
  auto work = net::off_loop(find);
  const std::string name = co_await std::move(work);
  if (name != options.required_peer)
    throw ConnectionError("the server runs as \"" + name + "\" and not as requirepeer demands");
}

Task<Transport> secure(std::unique_ptr<net::Stream> raw, Encryption encryption,
                       const ConnectionOptions& options, const ServerAddress& server,
                       TlsCache& cache) {
  if (encryption == Encryption::none) co_return Transport(std::move(raw));
  if (options.tls.negotiation == SslNegotiation::postgres) {
    const char answer = co_await ask(*raw);
    if (!agrees(answer, encryption)) co_return Transport(std::move(raw));
  }
  auto context = co_await cache.get(options);
  const std::string& host = server.host.empty() ? server.hostaddr : server.host;
  auto tls = co_await net::start_tls(std::move(raw), std::move(context), host);
  auto end_point = tls->end_point();
  co_return Transport(std::move(tls), std::move(end_point));
}

}  // namespace pgreactor::connection
