#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/protocol/player.hpp"

// Every state of a session, by the way that leads there.
namespace pgreactor::protocol::testing {

struct GridState {
  std::string_view name;
  std::function<Player()> reach;
  std::string_view awaited;  // how the reason of a failure names the state
};

inline StartupOptions answering_options() {
  auto options = sample_options();
  options.policy.allow_cleartext = options.policy.allow_md5 = true;
  return options;
}

/// A session that has received this much of its log-in.
inline Player logging_in(const std::vector<std::string>& said, bool holds_back_keys) {
  Player player(answering_options());
  if (holds_back_keys) player.hold_back_keys();
  for (const std::string& bytes : said) player.receive(bytes);
  player.kinds();
  return player;
}

inline std::vector<GridState> states_of_the_login() {
  const auto script = scram_script();
  const std::string notice = encoded(NoticeResponse{full_report()});
  const std::string negotiated = encoded(NegotiateProtocolVersion{});
  const std::string cleartext = encoded(Authentication{AuthenticationCleartextPassword{}});
  const std::string key = encoded(BackendKeyData{short_key()});
  using Said = std::vector<std::string>;
  const auto after = [](const Said& said, bool keys_held = false) {
    return [said, keys_held] { return logging_in(said, keys_held); };
  };
  const Said challenged{script.offer, script.challenge()};
  const Said proven{script.offer, script.challenge(), script.signature()};
  constexpr std::string_view request = "a request for authentication", ok = "AuthenticationOk";
  return {
      {"created", Player::before_start, "StartupMessage is not sent"},
      {"greeting", after({}), request},
      {"noticed", after({notice}), request},
      {"negotiated", after({negotiated}), request},
      {"answered", after({cleartext}), ok},
      {"proposing", after({script.offer}), "AuthenticationSASLContinue"},
      {"deriving", after(challenged, true), "our proof is not sent"},
      {"proving", after(challenged), "AuthenticationSASLFinal"},
      {"proven", after(proven), ok},
      {"settling", after({admitted}), "the first ReadyForQuery"},
      {"settling keyed", after({admitted, key}), "the first ReadyForQuery"},
  };
}

/// A session that has asked for these, and received so much of the answers.
inline Player asking(const std::vector<Step>& sent, const std::string& said) {
  Player player = ready_player();
  player.send(sent);
  player.receive(said);
  player.kinds();
  return player;
}

inline Player after_copy_data() {
  Player player = asking({Step::query}, encoded(CopyInResponse{}));
  player.session().end_copy_in();
  return player;
}

inline Player terminated() {
  Player player = ready_player();
  player.session().terminate();
  return player;
}

inline std::vector<GridState> states_of_statements() {
  const auto after = [](const std::vector<Step>& sent, const std::string& said = {}) {
    return [sent, said] { return asking(sent, said); };
  };
  const auto segment = [&after](Step step, const std::string& said = {}) {
    return after({step, Step::sync}, said);
  };
  const auto query = [&after](const std::string& said = {}) { return after({Step::query}, said); };
  const std::string failure = failed_with("42601"), described = encoded(RowDescription{});
  constexpr std::string_view columns = "RowDescription or NoData", result = "the result of Execute",
                             ready = "ReadyForQuery", simple = "the result of a simple query",
                             tag = "the CommandComplete of a COPY", nothing = "nothing";
  return {
      {"idle", after({}), nothing},
      {"parse", segment(Step::parse), "ParseComplete"},
      {"bind", segment(Step::bind), "BindComplete"},
      {"describe statement", segment(Step::describe_statement), "ParameterDescription"},
      {"parameters known", segment(Step::describe_statement, encoded(ParameterDescription{})),
       columns},
      {"describe portal", segment(Step::describe_portal), columns},
      {"execute", segment(Step::execute), result},
      {"execute rows", segment(Step::execute, sample_row()), result},
      {"execute suspended",
       after({Step::execute, Step::execute, Step::sync}, sample_row() + encoded(PortalSuspended{})),
       result},
      {"close", segment(Step::close), "CloseComplete"},
      {"sync", after({Step::sync}), ready},
      {"segment failed", segment(Step::parse, failure), ready},
      {"failed before sync", after({Step::parse}, failure), nothing},
      {"query", query(), simple},
      {"query rows", query(described), "DataRow or CommandComplete"},
      {"query answered", query(encoded(CommandComplete{"BEGIN"})), simple},
      {"query empty", query(encoded(EmptyQueryResponse{})), ready},
      {"query failed", query(failure), ready},
      {"copying in", query(encoded(CopyInResponse{})), "nothing (data is being sent)"},
      {"copied in", after_copy_data, tag},
      {"copying out", query(encoded(CopyOutResponse{})), "CopyData or CopyDone"},
      {"copied out", query(encoded(CopyOutResponse{}, CopyDone{})), tag},
      {"closed by FATAL", after({Step::sync}, error_with("FATAL", "57P01")), ""},
      {"terminated", terminated, ""},
      {"failed", after({}, encoded(BindComplete{})), ""},
  };
}

}  // namespace pgreactor::protocol::testing
