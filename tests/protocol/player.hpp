#pragma once
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "protocol/session.hpp"
#include "tests/protocol/exemplars.hpp"

namespace pgreactor::protocol::testing {

/// An event with its body copied, so that two runs can be compared.
struct Seen {
  Event::Kind kind = Event::Kind::need_bytes;
  std::string body;
  TransactionStatus status = TransactionStatus::idle;

  friend bool operator==(const Seen&, const Seen&) = default;
  friend void PrintTo(const Seen& seen, std::ostream* out) {
    *out << name_of(seen.kind) << " " << ::testing::PrintToString(seen.body);
  }
};

/// The same bytes in every run, so that every run has the same nonce.
inline RandomSource fixed_random() {
  return RandomSource([](void*, std::span<std::byte> target) noexcept {
    for (std::size_t i = 0; i < target.size(); ++i) target[i] = static_cast<std::byte>(i);
    return true;
  });
}

inline StartupOptions sample_options() {
  StartupOptions options;
  options.user = "me";
  options.database = "d";
  options.parameters = {{"application_name", "test"}};
  options.password = Secret("pencil");
  return options;
}

/// A session and the buffer its caller would have: takes bytes in any pieces, keeps the events.
class Player {
 public:
  explicit Player(StartupOptions options = sample_options())
      : session_(std::move(options), fixed_random()) {
    session_.start();
  }
  /// One whose session has not begun.
  static Player before_start() { return Player(Created{}); }

  /// From now on the keys of SCRAM are being derived, and do not come.
  void hold_back_keys() { gives_keys_ = false; }

  void send(const std::vector<Step>& steps) {
    for (const Step step : steps) session_.expect(step);
  }

  void receive(std::string_view bytes) {
    received_ += bytes;
    // Of exactly the size received: a sanitizer sees what reads beyond it.
    const std::vector<char> buffer(received_.begin(), received_.end());
    Bytes input = as_bytes({buffer.data(), buffer.size()});
    for (;;) {
      const Event event = session_.next(input);
      if (event.kind == Event::Kind::need_bytes) {
        EXPECT_GT(event.needed, input.size());
        EXPECT_GE(event.needed, header_size);
        break;
      }
      seen_.push_back({event.kind, std::string(as_text(event.body)), event.status});
      if (event.kind == Event::Kind::violation) break;
      if (event.kind == Event::Kind::scram_keys_needed && gives_keys_)
        session_.provide_scram_keys(derive_scram_keys(session_.password(), session_.scram_salt(),
                                                      session_.scram_iterations()));
    }
    received_.erase(0, received_.size() - input.size());
  }

  /// What was received since the last call, without the bodies.
  std::vector<Event::Kind> kinds() {
    std::vector<Event::Kind> kinds;
    for (; told_ < seen_.size(); ++told_) kinds.push_back(seen_[told_].kind);
    return kinds;
  }
  /// What the session has sent since the last call.
  std::string sent() {
    std::string bytes(as_text(session_.output().bytes()));
    session_.output().consume(bytes.size());
    return bytes;
  }
  const std::vector<Seen>& seen() const { return seen_; }
  Session& session() { return session_; }
  std::string violation() const { return std::string(session_.violation()); }

 private:
  struct Created {};
  explicit Player(Created) : session_(sample_options(), fixed_random()) {}

  Session session_;
  bool gives_keys_ = true;
  std::string received_;
  std::vector<Seen> seen_;
  std::size_t told_ = 0;
};

inline const std::string admitted = encoded(Authentication{AuthenticationOk{}});

inline std::string settled() {
  return encoded(ParameterStatus{"server_version", "15.18"},
                 ParameterStatus{"client_encoding", "UTF8"}, BackendKeyData{short_key()},
                 ReadyForQuery{});
}

inline Player ready_player() {
  Player player;
  player.receive(admitted + settled());
  player.kinds();
  player.sent();
  return player;
}

inline std::string error_with(std::string_view severity, std::string_view code) {
  ServerReport report;
  report.severity = severity;
  report.sqlstate = Sqlstate(code);
  report.message = "no";
  return encoded(ErrorResponse{report});
}
inline std::string failed_with(std::string_view code) { return error_with("ERROR", code); }

/// What a server says in a SCRAM exchange with a Player: its nonce is fixed, so this is, too.
struct ScramScript {
  std::string offer = encoded(Authentication{AuthenticationSASL{{"SCRAM-SHA-256"}}});
  std::string first;  // texts of the exchange
  std::string final;

  std::string challenge() const {
    return encoded(Authentication{AuthenticationSASLContinue{first}});
  }
  std::string signature() const { return encoded(Authentication{AuthenticationSASLFinal{final}}); }
};

inline ScramScript scram_script(const std::string& password = "pencil") {
  ScramVerifier verifier;
  verifier.salt = std::vector<std::byte>(16, std::byte{42});
  const ScramKeys keys = derive_scram_keys(Secret(password), verifier.salt, verifier.iterations);
  verifier.stored_key = keys.stored_key;
  verifier.server_key = keys.server_key;
  ScramServer server(verifier, "ServerNonce");

  ScramScript script;
  Player player;
  player.sent();
  player.receive(script.offer);
  const std::string initial = player.sent();
  const auto response = decode_sasl_initial_response(as_bytes(initial).subspan(header_size));
  EXPECT_EQ(server.on_client_first(response->data, script.first), ScramFault::none);
  player.receive(script.challenge());
  const std::string proof = player.sent();
  const auto last = decode_sasl_response(as_bytes(proof).subspan(header_size));
  EXPECT_EQ(server.on_client_final(last->data, script.final),
            password == "pencil" ? ScramFault::none : ScramFault::wrong_proof);
  return script;
}

}  // namespace pgreactor::protocol::testing
