#include "protocol/scram.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "protocol/base64.hpp"
#include "protocol/saslprep.hpp"

// Input: texts of the exchange, separated by newlines: server-first, server-final, client-first,
// client-final, password.
namespace {

using namespace pgreactor;
using namespace pgreactor::protocol;

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = as_text(std::as_bytes(std::span{data, size}));
  ScramClient client("rOprNGfwEbeRWgbNEkqO");
  const ScramKeys keys;
  std::string message;
  if (client.on_server_first(take_line(text), {}) == ScramFault::none) {
    if (client.iterations() < 4096 || client.iterations() > 100000) std::abort();
    (void)client.client_final(keys);
  }
  (void)client.on_server_final(take_line(text));
  if (client.refusal().size() > 64) std::abort();

  ScramServer server(ScramVerifier{}, "server");
  if (server.on_client_first(take_line(text), message) == ScramFault::none)
    (void)server.on_client_final(take_line(text), message);

  const std::string_view password = take_line(text);
  const std::string prepared = saslprep(password);
  // UAX #15, "Detecting Normalization Forms": no text grows more than U+FDFA does.
  constexpr std::size_t most_growth = 11;
  if (prepared.size() > most_growth * password.size() || prepared.empty() != password.empty())
    std::abort();
  if (saslprep(prepared) != prepared) std::abort();
  if (const auto bytes = from_base64(password); bytes && to_base64(*bytes) != password)
    std::abort();
  return 0;
}
