#include "src/connection/cancel.hpp"

#include <array>
#include <pgreactor/error.hpp>

#include "src/connection/stream_io.hpp"

namespace pgreactor::connection {

Task<void> request_cancel(SessionOrigin origin, protocol::CancelKey key,
                          const ConnectionOptions& options, TlsCache& cache,
                          CancelProgress& progress) {
  auto raw = co_await connect_to(origin.endpoint, options);
  co_await check_peer(*raw, options, origin.server);
  Transport transport =
      co_await secure(std::move(raw), origin.encryption, options, origin.server, cache);
  net::Stream& stream = *transport.stream;
  ByteBuffer out;
  protocol::Writer writer(out);
  encode(writer, protocol::CancelRequest{std::move(key)});
  progress = CancelProgress::sent;
  co_await send_all(stream, out);
  // Its only answer is the end, be it a reset.
  std::array<std::byte, 16> answer{};
  std::size_t answered = 0;
  try {
    answered = co_await receive_some(stream, answer);
  } catch (const ConnectionError&) {
    progress = CancelProgress::acted_upon;
    throw;
  }
  progress = CancelProgress::acted_upon;
  if (answered != 0) throw ConnectionError("the server answered a cancel request");
}

}  // namespace pgreactor::connection
