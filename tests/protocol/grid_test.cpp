#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "tests/protocol/grid_states.hpp"

// The state x message grid: what a session makes of every message in every state.
namespace pgreactor::protocol::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = Event::Kind;

//   +  takes it as (a part of) the answer it awaits
//   ~  tells of it; the exchange goes on as if nothing had come
//   X  tells of it, and is closed
//   -  fails, for a reason that names the message and what was awaited instead
//   ?  fails: this is no PostgreSQL server, and its first bytes are shown
//   .  drops it unread: the session is over, and the server may not know yet
//   f  stays failed, for the first reason
constexpr std::string_view table =
    R"(state               RK23CWdcGHDIEVvnNAtS1sZT
       created             ------------------------
       greeting            +???????????X?+?~???????
       noticed             +-----------X-+-~-------
       negotiated          +-----------X---~-------
       answered            +-----------X-+-~-------
       proposing           ------------X-+-~-------
       deriving            ------------X-+-~-------
       proving             ------------X-+-~-------
       proven              +-----------X-+-~-------
       settling            -+----------X---~~-~--+-
       settling keyed      ------------X---~~-~--+-
       idle                ----------------~~-~----
       parse               ------------+---~~-~+---
       bind                --+---------+---~~-~----
       describe statement  ------------+---~~+~----
       parameters known    ------------+--+~~-~---+
       describe portal     ------------+--+~~-~---+
       execute             ----+-----+++---~~-~-+--
       execute rows        ----+-----+++---~~-~-+--
       execute suspended   ----+-----+++---~~-~-+--
       close               ---+--------+---~~-~----
       sync                ------------+---~~-~--+-
       segment failed      ----------------~~-~--+-
       failed before sync  ----------------~~-~----
       query               ----+---++-++---~~-~---+
       query rows          ----+-----+-+---~~-~----
       query answered      ----+---++--+---~~-~--++
       query empty         ------------+---~~-~--+-
       query failed        ----------------~~-~--+-
       copying in          ------------+---~~-~----
       copied in           ----+-------+---~~-~----
       copying out         ------++----+---~~-~----
       copied out          ----+-------+---~~-~----
       closed by FATAL     ........................
       terminated          ........................
       failed              ffffffffffffffffffffffff)";

// The same for the kinds of 'R' while we log in: Ok, CleartextPassword, MD5Password, SASL,
// SASLContinue, SASLFinal, and one that is not supported.
constexpr std::string_view table_of_authentication =
    R"(state               0 3 5 10 11 12 7
       greeting            + + + + - - -
       noticed             + + + + - - -
       negotiated          + + + + - - -
       answered            + - - - - - -
       proposing           - - - - + - -
       deriving            - - - - - - -
       proving             - - - - - + -
       proven              + - - - - - -
       settling            - - - - - - -
       settling keyed      - - - - - - -)";

constexpr std::size_t name_width = 20;

// Each state's cells, without blanks, by its name; under "state" the heading.
std::map<std::string, std::string, std::less<>> cells_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> cells;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    std::string name = line.substr(0, name_width), rest = line.substr(name_width);
    name.erase(name.find_last_not_of(' ') + 1);
    std::erase(rest, ' ');
    cells.emplace(std::move(name), std::move(rest));
  }
  return cells;
}

std::vector<GridState> all_states() {
  auto states = states_of_the_login();
  for (GridState& state : states_of_statements()) states.push_back(std::move(state));
  return states;
}

std::vector<std::string> all_messages() {
  return {encoded(Authentication{AuthenticationOk{}}),
          encoded(BackendKeyData{short_key()}),
          encoded(BindComplete{}),
          encoded(CloseComplete{}),
          encoded(CommandComplete{"SELECT 1"}),
          encoded(CopyBothResponse{}),
          encoded(CopyData{as_bytes("1\n")}),
          encoded(CopyDone{}),
          encoded(CopyInResponse{}),
          encoded(CopyOutResponse{}),
          sample_row(),
          encoded(EmptyQueryResponse{}),
          failed_with("42601"),
          encoded(FunctionCallResponse{as_bytes("42")}),
          encoded(NegotiateProtocolVersion{}),
          encoded(NoData{}),
          encoded(NoticeResponse{full_report()}),
          encoded(NotificationResponse{1, "c", "p"}),
          encoded(ParameterDescription{}),
          encoded(ParameterStatus{"a", "b"}),
          encoded(ParseComplete{}),
          encoded(PortalSuspended{}),
          encoded(ReadyForQuery{}),
          encoded(RowDescription{two_columns()})};
}

// What this session makes of the message, as a cell; 'x' when it keeps none of the promises.
char outcome_of(Player& player, const std::string& message, std::string_view name,
                std::string_view awaited) {
  const Phase before = player.session().phase();
  const std::uint32_t outstanding = player.session().outstanding();
  const std::string old_reason = player.violation();
  player.receive(message);
  const auto kinds = player.kinds();
  const std::string reason = player.violation();
  const Phase phase = player.session().phase();
  if (before == Phase::failed) return reason == old_reason && phase == before ? 'f' : 'x';
  if (kinds.empty()) return before == Phase::closed && phase == before ? '.' : 'x';
  if (kinds.size() != 1) return 'x';
  if (kinds[0] == Kind::violation) {
    if (phase != Phase::failed || player.session().violated_in() > Phase::ready) return 'x';
    if (reason.starts_with("not a PostgreSQL server")) return '?';
    return reason.find(name) != reason.npos && reason.find(awaited) != reason.npos ? '-' : 'x';
  }
  const bool tells = kinds[0] == Kind::notice || kinds[0] == Kind::notification ||
                     kinds[0] == Kind::parameter_status;
  if (tells) return phase == before && player.session().outstanding() == outstanding ? '~' : 'x';
  if (phase == Phase::closed) return kinds[0] == Kind::error ? 'X' : 'x';
  return '+';
}

// Requirement: P1
TEST(Grid, EveryCellIsAsTheTableSays) {
  const auto expected = cells_of(table);
  const auto states = all_states();
  const auto messages = all_messages();
  ASSERT_EQ(expected.size(), states.size() + 1) << "a line for each state, and the heading";
  std::string tags;
  for (const std::string& message : messages) tags += message[0];
  EXPECT_EQ(tags, expected.at("state"));
  for (const GridState& state : states) {
    std::string cells;
    for (const std::string& message : messages) {
      Player player = state.reach();
      cells +=
          outcome_of(player, message, name_of(static_cast<BackendTag>(message[0])), state.awaited);
    }
    EXPECT_EQ(cells, expected.at(std::string(state.name))) << state.name;
  }
}

// Requirement: A23
TEST(Grid, EveryKindOfAuthenticationIsAsTheTableSays) {
  const auto script = scram_script();
  const std::vector<std::string> messages{
      encoded(Authentication{AuthenticationOk{}}),
      encoded(Authentication{AuthenticationCleartextPassword{}}),
      encoded(Authentication{AuthenticationMD5Password{}}),
      script.offer,
      script.challenge(),
      script.signature(),
      encoded(Authentication{AuthenticationUnsupported{7}})};
  const auto expected = cells_of(table_of_authentication);
  std::size_t compared = 0;
  for (const GridState& state : states_of_the_login()) {
    if (state.name == "created") continue;
    std::string cells;
    for (const std::string& message : messages) {
      Player player = state.reach();
      // A kind that cannot be answered is refused by its own name alone.
      const bool unsupported = message == messages.back();
      cells += outcome_of(player, message, unsupported ? "uthentication" : "Authentication",
                          unsupported ? "" : state.awaited);
    }
    EXPECT_EQ(cells, expected.at(std::string(state.name))) << state.name;
    ++compared;
  }
  EXPECT_EQ(compared + 1, expected.size());
}

TEST(Grid, EveryUnknownTypeByteIsRefusedInEveryState) {
  const std::string known = cells_of(table).at("state");
  for (const GridState& state : all_states()) {
    for (int byte = 0; byte < 256; ++byte) {
      const char tag = static_cast<char>(byte);
      if (known.find(tag) != known.npos) continue;
      Player player = state.reach();
      const bool closed = player.session().phase() == Phase::closed;
      player.receive(std::string(1, tag) + std::string("\0\0\0\4", length_size));
      EXPECT_EQ(player.session().phase(), closed ? Phase::closed : Phase::failed)
          << state.name << ": " << byte;
    }
  }
}

// Requirement: W4
TEST(Grid, ALengthBelowFourOrAboveEveryCapIsRefusedInEveryState) {
  const std::string tags = cells_of(table).at("state");
  for (const GridState& state : all_states()) {
    for (const char tag : tags) {
      for (const std::uint32_t length : {0U, 1U, 2U, 3U, 0xFFFFFFFFU, 0x80000000U}) {
        std::string header(header_size, tag);
        std::array<std::byte, length_size> bytes{};
        store_big_endian(bytes.data(), length);
        header.replace(1, length_size, as_text(bytes));
        Player player = state.reach();
        const bool closed = player.session().phase() == Phase::closed;
        player.receive(header);
        EXPECT_EQ(player.session().phase(), closed ? Phase::closed : Phase::failed)
            << state.name << ": " << tag << ' ' << length;
      }
    }
  }
}

// Requirement: P7
TEST(Grid, AFatalErrorClosesInEveryStateThatReads) {
  for (const GridState& state : all_states()) {
    for (const std::string_view severity : {"FATAL", "PANIC"}) {
      Player player = state.reach();
      const Phase before = player.session().phase();
      player.receive(error_with(severity, "57P01") + error_with("FATAL", "57P01") + "garbage");
      const bool fails = before == Phase::created || before == Phase::failed;
      EXPECT_EQ(player.session().phase(), fails ? Phase::failed : Phase::closed) << state.name;
      if (before != Phase::closed) {
        EXPECT_EQ(player.kinds().size(), 1U) << state.name << ": what follows is not told";
      }
    }
  }
}

// Requirement: W12
TEST(Grid, AFunctionCallResponseIsRefusedInEveryState) {
  for (const GridState& state : all_states()) {
    Player player = state.reach();
    if (player.session().phase() >= Phase::closed) continue;
    const bool is_first = state.name == "greeting";
    player.receive(encoded(FunctionCallResponse{as_bytes("42")}));
    EXPECT_EQ(player.session().phase(), Phase::failed) << state.name;
    EXPECT_THAT(player.violation(), StartsWith(is_first ? "not a" : "FunctionCallResponse while"));
  }
}

TEST(Grid, MessagesBetweenTwoOthersChangeNothingButWhatTheySay) {
  const std::vector<std::string> messages{encoded(BindComplete{}), sample_row(),
                                          encoded(CommandComplete{"SELECT 1"}),
                                          encoded(ReadyForQuery{})};
  for (const std::string& injected :
       {encoded(NoticeResponse{full_report()}), encoded(NotificationResponse{1, "c", "p"}),
        encoded(ParameterStatus{"server_version", "15.18"})}) {
    for (std::size_t at = 0; at <= messages.size(); ++at) {
      auto plain = ready_player(), disturbed = ready_player();
      plain.send({Step::bind, Step::execute, Step::sync});
      disturbed.send({Step::bind, Step::execute, Step::sync});
      for (const std::string& message : messages) plain.receive(message);
      for (std::size_t i = 0; i <= messages.size(); ++i) {
        if (i == at) disturbed.receive(injected);
        if (i < messages.size()) disturbed.receive(messages[i]);
      }
      auto kinds = disturbed.kinds();
      kinds.erase(kinds.begin() + static_cast<std::ptrdiff_t>(at));
      EXPECT_EQ(kinds, plain.kinds());
      EXPECT_TRUE(disturbed.session().state() == plain.session().state());
    }
  }
}

TEST(Grid, MalformedMessagesInTheirPlaceAreRefused) {
  const auto malformed = [](Step step, const std::string& message) {
    auto player = ready_player();
    player.send({step});
    player.receive(message);
    EXPECT_EQ(player.session().phase(), Phase::failed);
    return player.violation();
  };
  EXPECT_EQ(malformed(Step::execute, std::string("D\0\0\0\6\0\1", 7)), "a malformed DataRow");
  EXPECT_EQ(malformed(Step::execute, std::string("C\0\0\0\4", 5)), "a malformed CommandComplete");
  EXPECT_EQ(malformed(Step::execute, std::string("C\0\0\0\7a\0b", 8)),
            "a malformed CommandComplete");
  EXPECT_EQ(malformed(Step::sync, std::string("Z\0\0\0\5X", 6)), "a malformed ReadyForQuery");
  EXPECT_EQ(malformed(Step::bind, std::string("E\0\0\0\5M", 6)), "a malformed ErrorResponse");
  EXPECT_EQ(malformed(Step::bind, std::string("N\0\0\0\4", 5)), "a malformed NoticeResponse");
  EXPECT_THAT(malformed(Step::bind, std::string("2\0\0\0\5x", 6)), HasSubstr("length 5"));
  EXPECT_THAT(malformed(Step::bind, std::string("2\0\0\0\0", 5)), HasSubstr("length 0"));
  EXPECT_THAT(malformed(Step::bind, std::string("G\0\0\0\7\0\0\0", 8)), HasSubstr("COPY"));
}

}  // namespace
}  // namespace pgreactor::protocol::testing
