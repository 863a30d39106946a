#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/support/frontend_messages.hpp"

// Input: all that a client says to a backend, from its first byte.
namespace {

using namespace pgreactor;
using namespace pgreactor::protocol;
using testing_support::FrontendMessages;

struct Heard {
  std::string tags;  // of all messages; '-' is one without a type byte
  bool asked_for_encryption = false;
};

// What a backend hears of these bytes when they come in two pieces.
Heard hear(Bytes said, std::size_t split) {
  FrontendMessages messages;
  Heard heard;
  bool started = false;
  for (const Bytes piece : {said.first(split), said.subspan(split)}) {
    messages.append(piece);
    while (!started) {
      const auto first = messages.next_first();
      if (!first) break;
      heard.tags += '-';
      // A backend acts on it and ends the connection.
      if (std::holds_alternative<CancelRequest>(*first)) return heard;
      started = std::holds_alternative<StartupMessage>(*first);
      if (heard.tags.size() > 3) std::abort();  // one for TLS, one for GSSAPI, and the startup (A4)
    }
    while (started && messages.next()) heard.tags += messages.last_tag();
  }
  heard.asked_for_encryption = messages.violation().find("encryption") != std::string::npos;
  heard.tags += messages.violation();
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes said = std::as_bytes(std::span{data, size});
  const Heard whole = hear(said, size);
  for (const std::size_t split : {size / 2, size / 3}) {
    const Heard pieces = hear(said, split);
    // What comes with a request for encryption is refused, what comes after it is not (A2).
    if (whole.asked_for_encryption || pieces.asked_for_encryption) continue;
    if (pieces.tags != whole.tags) std::abort();
  }
  return 0;
}
