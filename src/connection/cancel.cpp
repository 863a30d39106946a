#include "src/connection/cancel.hpp"

#include <array>
#include <pgreactor/error.hpp>

#include "src/connection/stream_io.hpp"

namespace pgreactor::connection {

Task<void> request_cancel(SessionOrigin origin, protocol::CancelKey key,
                          const ConnectionOptions& options, TlsCache& cache) {
  auto raw = co_await connect_to(origin.endpoint, options);
  Transport transport =
      co_await secure(std::move(raw), origin.encryption, options, origin.server, cache);
  net::Stream& stream = *transport.stream;
  ByteBuffer out;
  protocol::Writer writer(out);
  encode(writer, protocol::CancelRequest{std::move(key)});
  co_await send_all(stream, out);
  // Its only answer is the end.
  std::array<std::byte, 16> answer{};
  if ((co_await receive_some(stream, answer)) != 0)
    throw ConnectionError("the server answered a cancel request");
}

}  // namespace pgreactor::connection
