#include <cstdint>
#include <cstdlib>
#include <string>
#include <type_traits>

#include "protocol/authentication.hpp"
#include "protocol/frontend_message.hpp"

// Input: what a client says, its opening message first.
namespace {

using namespace pgreactor;
using namespace pgreactor::protocol;

struct Encode {
  Writer& out;

  template <class Message>
  void operator()(const Message& message) const {
    encode(out, message);
  }
  void operator()(const ReceivedBind& message) const {
    encode(out, Bind{message.portal, message.statement, message.parameter_formats,
                     message.parameters, message.result_formats});
  }
  void operator()(const PasswordBody& message) const {
    const auto frame = out.begin(FrontendTag::password);
    out.bytes(message.body);
  }
};

// Every accepted message has one encoding: what decodes must come back byte by byte.
template <class Message>
void expect_same(const Message& message, Bytes original) {
  ByteBuffer buffer;
  Writer out{buffer};
  std::visit(Encode{out}, message);
  if (as_text(buffer.bytes()) != as_text(original)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes input = std::as_bytes(std::span{data, size});
  Bytes before = input;
  Frame frame;
  std::size_t needed = 0;
  if (take_untyped_frame(input, frame, needed) == FrameState::whole) {
    if (const auto first = decode_first_message(frame.body))
      expect_same(*first, before.first(before.size() - input.size()));
  }
  for (before = input; take_frame(input, frontend_body_caps, frame, needed) == FrameState::whole;
       before = input) {
    if (const auto message = decode_frontend_message(frame))
      expect_same(*message, before.first(before.size() - input.size()));
    (void)decode_password_message(frame.body);
    (void)decode_sasl_initial_response(frame.body);
    (void)decode_sasl_response(frame.body);
  }
  return 0;
}
