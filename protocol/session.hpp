#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/secret.hpp>
#include <pgreactor/vocabulary/transaction_status.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/frame.hpp"
#include "protocol/result.hpp"
#include "protocol/scram.hpp"
#include "protocol/server_settings.hpp"
#include "protocol/startup.hpp"
#include "protocol/step_queue.hpp"

namespace pgreactor::protocol {

/// Whether SCRAM binds to the TLS connection beneath it.
enum class BindChannel : std::uint8_t { never, if_offered, always };

/// Which proofs we give, and which we want.
struct AuthenticationPolicy {
  bool encrypted = false;        // the transport is
  bool allow_cleartext = false;  // on it as it is (A12)
  bool allow_scram = true;       // proves both sides and gives nothing away
  bool allow_md5 = false;        // a broken digest, so by choice alone (A12)
  bool require_proof = false;    // refuse a server that asks for no password at all (A24)
  BindChannel bind = BindChannel::if_offered;
  bool host_verified = false;  // the certificate names the host that was asked for
  IterationLimits iterations;  // of SCRAM (A7, A8)

  friend bool operator==(const AuthenticationPolicy&, const AuthenticationPolicy&) = default;
};

struct StartupOptions {
  std::string user;
  std::string database;  // "" is the server's default: the user's name
  /// Further settings; client_encoding=UTF8 is always sent and need not be here (Q4).
  std::vector<std::pair<std::string, std::string>> parameters;
  Secret password;
  AuthenticationPolicy policy;
  /// What SCRAM binds to: the digest of the server's certificate (tls-server-end-point). Empty
  /// without TLS, or where the certificate has none.
  std::vector<std::byte> end_point{};
  /// The version asked for, and the oldest that is accepted in its place: 3.0 or 3.2.
  std::uint32_t newest_version = protocol_3_0;
  std::uint32_t oldest_version = protocol_3_0;
  /// The largest message body accepted once authenticated.
  std::uint32_t max_message_body = max_body;
};

/// Fills a span with random bytes; false when it cannot. Injected, so that a test can replay.
class RandomSource {
 public:
  using Fill = bool (*)(void* context, std::span<std::byte> target) noexcept;

  /// `context` is handed to every call and must outlive the source.
  explicit RandomSource(Fill fill, void* context = nullptr) noexcept
      : fill_(fill), context_(context) {}
  bool operator()(std::span<std::byte> target) const noexcept { return fill_(context_, target); }

 private:
  Fill fill_;
  void* context_;
};

/// Where a session stands. The first eight come before authentication is complete.
enum class Phase : std::uint8_t {
  created,    ///< start() was not called
  greeting,   ///< StartupMessage sent
  asked,      ///< the server asked for a proof of identity, and nothing was answered yet
  answered,   ///< a password sent
  proposing,  ///< SCRAM's client-first sent
  deriving,   ///< SCRAM's keys are wanted: provide_scram_keys()
  proving,    ///< SCRAM's client-final sent
  proven,     ///< the server's signature was right
  settling,   ///< authenticated; the first ReadyForQuery is still to come
  ready,      ///< statements may be sent
  closed,     ///< by a FATAL error or by terminate(); what still comes is dropped
  failed,     ///< by violation(); nothing more is read or sent
};
std::string_view name_of(Phase phase) noexcept;

/// What one message meant.
struct Event {
  enum class Kind : std::uint8_t {
    need_bytes,            ///< the next message is not whole: see `needed`
    progress,              ///< handled within; output() may have grown
    scram_keys_needed,     ///< derive them from the password, scram_salt() and scram_iterations()
    authenticated,         ///< the server admitted us
    ready_for_first_time,  ///< the start-up is over
    ready,                 ///< the answer to a sync (or simple query) is complete: see `status`
    parse_complete,
    bind_complete,
    close_complete,
    parameter_description,
    row_description,
    no_data,
    data_row,  ///< its body passed is_whole_data_row()
    command_complete,
    empty_query,
    portal_suspended,
    copy_in,    ///< the server awaits CopyData, then end_copy_in()
    copy_out,   ///< copy_data follows, then copy_done
    copy_data,  ///< its body is the data
    copy_done,
    error,  ///< ErrorResponse; phase() is closed when it ends the session
    notice,
    notification,
    parameter_status,
    violation,  ///< the session failed: see violation()
  };

  Kind kind = Kind::need_bytes;
  TransactionStatus status = TransactionStatus::idle;  ///< of the two ready kinds
  std::size_t needed = 0;  ///< of need_bytes: size of the message as far as known, at least 5
  Bytes body{};            ///< of the message; valid until the caller changes its input
};
std::string_view name_of(Event::Kind kind) noexcept;

/// A session from the frontend's side, without a socket or a clock: bytes in by next(), events out
/// of it, bytes out by output().
/// Shape   One message per call of next(). A request is appended to output() by the caller, who
///         says with expect() which answer it awaits; several may be on their way at a time.
/// Errors  The server's are events. A message that is not what the first step awaits, or has a
///         layout or size it may not have, fails the session for good: a wrong answer could be
///         somebody else's (P1).
/// Limits  Before authentication a message has at most 8 KiB, and all of them 64 KiB (W5).
/// Owner   Event::body points into the caller's input; all else belongs to the session.
class Session {
 public:
  Session(StartupOptions options, RandomSource random);

  /// Writes StartupMessage. A NUL in one of its texts fails the session.
  void start();
  /// Bytes to send. The caller takes them from the front, and appends requests when ready.
  ByteBuffer& output() noexcept { return output_; }
  const ByteBuffer& output() const noexcept { return output_; }

  /// Takes one message from the front of `input`; takes nothing when it is not whole, or refused.
  Event next(Bytes& input);
  /// Takes the DataRow messages from the front of `input` that answer an Execute and are whole,
  /// each of `columns` values, but not more than `most`. For a stream of rows: what next() would do
  /// one by one, in fewer steps. Empty: ask next().
  Bytes next_rows(Bytes& input, std::size_t columns, std::size_t most) const noexcept;
  /// The message just appended to output() is answered by `step`.
  void expect(Step step);
  /// May so many more be expected? More at a time are a caller that never reads its answers.
  bool can_expect(std::uint32_t steps) const noexcept {
    return state_.steps.size() + std::uint64_t{steps} <= StepQueue::most;
  }
  /// Makes sure that expecting so many steps cannot run out of memory.
  void reserve_steps(std::uint32_t steps) { state_.steps.reserve(steps); }
  /// Bind, Execute and Sync were appended.
  void expect_run();
  /// CopyDone or CopyFail was appended. Does nothing when the server has failed the COPY already.
  void end_copy_in() noexcept {
    if (state_.steps.front() == Step::copying_in) state_.steps.become(Step::copied);
  }
  /// Answers scram_keys_needed.
  void provide_scram_keys(const ScramKeys& keys);
  /// Writes Terminate and closes the session.
  void terminate();
  /// Fails the session for a reason found by the caller: a body that does not decode, a row that
  /// does not have its columns. The first reason stays.
  void fail(std::string reason);

  Phase phase() const noexcept { return state_.phase; }
  /// Of the last ReadyForQuery.
  TransactionStatus transaction_status() const noexcept { return state_.transaction_status; }
  /// Steps whose answer is not complete.
  std::uint32_t outstanding() const noexcept { return state_.steps.size(); }
  /// Why the session failed, as the end of a sentence; empty unless phase() is failed. Never holds
  /// a password.
  std::string_view violation() const noexcept { return state_.violation; }
  /// The phase that the violation ended; of no meaning unless phase() is failed.
  Phase violated_in() const noexcept { return state_.violated_in; }
  /// protocol_3_0 or protocol_3_2: the one asked for, or what the server made of it.
  std::uint32_t protocol_version() const noexcept { return state_.version; }
  /// Empty secret when the server sent none: its statements cannot be cancelled.
  const CancelKey& cancel_key() const noexcept { return state_.cancel_key; }
  /// "server_version", "TimeZone" ... as last reported.
  std::optional<std::string_view> setting(std::string_view name) const noexcept {
    return state_.settings.find(name);
  }
  /// Empty from authenticated on.
  const Secret& password() const noexcept { return options_.password; }
  Bytes scram_salt() const noexcept { return state_.scram.salt(); }
  std::uint32_t scram_iterations() const noexcept { return state_.scram.iterations(); }

  /// All that changes, so that a test can assert that nothing else did.
  struct State {
    Phase phase = Phase::created;
    Phase violated_in = Phase::created;  // the phase that violation() ended
    TransactionStatus transaction_status = TransactionStatus::idle;
    bool skipping = false;    // the segment failed and its sync is not queued yet
    bool negotiated = false;  // NegotiateProtocolVersion came
    std::uint32_t version = protocol_3_0;
    std::uint32_t unauthenticated_bytes = 0;
    std::uint32_t unauthenticated_notices = 0;
    StepQueue steps;
    CancelKey cancel_key;
    ServerSettings settings;
    ScramClient scram;
    std::string violation;

    friend bool operator==(const State&, const State&) = default;
  };
  const State& state() const noexcept { return state_; }

 private:
  using Kind = Event::Kind;

  static Event need(std::size_t bytes) noexcept { return {.needed = bytes}; }
  Event complete(Kind kind, Bytes body) noexcept {  // the first step ends with this message
    state_.steps.pop();
    return {.kind = kind, .body = body};
  }
  Event refuse(std::string reason);

  // session.cpp
  Event answer(BackendTag tag, Bytes body);
  Event answer_query(BackendTag tag, Bytes body);
  Event begin_copy(BackendTag tag, Bytes body);
  Event answer_copy(BackendTag tag, Bytes body);
  Event on_error(Bytes body);
  Event on_asynchronous(BackendTag tag, Bytes body);
  Event refuse_header(Bytes input);
  Event refuse_answer(BackendTag tag);
  Event refuse_out_of_place(BackendTag tag);

  // session_greeting.cpp
  Event negotiate(Bytes body);
  Event refuse_stranger(Bytes input);
  Event refuse_in_phase(std::string_view message);

  // session_startup.cpp
  Event next_before_ready(Bytes& input);
  Event next_unauthenticated(Bytes& input);
  Event next_settling(Bytes& input);
  Event greet(BackendTag tag, Bytes body);
  Event authenticate(Bytes body);
  Event admit();
  Event refuse_unbound();
  Event answer_cleartext();
  Event answer_md5(Bytes salt);
  Event propose(const std::vector<std::string_view>& mechanisms);
  Event challenge(std::string_view server_first);
  Event check_signature(std::string_view server_final);
  Event settle(const Frame& frame);
  Event refuse_scram(ScramFault fault);
  template <class Message>
  Event send(const Message& message, Phase then);

  State state_;
  ByteBuffer output_;
  StartupOptions options_;
  RandomSource random_;
};

inline void Session::expect(Step step) {
  assert(step <= Step::query);
  if (state_.skipping) [[unlikely]] {
    if (step != Step::sync) return;  // the server skips it, too
    state_.skipping = false;
    step = Step::sync_failed;
  }
  if (state_.steps.full()) [[unlikely]]
    return fail("more requests await their answers than a session can hold");
  state_.steps.push(step);
}

inline void Session::expect_run() {
  if (state_.skipping || state_.steps.size() + 3 > StepQueue::most) [[unlikely]] {
    for (const Step step : {Step::bind, Step::execute, Step::sync}) expect(step);
    return;
  }
  state_.steps.push_run();
}

inline Bytes Session::next_rows(Bytes& input, std::size_t columns,
                                std::size_t most) const noexcept {
  if (state_.phase != Phase::ready || state_.steps.front() != Step::execute) return {};
  const std::uint32_t cap = options_.max_message_body;
  std::size_t taken = 0;
  for (Bytes left = input; most != 0 && left.size() >= header_size; --most) {
    const auto length = load_big_endian<std::uint32_t>(left.data() + 1);
    if (left[0] != static_cast<std::byte>(BackendTag::data_row) || length - length_size > cap ||
        left.size() <= length)
      break;
    const Bytes body = left.subspan(header_size, length - length_size);
    if (!is_whole_data_row(body) || load_big_endian<std::uint16_t>(body.data()) != columns) break;
    left = left.subspan(1 + std::size_t{length});
    taken = input.size() - left.size();
  }
  const Bytes rows = input.first(taken);
  input = input.subspan(taken);
  return rows;
}

// The answers of every query stand here, the rest behind answer(): a few dozen instructions each.
inline Event Session::next(Bytes& input) {
  if (state_.phase != Phase::ready) [[unlikely]]
    return next_before_ready(input);
  if (input.size() < header_size) return need(header_size);
  const std::uint32_t cap = backend_body_caps[std::to_integer<std::uint8_t>(input[0])];
  const auto length = load_big_endian<std::uint32_t>(input.data() + 1);
  // A length below its own four bytes wraps round to one above any cap (W4).
  if (cap == no_such_tag || length - length_size > std::min(cap, options_.max_message_body))
      [[unlikely]]
    return refuse_header(input);
  if (input.size() <= length) return need(1 + std::size_t{length});
  const auto tag = static_cast<BackendTag>(input[0]);
  const Bytes body = input.subspan(header_size, length - length_size);
  input = input.subspan(1 + std::size_t{length});

  const Step step = state_.steps.front();
  switch (tag) {
    case BackendTag::data_row:
      if ((step == Step::execute || step == Step::query_rows) && is_whole_data_row(body))
        return {.kind = Kind::data_row, .body = body};
      break;
    case BackendTag::bind_complete:
      if (step == Step::bind) return complete(Kind::bind_complete, body);
      break;
    case BackendTag::command_complete:
      if (step == Step::execute && is_whole_command_complete(body))
        return complete(Kind::command_complete, body);
      break;
    case BackendTag::ready_for_query:
      if ((step == Step::sync || step == Step::sync_failed || step == Step::query_answered) &&
          body.size() == 1 && is_transaction_status(std::to_integer<std::uint8_t>(body[0]))) {
        state_.transaction_status = static_cast<TransactionStatus>(body[0]);
        state_.steps.pop();
        return {.kind = Kind::ready, .status = state_.transaction_status, .body = body};
      }
      break;
    default:
      break;
  }
  return answer(tag, body);
}

}  // namespace pgreactor::protocol
