#pragma once
#include <cassert>
#include <pgreactor/values/byte_buffer.hpp>
#include <string>
#include <string_view>

#include "protocol/frame.hpp"
#include "protocol/writer.hpp"

namespace pgreactor::bench {

/// The messages as they stand on the wire, one after the other.
template <class... Messages>
std::string wire_text(const Messages&... messages) {
  ByteBuffer buffer;
  {
    protocol::Writer out(buffer);
    (encode(out, messages), ...);
    assert(!out.failed());
  }
  return std::string(as_text(buffer.bytes()));
}

/// CopyData (both ways, 'd').
/// Body: a piece of the data
inline void encode_copy_data(ByteBuffer& buffer, std::string_view data) {
  protocol::Writer out(buffer);
  const auto frame = out.begin(protocol::BackendTag::copy_data);
  out.bytes(as_bytes(data));
}
inline std::string copy_data(std::string_view data) {
  ByteBuffer buffer;
  encode_copy_data(buffer, data);
  return std::string(as_text(buffer.bytes()));
}

}  // namespace pgreactor::bench
