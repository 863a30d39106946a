#include <cstdint>
#include <cstdlib>
#include <string>

#include "protocol/backend_message.hpp"

// Input: what a server says, message by message, without a session that would mind the order.
namespace {

using namespace pgreactor;
using namespace pgreactor::protocol;

struct Encode {
  Writer& out;

  template <class Message>
  void operator()(const Message& message) const {
    encode(out, message);
  }
  void operator()(DataRowView row) const {
    std::vector<NullableBytes> values;
    while (!row.at_end()) values.push_back(row.next());
    encode(out, DataRow{values});
  }
};

std::string encoding_of(const BackendMessage& message) {
  ByteBuffer buffer;
  Writer out{buffer};
  std::visit(Encode{out}, message);
  if (out.failed()) std::abort();
  return std::string(as_text(buffer.bytes()));
}

// A report may come in many orders, and with fields twice; every other message has one encoding.
bool is_report(const Frame& frame) { return frame.tag == 'E' || frame.tag == 'N'; }

Frame whole_frame(Bytes bytes) {
  Frame frame;
  std::size_t needed = 0;
  if (take_frame(bytes, backend_body_caps, frame, needed) != FrameState::whole) std::abort();
  return frame;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes input = std::as_bytes(std::span{data, size});
  Bytes before = input;
  Frame frame;
  std::size_t needed = 0;
  for (; take_frame(input, backend_body_caps, frame, needed) == FrameState::whole; before = input) {
    const auto message = decode_backend_message(frame);
    if (!message) continue;
    const std::string once = encoding_of(*message);
    if (!is_report(frame) && once != as_text(before.first(before.size() - input.size())))
      std::abort();
    const auto again = decode_backend_message(whole_frame(as_bytes(once)));
    if (!again || encoding_of(*again) != once) std::abort();
  }
  return 0;
}
