#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <pgreactor/vocabulary/transaction_status.hpp>
#include <string>
#include <string_view>

#include "bench/canned/canned_answers.hpp"
#include "bench/canned/canned_output.hpp"
#include "bench/canned/copy_row_counter.hpp"
#include "bench/canned/repeated_request.hpp"
#include "bench/canned/statement_text.hpp"
#include "protocol/asynchronous.hpp"
#include "protocol/extended_query.hpp"
#include "protocol/frame.hpp"
#include "protocol/simple_query.hpp"

namespace pgreactor::bench {

/// One session of a backend without a database: bytes of the frontend in, canned answers out. It
/// admits everybody and refuses TLS. What it can't read ends it, after an ErrorResponse.
///
///  phase      message             next       answer
///  starting   SSLRequest ...      starting   'N'
///  starting   StartupMessage      ready      AuthenticationOk ... ReadyForQuery
///  ready      COPY FROM STDIN     copying    CopyInResponse
///  ready      an error            skipping   ErrorResponse (a simple query stays ready)
///  ready      any other           ready      as canned_answers.hpp has it
///  copying    CopyData, Flush     copying
///  copying    Sync                copying    none: it is meant for after the data
///  copying    CopyDone            ready      CommandComplete with the number of rows
///  copying    CopyFail            skipping   ErrorResponse (a simple query: ready)
///  skipping   Sync                ready      ReadyForQuery
///  any        Terminate, or what is not listed: ended
///
/// No allocation for the Bind, Execute and Sync of a statement that was run before.
class CannedSession {
 public:
  /// `answers` outlives the session.
  explicit CannedSession(const CannedAnswers& answers) : answers_(&answers) {}

  /// Takes what was received, cut anywhere, and answers every message that is whole with it.
  void feed(Bytes received);

  /// What is to be sent. The caller sends all of it before it feeds more, so that a frontend that
  /// only asks cannot make it grow without end.
  CannedOutput& output() noexcept { return output_; }
  /// No more is read, and the connection is closed once the output is sent.
  bool ended() const noexcept { return phase_ == Phase::ended; }

 private:
  static constexpr std::int32_t value_of_one = 7;  // where there is no parameter to give back
  enum class Phase : std::uint8_t { starting, ready, skipping, copying, ended };

  struct Portal {
    const StatementText* statement = nullptr;
    FormatCode format = FormatCode::text;
    std::size_t rows_sent = 0;
    std::int32_t value = value_of_one;  // of `AnswerKind::one`
    bool echoes = false;                // it is the parameter
  };

  bool take_repeated(Bytes& input);
  bool take_one(Bytes& input, std::size_t& needed);
  void take_first(const protocol::Frame& frame);
  void take(const protocol::Frame& frame);
  void take_while_copying(const protocol::Frame& frame);

  template <class Message>
  void read(Decoded<Message> message);
  void on(const protocol::Parse& message);
  void on(const protocol::Describe& message);
  void on(const protocol::Execute& message);
  void on(const protocol::Close& message);
  void on(const protocol::Query& message);
  void on_bind(Bytes body);
  void on_sync();

  void execute(Portal& portal, std::uint32_t row_limit);
  void send_one_row(Portal& portal);
  void send_rows(Portal& portal, std::uint32_t row_limit);
  void send_block_rows(const RowBlock& block, std::size_t first, std::size_t count);
  void send_copy(FormatCode format);
  void start_copy_in(const StatementText& statement);
  void end_copy_in(std::string_view failure);
  void set_last_int4(std::int32_t value);
  void send_columns(AnswerKind kind, FormatCode format);

  template <class Message>
  void say(const Message& message) {
    protocol::Writer out(output_.own());
    encode(out, message);
  }
  void refuse(std::string_view sqlstate, std::string_view why);
  void violation(std::string_view why);
  const StatementText* find_statement(std::string_view name);
  Portal* find_portal(std::string_view name);
  void forget_statement(std::string_view name);

  const CannedAnswers* answers_;
  ByteBuffer partial_;  // the beginning of a message that is not whole
  CannedOutput output_;
  Phase phase_ = Phase::starting;
  TransactionStatus status_ = TransactionStatus::idle;
  bool simple_ = false;  // a Query is being answered: an error needs no Sync to get over
  std::map<std::string, StatementText, std::less<>> statements_;
  std::map<std::string, Portal, std::less<>> portals_;
  CopyRowCounter copied_;
  RepeatedRequest repeated_;
};

}  // namespace pgreactor::bench
