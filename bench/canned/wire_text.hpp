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

}  // namespace pgreactor::bench
