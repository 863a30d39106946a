#include "src/connection/stream_io.hpp"

#include <pgreactor/error.hpp>

#include "src/reactor/stream_wait.hpp"

namespace pgreactor::connection {

Task<void> send_all(net::Stream& stream, ByteBuffer& out) {
  while (!out.empty()) {
    const net::IoResult sent = stream.send(out.bytes());
    if (sent.status == net::IoStatus::failed) throw ConnectionError(stream.problem(sent.error));
    out.consume(sent.bytes);
    if (sent.status == net::IoStatus::would_block) co_await net::wait_writable(stream);
  }
}

Task<std::size_t> receive_some(net::Stream& stream, std::span<std::byte> into) {
  for (;;) {
    const net::IoResult got = stream.receive(into);
    if (got.status == net::IoStatus::done) co_return got.bytes;
    if (got.status == net::IoStatus::end_of_stream) co_return 0;
    if (got.status == net::IoStatus::failed) throw ConnectionError(stream.problem(got.error));
    co_await net::wait_readable(stream);
  }
}

}  // namespace pgreactor::connection
