#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/protocol/player.hpp"

namespace pgreactor::protocol::testing {
namespace {

// What is sent, and then what the server says to it.
struct Turn {
  std::vector<Step> sent;
  std::string said;
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

std::vector<Script> scripts() {
  const auto scram = scram_script();
  const std::vector<Step> run{Step::bind, Step::execute, Step::sync};
  const std::string answer =
      encoded(BindComplete{}) + rows(3) + encoded(CommandComplete{"SELECT 3"}, ReadyForQuery{});
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
        {run, encoded(NotificationResponse{1, "c", "p"}) + answer},
        {{}, encoded(ParameterStatus{"TimeZone", "UTC"}) + error_with("FATAL", "57P01")}}},
      {"simple",
       sample_options,
       {{{}, admitted + settled()},
        {{Step::query, Step::query},
         encoded(RowDescription{two_columns()}) + rows(2) +
             encoded(CommandComplete{"SELECT 2"}, CommandComplete{"BEGIN"},
                     ReadyForQuery{TransactionStatus::in_transaction}, EmptyQueryResponse{},
                     ReadyForQuery{TransactionStatus::in_transaction})}}},
  };
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
