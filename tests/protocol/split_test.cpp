#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/protocol/player.hpp"

namespace pgreactor::protocol::testing {
namespace {

// What is sent, and then what the server says to it.
struct Turn {
  std::vector<Step> sent;
  std::string said;
  bool ends_copy_in = false;  // before anything is said
};
struct Script {
  const char* name;
  std::function<StartupOptions()> options;
  std::vector<Turn> turns;
};

std::string rows(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += sample_row();
  return text;
}

StartupOptions with_md5() {
  auto options = sample_options();
  options.policy.allow_md5 = true;
  options.policy.allow_cleartext = true;
  return options;
}

StartupOptions with_3_2() {
  auto options = sample_options();
  options.newest_version = protocol_3_2;
  options.parameters.emplace_back("_pq_.ours", "1");
  return options;
}

std::vector<Script> scripts_of_logins() {
  const auto scram = scram_script();
  const BackendKeyData long_key{{1, std::vector<std::byte>(32, std::byte{7})}};
  return {
      {"trust", sample_options, {{{}, admitted + settled()}}},
      {"cleartext",
       with_md5,
       {{{}, encoded(Authentication{AuthenticationCleartextPassword{}})},
        {{}, admitted + settled()}}},
      {"md5",
       with_md5,
       {{{}, encoded(Authentication{AuthenticationMD5Password{}})}, {{}, admitted + settled()}}},
      {"scram",
       sample_options,
       {{{}, scram.offer},
        {{}, scram.challenge()},
        {{}, scram.signature() + admitted + settled()}}},
      {"refused", sample_options, {{{}, error_with("FATAL", "28000")}}},
      {"protocol 3.2", with_3_2, {{{}, admitted + encoded(long_key, ReadyForQuery{})}}},
      {"an older server",
       with_3_2,
       {{{},
         encoded(NegotiateProtocolVersion{protocol_3_0, {"_pq_.ours"}}) + admitted + settled()}}},
      {"refused after the log-in",
       sample_options,
       {{{}, admitted + encoded(BackendKeyData{short_key()}) + error_with("FATAL", "53300")}}},
  };
}

std::vector<Script> scripts_of_statements() {
  const std::vector<Step> one_run{Step::bind, Step::execute, Step::sync};
  const std::string answer =
      encoded(BindComplete{}) + rows(3) + encoded(CommandComplete{"SELECT 3"}, ReadyForQuery{});
  return {
      {"pipeline",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::parse, Step::describe_statement, Step::sync, Step::bind, Step::execute, Step::sync,
          Step::close, Step::sync},
         encoded(ParseComplete{}, ParameterDescription{{oid::int4}}, RowDescription{two_columns()},
                 ReadyForQuery{}) +
             answer + encoded(CloseComplete{}, ReadyForQuery{})}}},
      {"errors",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::parse, Step::bind, Step::execute, Step::sync, Step::bind, Step::execute,
          Step::sync},
         failed_with("42601") + encoded(ReadyForQuery{TransactionStatus::failed}) + answer}}},
      {"asynchronous",
       sample_options,
       {{{},
         encoded(NoticeResponse{full_report()}) + admitted +
             encoded(NoticeResponse{full_report()}) + settled()},
        {one_run, encoded(NotificationResponse{1, "c", "p"}) + answer},
        {{}, encoded(ParameterStatus{"TimeZone", "UTC"}) + error_with("FATAL", "57P01")}}},
      {"simple",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::query, Step::query},
         encoded(RowDescription{two_columns()}) + rows(2) +
             encoded(CommandComplete{"SELECT 2"}, CommandComplete{"BEGIN"},
                     ReadyForQuery{TransactionStatus::in_transaction}, EmptyQueryResponse{},
                     ReadyForQuery{TransactionStatus::in_transaction})}}},
      {"a portal in pieces",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::bind, Step::describe_portal, Step::execute, Step::sync},
         encoded(BindComplete{}, RowDescription{two_columns()}) + rows(2) +
             encoded(PortalSuspended{}, ReadyForQuery{TransactionStatus::in_transaction})},
        {{Step::execute, Step::sync},
         rows(1) + encoded(CommandComplete{"SELECT 1"},
                           ReadyForQuery{TransactionStatus::in_transaction})},
        {{Step::close, Step::close, Step::sync},
         encoded(CloseComplete{}, CloseComplete{},
                 ReadyForQuery{TransactionStatus::in_transaction})}}},
      {"nothing to say",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::parse, Step::describe_statement, Step::bind, Step::execute, Step::sync},
         encoded(ParseComplete{}, ParameterDescription{}, NoData{}, BindComplete{},
                 EmptyQueryResponse{}, ReadyForQuery{})}}},
  };
}

std::vector<Script> scripts_of_copies() {
  const std::string done = encoded(CommandComplete{"COPY 2"}, ReadyForQuery{});
  const CopyFormat binary{FormatCode::binary, {FormatCode::binary, FormatCode::binary}};
  const std::string data = encoded(CopyData{as_bytes("1\t2\n")});
  return {
      {"copy in",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::query}, encoded(CopyInResponse{binary}, NoticeResponse{full_report()})},
        {{}, done, true}}},
      {"a copy in that fails at its end",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::query}, encoded(CopyInResponse{})},
        {{}, failed_with("22P04") + encoded(ReadyForQuery{}), true}}},
      {"a copy in that fails while data is sent",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::query}, encoded(CopyInResponse{}) + failed_with("22P04")},
        {{}, encoded(ReadyForQuery{}), true}}},
      {"copy out",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::query},
         encoded(CopyOutResponse{binary}) + data + data + encoded(CopyDone{}) + done}}},
      {"a copy out that fails",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::query, Step::sync},
         encoded(CopyOutResponse{}) + data + failed_with("57014") +
             encoded(ReadyForQuery{}, ReadyForQuery{})}}},
      {"a copy that is refused",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::query}, failed_with("42P01") + encoded(ReadyForQuery{})}}},
  };
}

std::vector<Script> scripts() {
  auto all = scripts_of_logins();
  for (Script& script : scripts_of_statements()) all.push_back(std::move(script));
  for (Script& script : scripts_of_copies()) all.push_back(std::move(script));
  return all;
}

std::size_t size_of(const Script& script) {
  std::size_t size = 0;
  for (const Turn& turn : script.turns) size += turn.said.size();
  return size;
}

// Plays the first `size` bytes of what the server says, in pieces that end where `ends_piece` says.
Player play(const Script& script, std::size_t size,
            const std::function<bool(std::size_t)>& ends_piece) {
  Player player(script.options());
  std::size_t at = 0;
  for (const Turn& turn : script.turns) {
    if (at == size && at != 0) break;
    player.send(turn.sent);
    if (turn.ends_copy_in) player.session().end_copy_in();
    std::string piece;
    for (const char byte : turn.said) {
      if (at == size) break;
      piece += byte;
      if (ends_piece(++at)) player.receive(std::exchange(piece, {}));
    }
    player.receive(piece);
  }
  return player;
}

bool never(std::size_t) { return false; }

TEST(Split, IsTriedWithEveryMessageThatASessionAccepts) {
  std::string tags;
  for (const Script& script : scripts())
    for (const Turn& turn : script.turns) {
      Bytes said = as_bytes(turn.said);
      Frame frame;
      for (std::size_t needed = 0;
           take_frame(said, backend_body_caps, frame, needed) == FrameState::whole;)
        if (tags.find(frame.tag) == tags.npos) tags += frame.tag;
    }
  std::sort(tags.begin(), tags.end());
  EXPECT_EQ(tags, "123ACDEGHIKNRSTZcdnstv") << "all but CopyBothResponse, FunctionCallResponse";
}

TEST(Split, AtAnyByteChangesNothing) {
  for (const Script& script : scripts()) {
    const std::size_t size = size_of(script);
    Player whole = play(script, size, never);
    ASSERT_NE(whole.session().phase(), Phase::failed) << script.name << ": " << whole.violation();
    for (std::size_t split = 1; split < size; ++split) {
      Player player = play(script, size, [split](std::size_t at) { return at == split; });
      ASSERT_EQ(player.seen(), whole.seen()) << script.name << " split at " << split;
      ASSERT_TRUE(player.session().state() == whole.session().state());
      ASSERT_EQ(player.sent(), play(script, size, never).sent());
    }
  }
}

TEST(Split, IntoSingleBytesChangesNothing) {
  for (const Script& script : scripts()) {
    const std::size_t size = size_of(script);
    Player whole = play(script, size, never);
    Player player = play(script, size, [](std::size_t) { return true; });
    EXPECT_EQ(player.seen(), whole.seen()) << script.name;
    EXPECT_TRUE(player.session().state() == whole.session().state());
  }
}

TEST(Cut, AtAnyByteGivesTheEventsSoFarAndNoOther) {
  for (const Script& script : scripts()) {
    const std::size_t size = size_of(script);
    const Player whole = play(script, size, never);
    for (std::size_t cut = 0; cut < size; ++cut) {
      Player player = play(script, cut, never);
      ASSERT_LE(player.seen().size(), whole.seen().size());
      for (std::size_t i = 0; i < player.seen().size(); ++i)
        ASSERT_EQ(player.seen()[i], whole.seen()[i]) << script.name << " cut at " << cut;
      ASSERT_NE(player.session().phase(), Phase::failed) << script.name << " cut at " << cut;
      ASSERT_LT(player.seen().size(), whole.seen().size());  // the last event takes the last byte
    }
  }
}

// Every single bit of what the server says, wrong: any outcome but harm, and no answer that was not
// asked for. The sanitizers judge the rest.
TEST(Corruption, OfAnyBitIsSurvived) {
  for (const Script& script : scripts()) {
    const std::size_t size = size_of(script);
    const std::size_t most = play(script, size, never).seen().size();
    for (std::size_t bit = 0; bit < 8 * size; bit += 5) {
      Script flipped = script;
      std::size_t at = bit / 8;
      for (Turn& turn : flipped.turns) {
        if (at < turn.said.size()) {
          turn.said[at] =
              static_cast<char>(static_cast<unsigned char>(turn.said[at]) ^ (1U << (bit % 8)));
          break;
        }
        at -= turn.said.size();
      }
      const Player player = play(flipped, size, never);
      EXPECT_LE(player.seen().size(), most + script.turns.size());
    }
  }
}

}  // namespace
}  // namespace pgreactor::protocol::testing
