#include "protocol/scram.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include "protocol/authentication.hpp"
#include "protocol/base64.hpp"
#include "protocol/saslprep.hpp"

namespace pgreactor::protocol {

namespace {

constexpr std::size_t longest_refusal = 64;

// Takes `name`=value from the front of comma-separated attributes; nullopt when another comes
// first.
std::optional<std::string_view> take_attribute(std::string_view& rest, char name) noexcept {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
  const std::size_t end = std::min(rest.find(','), rest.size());
  const std::string_view value = rest.substr(2, end - 2);
  // A comma at the very end would announce an attribute that is not there.
  if (end + 1 == rest.size()) return std::nullopt;
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return value;
}

bool is_nonce(std::string_view text) noexcept {
  const auto printable = [](char c) { return c >= 0x21 && c <= 0x7E && c != ','; };
  return std::all_of(text.begin(), text.end(), printable);
}

// Digits alone, without sign, space or leading zero; too long a number is the largest.
std::optional<std::uint32_t> to_iterations(std::string_view digits) noexcept {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (digits.empty() || digits[0] == '0' || !std::all_of(digits.begin(), digits.end(), is_digit))
    return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} ? value : 0xFFFFFFFF;
}

std::optional<Sha256> to_sha256(std::string_view base64) {
  const auto bytes = from_base64(base64);
  if (!bytes || bytes->size() != sha256_size) return std::nullopt;
  Sha256 digest;
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

Sha256 operator^(const Sha256& a, const Sha256& b) noexcept {
  Sha256 mixed;
  std::transform(a.begin(), a.end(), b.begin(), mixed.begin(), std::bit_xor<>{});
  return mixed;
}

}  // namespace

std::string_view name_of(ScramFault fault) noexcept {
  switch (fault) {
    case ScramFault::none:
      return "no fault";
    case ScramFault::malformed:
      return "a malformed SCRAM message";
    case ScramFault::nonce_not_extended:
      return "a SCRAM nonce that does not extend ours";
    case ScramFault::iterations_too_few:
      return "fewer SCRAM iterations than the minimum";
    case ScramFault::iterations_too_many:
      return "more SCRAM iterations than the maximum";
    case ScramFault::refused:
      return "the password was not accepted";
    case ScramFault::wrong_signature:
      return "the server cannot prove that it knows the password";
    case ScramFault::wrong_proof:
      return "the client cannot prove that it knows the password";
    case ScramFault::wrong_binding:
      return "the channel binding does not match";
  }
  return "unknown";
}

ScramKeys derive_scram_keys(const Secret& password, Bytes salt, std::uint32_t iterations) {
  const Secret prepared(saslprep(password.reveal()));
  Sha256 salted = pbkdf2_sha256(as_bytes(prepared.reveal()), salt, iterations);
  ScramKeys keys;
  keys.client_key = hmac_sha256(salted, as_bytes("Client Key"));
  keys.server_key = hmac_sha256(salted, as_bytes("Server Key"));
  keys.stored_key = sha256(keys.client_key);
  wipe(salted.data(), salted.size());
  return keys;
}

ScramClient::ScramClient(std::string nonce, ChannelBinding binding, std::string_view name)
    : nonce_(std::move(nonce)), binding_(std::move(binding)) {
  client_first_bare_ = "n=" + std::string(name) + ",r=" + nonce_;
}

std::string ScramClient::client_first() const { return binding_.gs2_header + client_first_bare_; }

ScramFault ScramClient::on_server_first(std::string_view message, IterationLimits limits) {
  if (message.size() > max_sasl_payload) return ScramFault::malformed;
  std::string_view rest = message;
  const auto nonce = take_attribute(rest, 'r');
  const auto salt = nonce ? take_attribute(rest, 's') : std::nullopt;
  const auto digits = salt ? take_attribute(rest, 'i') : std::nullopt;
  if (!digits || !is_nonce(*nonce)) return ScramFault::malformed;
  while (!rest.empty())  // extensions that we may ignore
    if (!take_attribute(rest, rest[0])) return ScramFault::malformed;
  if (!nonce->starts_with(nonce_) || nonce->size() <= nonce_.size())
    return ScramFault::nonce_not_extended;
  auto salt_bytes = from_base64(*salt);
  const auto iterations = to_iterations(*digits);
  if (!salt_bytes || salt_bytes->empty() || !iterations) return ScramFault::malformed;
  if (*iterations < limits.least) return ScramFault::iterations_too_few;
  if (*iterations > limits.most) return ScramFault::iterations_too_many;
  nonce_ = *nonce;
  salt_ = std::move(*salt_bytes);
  iterations_ = *iterations;
  server_first_ = message;
  return ScramFault::none;
}

std::string ScramClient::client_final(const ScramKeys& keys) {
  std::string message =
      "c=" + to_base64(as_bytes(binding_.gs2_header + binding_.data)) + ",r=" + nonce_;
  const std::string all = client_first_bare_ + ',' + server_first_ + ',' + message;
  server_signature_ = hmac_sha256(keys.server_key, as_bytes(all));
  return message + ",p=" + to_base64(keys.client_key ^ hmac_sha256(keys.stored_key, as_bytes(all)));
}

ScramFault ScramClient::on_server_final(std::string_view message) {
  if (message.size() > max_sasl_payload) return ScramFault::malformed;
  std::string_view rest = message;
  if (const auto reason = take_attribute(rest, 'e')) {
    if (is_nonce(*reason)) refusal_ = reason->substr(0, longest_refusal);
    return ScramFault::refused;
  }
  const auto text = take_attribute(rest, 'v');
  const auto signature = text ? to_sha256(*text) : std::nullopt;
  if (!signature || !rest.empty()) return ScramFault::malformed;
  if (!server_signature_ || !equal_in_constant_time(*signature, *server_signature_))
    return ScramFault::wrong_signature;
  return ScramFault::none;
}

ScramServer::ScramServer(ScramVerifier verifier, std::string nonce)
    : verifier_(std::move(verifier)), nonce_(std::move(nonce)) {}

ScramFault ScramServer::on_client_first(std::string_view message, std::string& server_first) {
  if (message.size() > max_sasl_payload) return ScramFault::malformed;
  std::string_view rest = message;
  // No channel binding here: "n" does not know it, "y" believes that we do not.
  if (!rest.starts_with("n,,") && !rest.starts_with("y,,")) return ScramFault::malformed;
  gs2_header_ = rest.substr(0, 3);
  rest.remove_prefix(3);
  client_first_bare_ = rest;
  if (!take_attribute(rest, 'n')) return ScramFault::malformed;
  const auto nonce = take_attribute(rest, 'r');
  if (!nonce || nonce->empty() || !is_nonce(*nonce)) return ScramFault::malformed;
  nonce_.insert(0, *nonce);
  server_first_ = "r=" + nonce_ + ",s=" + to_base64(verifier_.salt) +
                  ",i=" + std::to_string(verifier_.iterations);
  server_first = server_first_;
  return ScramFault::none;
}

ScramFault ScramServer::on_client_final(std::string_view message, std::string& server_final) {
  const auto refuse = [&server_final](ScramFault fault, std::string_view reason) {
    server_final = "e=" + std::string(reason);
    return fault;
  };
  if (message.size() > max_sasl_payload) return refuse(ScramFault::malformed, "invalid-encoding");
  std::string_view rest = message;
  const auto binding = take_attribute(rest, 'c');
  const auto nonce = binding ? take_attribute(rest, 'r') : std::nullopt;
  const std::size_t signed_size = message.size() - rest.size();
  const auto text = nonce ? take_attribute(rest, 'p') : std::nullopt;
  const auto proof = text ? to_sha256(*text) : std::nullopt;
  if (!proof || !rest.empty()) return refuse(ScramFault::malformed, "invalid-encoding");
  if (*binding != to_base64(as_bytes(gs2_header_)))
    return refuse(ScramFault::wrong_binding, "channel-bindings-dont-match");
  if (*nonce != nonce_) return refuse(ScramFault::nonce_not_extended, "invalid-proof");
  const std::string all = client_first_bare_ + ',' + server_first_ + ',' +
                          std::string(message.substr(0, signed_size - 1));
  const Sha256 client_signature = hmac_sha256(verifier_.stored_key, as_bytes(all));
  if (!equal_in_constant_time(sha256(*proof ^ client_signature), verifier_.stored_key))
    return refuse(ScramFault::wrong_proof, "invalid-proof");
  server_final = "v=" + to_base64(hmac_sha256(verifier_.server_key, as_bytes(all)));
  return ScramFault::none;
}

std::optional<std::string> md5_password(const Secret& password, std::string_view user, Bytes salt) {
  // No reallocation leaves a copy behind; the digits are as good as the password.
  std::string joined;
  joined.reserve(password.reveal().size() + user.size());
  joined.append(password.reveal()).append(user);
  const Secret of_user(std::move(joined));
  std::string digits;
  if (!md5_hex(as_bytes(of_user.reveal()), digits)) return std::nullopt;
  std::string salted;
  salted.reserve(digits.size() + salt.size());
  salted.append(digits).append(as_text(salt));
  const Secret unsalted_digits(std::move(digits)), salted_digits(std::move(salted));
  std::string answer;
  if (!md5_hex(as_bytes(salted_digits.reveal()), answer)) return std::nullopt;
  return "md5" + answer;
}

}  // namespace pgreactor::protocol
