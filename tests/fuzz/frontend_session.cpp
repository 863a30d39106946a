#include <cstdint>
#include <cstdlib>
#include <string>

#include "protocol/session.hpp"

// Input: how to start (u8), steps awaited (u8 count, then one byte each), what the server says.
namespace {

using namespace pgreactor;
using namespace pgreactor::protocol;

bool fill(void*, std::span<std::byte> target) noexcept {
  for (std::byte& byte : target) byte = std::byte{1};
  return true;
}

Session session_for(std::uint8_t mode) {
  StartupOptions options;
  options.user = "me";
  options.password = Secret("secret");
  options.policy.allow_cleartext = (mode & 2) != 0;
  options.policy.allow_md5 = (mode & 4) != 0;
  if ((mode & 8) != 0) options.newest_version = protocol_3_2;
  options.policy.iterations = {.least = 1, .most = 4};  // the fuzzer's time is not for PBKDF2
  Session session(std::move(options), RandomSource(fill));
  session.start();
  return session;
}

// Everything that next() says to these bytes, split after `split` of them.
std::string play(Session& session, Bytes said, std::size_t split, bool ends_copies) {
  std::string events;
  Bytes input = said.first(split);
  for (std::size_t turn = 0; turn < 2; ++turn) {
    for (;;) {
      const Event event = session.next(input);
      if (event.kind == Event::Kind::need_bytes) break;
      events += static_cast<char>(event.kind);
      events += as_text(event.body);
      if (event.kind == Event::Kind::violation) return events;
      if (event.kind == Event::Kind::copy_in && ends_copies) session.end_copy_in();
      if (event.kind == Event::Kind::scram_keys_needed) session.provide_scram_keys(ScramKeys{});
      if (event.kind == Event::Kind::data_row)
        for (DataRowView row(event.body); !row.at_end();) row.next();
    }
    // What was not taken stays, and the rest of the bytes follows it.
    input = said.subspan(split - input.size());
    split = said.size();
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes all = std::as_bytes(std::span{data, size});
  if (size < 2 || size < 2U + data[1]) return 0;
  const std::size_t steps = data[1];
  const Bytes said = all.subspan(2 + steps);
  static const std::string opening("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", 15);
  std::string whole_events;
  for (const std::size_t split : {said.size(), said.size() / 2}) {
    Session session = session_for(data[0]);
    if ((data[0] & 1) != 0) {
      Bytes greeting = as_bytes(opening);
      session.next(greeting);
      session.next(greeting);
      for (std::size_t i = 0; i < steps; ++i) session.expect(static_cast<Step>(data[2 + i] % 8));
    }
    const std::string events = play(session, said, split, (data[0] & 16) != 0);
    if (session.outstanding() > steps) std::abort();
    if (split == said.size())
      whole_events = events;
    else if (events != whole_events)
      std::abort();
  }
  return 0;
}
