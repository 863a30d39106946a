#include "src/connection/transport.hpp"

#include <array>

#include "protocol/startup.hpp"
#include "src/reactor/stream_wait.hpp"
#include "src/reactor/tls_stream.hpp"

namespace pgreactor::connection {
namespace {

Task<void> send_request(net::Stream& stream) {
  ByteBuffer out;
  protocol::Writer writer(out);
  encode(writer, protocol::SSLRequest{});
  while (!out.empty()) {
    const net::IoResult sent = stream.send(out.bytes());
    if (sent.status == net::IoStatus::failed) throw ConnectionError(stream.problem(sent.error));
    out.consume(sent.bytes);
    if (sent.status == net::IoStatus::would_block) co_await net::wait_writable(stream);
  }
}

// One byte and no more: whatever came with it was not encrypted, and meets the handshake, which
// ends there (A1).
Task<char> receive_answer(net::Stream& stream) {
  std::array<std::byte, 1> answer{};
  for (;;) {
    const net::IoResult got = stream.receive(answer);
    if (got.status == net::IoStatus::done) co_return std::to_integer<char>(answer[0]);
    if (got.status == net::IoStatus::failed) throw ConnectionError(stream.problem(got.error));
    if (got.status == net::IoStatus::end_of_stream)
      throw ConnectionError("the server closed the connection");
    co_await net::wait_readable(stream);
  }
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

std::vector<Encryption> encryptions(const ConnectionOptions& options, const ServerAddress& server) {
  if (server.is_unix_socket()) return {Encryption::none};
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

Task<Transport> secure(std::unique_ptr<net::Stream> raw, Encryption encryption,
                       const ConnectionOptions& options, const ServerAddress& server,
                       TlsCache& cache) {
  if (encryption == Encryption::none) co_return Transport(std::move(raw));
  if (options.tls.negotiation == SslNegotiation::postgres) {
    co_await send_request(*raw);
    if (!agrees(co_await receive_answer(*raw), encryption)) co_return Transport(std::move(raw));
  }
  auto context = co_await cache.get(options);
  const std::string& host = server.host.empty() ? server.hostaddr : server.host;
  auto tls = co_await net::start_tls(std::move(raw), std::move(context), host);
  auto end_point = tls->end_point();
  co_return Transport(std::move(tls), std::move(end_point));
}

}  // namespace pgreactor::connection
