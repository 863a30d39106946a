#include "src/connection/login.hpp"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <utility>

#include "protocol/asynchronous.hpp"
#include "protocol/result.hpp"
#include "protocol/simple_query.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/idle_limit.hpp"
#include "src/connection/stream_io.hpp"
#include "src/reactor/off_loop.hpp"

namespace pgreactor::connection {
namespace {

using protocol::Event;
using protocol::Phase;

// In bytes, up to the last answer to ask(). A server has some fifteen settings and a key to tell;
// the rest is for what triggers of the login have to remark, and still soon received.
constexpr std::size_t most_received = std::size_t{1} << 20;
// So often a receive may find bytes there already before the loop turns to others: more than an
// honest login takes in all. Also the depth to which tasks that end at once stack up where the
// compiler does not make symmetric transfers tail calls (g++ below -O2).
constexpr std::uint32_t receives_per_turn = 8;

bool fill_random(void*, std::span<std::byte> target) noexcept {
  // Up to 256 bytes come whole or not at all; a nonce has 18.
  return getrandom(target.data(), target.size(), 0) == static_cast<ssize_t>(target.size());
}

protocol::BindChannel bind_channel(ChannelBindingMode mode) noexcept {
  switch (mode) {
    case ChannelBindingMode::disable:
      return protocol::BindChannel::never;
    case ChannelBindingMode::prefer:
      return protocol::BindChannel::if_offered;
    case ChannelBindingMode::require:
      break;
  }
  return protocol::BindChannel::always;
}

protocol::StartupOptions startup_options(const ConnectionOptions& options, bool with_idle_limit,
                                         const Identity& identity, const Transport& transport) {
  protocol::StartupOptions startup;
  startup.user = identity.user;
  startup.database = options.database;
  if (!options.application_name.empty())
    startup.parameters.emplace_back("application_name", options.application_name);
  if (!options.server_options.empty())
    startup.parameters.emplace_back("options", options.server_options);
  for (const auto& setting : options.session_settings) startup.parameters.push_back(setting);
  if (with_idle_limit) add_idle_limit(startup, options);
  startup.password = identity.password;
  startup.newest_version = static_cast<std::uint32_t>(options.max_protocol_version);
  startup.oldest_version = static_cast<std::uint32_t>(options.min_protocol_version);
  startup.policy.allow_scram = options.authentication.scram_sha_256;
  startup.policy.allow_md5 = options.authentication.md5;
  startup.policy.encrypted = transport.encrypted;
  startup.policy.host_verified = transport.encrypted && options.sslmode == SslMode::verify_full;
  startup.policy.allow_cleartext =
      options.authentication.cleartext_password ||
      (startup.policy.host_verified && options.authentication.cleartext_over_tls);
  startup.policy.iterations = {options.min_scram_iterations, options.max_scram_iterations};
  startup.policy.require_proof = !options.authentication.none;
  if (identity.scram_keys) {
    // The session wants to see something to prove; with keys it is never sent.
    startup.password = options.scram_client_key;
    startup.policy.allow_md5 = startup.policy.allow_cleartext = false;
  }
  startup.policy.bind = bind_channel(options.tls.channel_binding);
  startup.end_point = transport.end_point;
  return startup;
}

// A class 28 error is about who we are, not about where we are.
bool is_about_identity(const Sqlstate& code) noexcept { return code.class_code() == "28"; }

}  // namespace

Login::Login(Transport transport, const ConnectionOptions& options, bool names_idle_limit,
             Identity identity, ScramKeyCache& keys, net::ReceiveBlocks& blocks)
    : stream(std::move(transport.stream)),
      session(startup_options(options, names_idle_limit, identity, transport),
              protocol::RandomSource(&fill_random)),
      received(blocks),
      keys_(keys),
      given_keys_(std::move(identity.scram_keys)) {}

std::string_view Login::phase() const noexcept {
  switch (last_phase_) {
    case Phase::created:
    case Phase::greeting:
      return "waiting for the server's greeting";
    case Phase::asked:
    case Phase::answered:
    case Phase::proposing:
    case Phase::deriving:
    case Phase::proving:
    case Phase::proven:
      return "authenticating";
    case Phase::settling:
      return "waiting until the server is ready";
    case Phase::ready:
    case Phase::closed:
    case Phase::failed:
      break;
  }
  return "logging in";
}

Task<void> Login::run() {
  session.start();
  while (session.phase() != Phase::ready) {
    // Not a task for every message: see receives_per_turn.
    if (!session.output().empty()) co_await send_all(*stream, session.output());
    last_phase_ = session.phase();
    Bytes input = received.unread();
    const Event event = session.next(input);
    check(event);
    received.keep(input.size());
    if (event.kind == Event::Kind::scram_keys_needed) co_await derive_keys();
    if (event.kind == Event::Kind::need_bytes) co_await receive();
  }
}

Task<std::string> Login::ask(std::string_view sql) {
  constexpr std::size_t longest_answer = 16;
  protocol::Writer out(session.output());
  encode(out, protocol::Query{sql});
  session.expect(protocol::Step::query);
  co_await send_all(*stream, session.output());
  std::string answer;
  for (Event event; event.kind != Event::Kind::ready;) {
    Bytes input = received.unread();
    event = session.next(input);
    check(event);
    if (event.kind == Event::Kind::data_row) {
      protocol::DataRowView row(event.body);
      const NullableBytes value = row.at_end() ? std::nullopt : row.next();
      if (value) answer = as_text(value->first(std::min(value->size(), longest_answer)));
    }
    received.keep(input.size());
    if (event.kind == Event::Kind::need_bytes) co_await receive();
  }
  co_return answer;
}

void Login::check(const Event& event) {
  if (event.kind == Event::Kind::violation) {
    last_phase_ = session.violated_in();
    throw ConnectionError(std::string(session.violation()));
  }
  if (event.kind != Event::Kind::error) return;
  auto decoded = protocol::decode_error_response(event.body);
  if (!decoded) throw ConnectionError("an unreadable ErrorResponse");
  auto report = std::make_shared<const ServerReport>(std::move(decoded->report));
  refused_ = is_about_identity(report->sqlstate);
  throw ConnectionError(sentence_of(*report), Outcome::not_sent, report);
}

Task<void> Login::receive() {
  if (received_in_all_ >= most_received)
    throw ConnectionError("the server sent more than 1 MiB before it was ready for a statement");
  if (++receives_ % receives_per_turn == 0) co_await sleep_for(std::chrono::nanoseconds::zero());
  const std::size_t count = co_await receive_some(*stream, received.room());
  if (count == 0) throw ConnectionError("the server closed the connection");
  received.received(count);
  received_in_all_ += count;
}

Task<void> Login::derive_keys() {
  if (given_keys_) {
    session.provide_scram_keys(*given_keys_);
    co_return;
  }
  const std::string_view password = session.password().reveal();
  const std::uint32_t iterations = session.scram_iterations();
  auto keys = keys_.find(password, session.scram_salt(), iterations);
  if (!keys) {
    const Bytes salt = session.scram_salt();
    // The work may outlive this task, so it owns what it uses.
    auto derive = [password = session.password(),
                   salt = std::vector<std::byte>(salt.begin(), salt.end()),
                   iterations] { return protocol::derive_scram_keys(password, salt, iterations); };
    auto work = net::off_loop(derive);
    keys = co_await std::move(work);
    keys_.add(session.password().reveal(), session.scram_salt(), iterations, *keys);
  }
  session.provide_scram_keys(*keys);
}

}  // namespace pgreactor::connection
