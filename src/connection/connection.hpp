#pragma once
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/detail/batch_request.hpp>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/detail/stream_request.hpp>
#include <pgreactor/vocabulary/server_report.hpp>
#include <pgreactor/vocabulary/transaction_status.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/session.hpp"
#include "src/connection/cancel.hpp"
#include "src/connection/event_trace.hpp"
#include "src/connection/prepared_statements.hpp"
#include "src/connection/receive_buffer.hpp"
#include "src/connection/ring.hpp"
#include "src/reactor/event_loop.hpp"
#include "src/reactor/fork_count.hpp"
#include "src/reactor/stream.hpp"

namespace pgreactor::detail {
class PortalRequest;
class ScriptRequest;
}  // namespace pgreactor::detail

namespace pgreactor::connection {

class Connection;

/// Who lends a connection out. No call may end the connection before it has returned.
class ConnectionOwner {
 public:
  /// Requests have ended: there may be room for more.
  virtual void on_progress(Connection& connection) noexcept = 0;
  /// The one statement that runs was given up, and a fence holds what is submitted from now on: it
  /// can be cancelled without harm to another's. Then end_fence() is due.
  virtual void on_given_up(Connection& connection) noexcept = 0;
  /// Somebody sent this to a channel that the session listens on. The texts are gone afterwards.
  virtual void on_notification(std::string_view /*channel*/, std::string_view /*payload*/,
                               std::uint32_t /*process_id*/) {}
  /// An error or notice of the server, which may tell of more than the statement that met it.
  virtual void on_report(Connection& /*connection*/, const ServerReport& /*report*/) noexcept {}
  /// The server has reported another value of this setting, which the session has now.
  virtual void on_setting(Connection& /*connection*/, std::string_view /*name*/) noexcept {}
  /// Tables, or who may use them, are not what they were: for this session, and once more for all
  /// when its transaction has ended. Told before whoever ran that.
  virtual void on_schema_change(Connection& /*connection*/) noexcept {}
  /// It is closed, and every request in it has been told. Called once.
  virtual void on_closed(Connection& connection) noexcept = 0;

 protected:
  ~ConnectionOwner() = default;
};

/// One session over one stream, ready for statements. Requests are pipelined, a Sync each, so that
/// none of them can touch its neighbour; each has a slot, which only the server's ReadyForQuery
/// for it retires. On any doubt the connection dies and every slot is told (P1, P7).
///
///   submit  known here         Bind Execute Sync                             slot: run
///           known to the pool  Parse Describe Bind Execute Sync              slot: prepare_and_run
///           known to nobody    Parse Describe Sync, then as the first line   slot: prepare
///           a COPY, a script   Query, which is its own Sync                  slot: copy, script
///           an open portal     Execute or Close, Sync                        slot: run
/// With StatementMode::unnamed the first line does not happen: the second comes each time.
///
/// A stream is read at its user's pace: with an item given, parsing halts right behind it until
/// the next one is asked for, so that the item can stay where it was received.
class Connection final : private net::StreamListener,
                         private net::Flushable,
                         private detail::RequestOwner,
                         private detail::StreamSource,
                         private net::BusyPolled {
 public:
  /// `session` is ready for its first statement; `unread` came behind its ReadyForQuery.
  Connection(net::EventLoop& loop, std::unique_ptr<net::Stream> stream, protocol::Session session,
             ReceiveBuffer unread, std::string peer, std::size_t statement_capacity,
             StatementMode mode = StatementMode::named);
  ~Connection();

  void set_owner(ConnectionOwner* owner) noexcept { owner_ = owner; }
  /// The loop looks for our answers for so long before it sleeps.
  void set_busy_poll(std::chrono::nanoseconds budget) { loop_.add_busy_polled(*this, budget); }
  /// What of the time until an answer comes is the network's.
  void set_round_trip(std::chrono::nanoseconds round_trip) noexcept { round_trip_ = round_trip; }
  /// A result beyond that is dropped, and its statement told so; 0: there is no limit.
  void set_most_result_bytes(std::uint64_t most) noexcept {
    most_result_bytes_ = most == 0 ? static_cast<std::size_t>(-1) : most;
  }
  void set_notice_handler(std::function<void(const ServerReport&)> handler) {
    on_notice_ = std::move(handler);
  }
  /// How it was opened, for a cancel request; without it nothing is cancelled.
  void set_origin(SessionOrigin origin) { origin_ = std::move(origin); }
  const std::optional<SessionOrigin>& origin() const noexcept { return origin_; }
  /// From a cancel request to the answer of a round trip that begins when the server has acted on
  /// it: a late cancel stops nobody's statement (P4). Until then it is not to be lent.
  bool is_fenced() const noexcept { return fenced_; }
  /// The number of the latest, so that whoever sees to one leaves the next alone.
  std::uint64_t fence() const noexcept { return fences_; }
  /// The server has signalled, or never will: makes that round trip.
  void end_fence();
  /// Lent to one user: requests are answered in the order of submit(), whatever has to be prepared.
  void set_exclusive(bool exclusive) noexcept { exclusive_ = exclusive; }
  /// A transaction is open and its end was not sent: should the connection be lost now, the server
  /// rolls back.
  void set_in_transaction(bool in_transaction) noexcept {
    in_transaction_ = in_transaction;
    given_up_ = committed_by_text_ = false;
  }
  /// A statement was abandoned since: it may have run, though its caller was told of a failure.
  bool has_given_up() const noexcept { return given_up_; }

  /// Whether its one user changed what the next would meet, or may have: as the command tags tell,
  /// SET (and not SET LOCAL), RESET, DISCARD ALL, LISTEN, PREPARE, DECLARE CURSOR, LOAD; as the
  /// texts of the statements do that were sent, whatever became of them, see leaves_something().
  bool session_changed() const noexcept { return session_changed_; }
  void set_session_changed(bool changed) noexcept { session_changed_ = changed; }

  /// Whom to tell of each request from now on, and by what number of this connection.
  void set_watch(std::shared_ptr<detail::QueryWatch> watch, std::uint64_t number) noexcept {
    watch_ = std::move(watch);
    number_ = number;
  }
  /// Takes the request on. Throws QueryError, with nothing sent, when a value does not fit, or
  /// while a stream is open here; ForkError when the connection is a parent's.
  void submit(detail::Request& request);

  /// Takes the connection from a stream that is open on it; its user is told when it asks.
  void end_stream() noexcept;

  /// Requests and abandoned requests that the server still has to answer, and those that wait.
  std::size_t backlog() const noexcept { return slots_.size() + waiting_count_; }
  /// Has the loop sent many times while the server was at the first of them? The more is going on,
  /// the shorter that is.
  bool is_slow() noexcept {
    constexpr std::uint64_t many_sends = 128;
    return !slots_.empty() && slots_.front().first_byte < sent_ &&
           loop_.sends() - quiet_since_ > many_sends;
  }
  /// Bytes that the kernel has not taken yet.
  std::size_t unsent() noexcept { return session_.output().size(); }
  /// Bytes that the kernel has taken, in all: who has seen another number knows that it was used.
  std::uint64_t sent() const noexcept { return sent_; }
  /// In the present transaction.
  bool has_changed_schema() const noexcept { return schema_changed_; }
  /// Has something been answered since its owner was told of that last?
  bool has_progressed() const noexcept { return progressed_; }
  bool is_open() const noexcept { return open_; }
  /// Is this process a child of the one that opened it?
  bool is_inherited() const noexcept { return mark_.is_inherited(); }
  /// Errors  ForkError if so.
  void refuse_inherited() const {
    if (is_inherited()) [[unlikely]]
      throw_inherited();
  }
  /// Errors  as refuse_inherited(); ConnectionError, with what the server said at its end: it is
  ///         closed.
  void refuse_unusable() const {
    refuse_inherited();
    if (!open_) [[unlikely]]
      throw_closed();
  }
  TransactionStatus transaction_status() const noexcept { return session_.transaction_status(); }
  const protocol::Session& session() const noexcept { return session_; }
  /// "localhost:5432/shop as app", for messages.
  const std::string& peer() const noexcept { return peer_; }

  /// Sends Terminate if it can at once, and closes. Outstanding requests fail with `reason`.
  void close(const char* reason) noexcept;

 private:
  using Event = protocol::Event;
  using Entry = std::shared_ptr<detail::StatementEntry>;

  /// What a statement that was known and has not failed does without, so that its slot is small.
  struct SlotDetails {
    Entry entry{};                       // of the two kinds that prepare
    std::vector<Oid> parameter_types{};  // as described in this slot
    std::shared_ptr<const detail::StatementDescription> description{};  // once it was described
    std::shared_ptr<const ServerReport> failure{};
  };
  static const SlotDetails no_details;
  class Unsent;

  /// What one Sync answers.
  struct Slot {
    enum class Kind : std::uint8_t { run, prepare_and_run, prepare, close, copy, script, fence };
    Kind kind = Kind::run;
    bool parsed = false;                 // of the two that prepare: its name is taken now
    bool described = false;              // and we know what it takes and gives
    bool committed = false;              // of a batch: a part of it, perhaps
    bool redescribed = false;            // other than was known when it was sent
    bool discarded = false;              // and with it what it had prepared itself
    detail::Request* request = nullptr;  // null: abandoned, or not a request's
    std::uint64_t first_byte = 0;        // of its messages, in bytes ever put into output()
    std::unique_ptr<SlotDetails> details{};

    const SlotDetails& detail() const noexcept { return details ? *details : no_details; }
    SlotDetails& changed_detail() {
      if (!details) details = std::make_unique<SlotDetails>();
      return *details;
    }
  };

  // connection.cpp: from the caller
  void take_on(detail::Request& request);
  void take_on_observed(detail::Request& request);
  PreparedStatements::State state_of(const detail::StatementEntry& entry);
  bool try_to_send(detail::Request& request);
  void send_run(detail::Request& request, const detail::StatementDescription& description,
                Slot::Kind kind);
  void send_prepare(const Entry& entry);
  bool is_described(const detail::StatementEntry& entry) const noexcept;
  std::string_view name_of(const detail::StatementEntry& entry) const noexcept {
    return unnamed_ ? std::string_view() : entry.name();
  }
  bool append_parse(const detail::StatementEntry& entry);
  void expect_parse(bool closes);
  Outcome abandon(detail::Request& request) noexcept override;
  Outcome outcome_if_left(const detail::Request& request) const noexcept override;
  void note_what_it_does(detail::Request& request);
  void fence_if_alone() noexcept;
  void say_goodbye() noexcept;
  void start_waiting();
  std::uint64_t position() noexcept { return sent_ + session_.output().size(); }
  bool may_send_more() const noexcept;
  void hold(detail::Request& request);
  void want_flush() noexcept {
    if (open_) loop_.flush_later(*this);
  }

  // connection_batches.cpp: statements under one Sync
  bool try_to_send_batch(detail::BatchRequest& batch);
  bool make_known(const Entry& entry);
  void refuse_too_many_statements(detail::BatchRequest& batch) const;
  void send_batch(detail::BatchRequest& batch);
  static detail::Request* statement_with(detail::Request& request, const Entry& entry);
  static detail::Request& statement_of(detail::Request& request);

  // script.cpp
  void send_script(detail::Request& request);
  detail::ScriptRequest* script() noexcept;

  // connection_io.cpp: from the stream
  void on_readable() noexcept override;
  void on_writable() noexcept override;
  bool awaits() const noexcept override { return open_ && !halted_ && !slots_.empty(); }
  bool poll() noexcept override;
  void flush() noexcept override;
  void read() noexcept;
  bool receive_once();
  void start_timing() noexcept;
  void send_some() noexcept;
  std::size_t send_now(Bytes bytes) noexcept;
  void watch_writing() noexcept;
  void watch(bool readable, bool writable) noexcept;
  [[noreturn]] void throw_inherited() const;
  [[noreturn]] void throw_closed() const;
  std::exception_ptr lost(std::string_view cause, Outcome outcome,
                          const std::shared_ptr<const ServerReport>& report) const noexcept;
  std::exception_ptr lost_with_words(std::string_view cause, Outcome outcome,
                                     const std::shared_ptr<const ServerReport>& report) const;
  void die(std::string_view cause) noexcept;
  void end(std::string_view cause) noexcept;
  void keep_events() noexcept;
  void die_of_sending(int error) noexcept;
  void fail_all(std::string_view cause) noexcept;
  Outcome outcome_of(std::uint64_t first_byte) const noexcept;
  Outcome outcome_of_sent() const noexcept;
  Outcome outcome_of_failed(const Slot& failed);
  Outcome outcome_of_unsent() const noexcept;
  /// Of one that is given up before it was sent, in a session that goes on.
  Outcome outcome_of_waiting() const noexcept {
    return in_transaction_ && committed_by_text_ ? Outcome::unknown : Outcome::not_sent;
  }

  // portals.cpp
  void append_opening(detail::PortalRequest& request,
                      const detail::StatementDescription& description);
  void send_portal(detail::PortalRequest& request);
  bool suspend_portal() noexcept;

  // connection_streams.cpp: a user's pace
  void pull(detail::StreamRequest& request) noexcept override;
  void push(std::span<std::byte> frame) override;
  void end_copy_in(std::string_view failure) override;
  bool is_full() const noexcept override;
  void submit_stream(detail::Request& request);
  void pull_other(Bytes input) noexcept;
  void send_copy(detail::StreamRequest& request);
  void give(detail::Request& request, Bytes item);
  void on_copy_begun(bool in);
  void on_copy_data(Bytes data);
  static bool has_several_copies(const detail::Request& request) noexcept;
  void abandon_stream() noexcept;
  void keep_item() noexcept;
  void read_on() noexcept;
  void watch_reading(bool readable) noexcept;

  // connection_answers.cpp: from the server
  void parse_received() { parse(received_.unread()); }
  void parse(Bytes input);
  void handle(Event event);
  void note_received(const Event& event, Bytes before) noexcept;
  void on_notification(Bytes body);
  void on_notice(Bytes body);
  void on_setting(Bytes body);
  void on_row(Bytes body);
  void on_row_description(Bytes body);
  void on_described(Bytes body, bool has_rows);
  detail::Request& end_of_statement(detail::BatchRequest& batch);
  void on_command_complete(Bytes body);
  void on_error(Bytes body);
  void on_ready();
  void on_ready_with_details();
  bool retire(const Slot& ended);
  void note_end(const Slot& ended) noexcept;
  void end_with(detail::Request& request, std::exception_ptr failure) noexcept;
  void end_well(detail::Request& request) noexcept;
  void note_session_change(Bytes command_complete, detail::Request* request) noexcept;
  void note_schema_change(Bytes command_complete);
  void tell_schema_change() noexcept;
  void refuse_shared_transaction(const Slot& slot);

  // connection_prepares.cpp: statements that are known, out of date or gone
  void finish_prepare(const Slot& slot);
  void send_close(const detail::StatementEntry& entry);
  bool is_stale(const Slot& failed);
  bool may_repeat(const Slot& failed) const;
  static bool may_have_run(const Slot& stale);
  void forget(const Slot& stale);
  void send_again(const Slot& stale) noexcept;
  void note_discarded(Bytes command_complete) noexcept;

  static constexpr int most_reads_per_turn = 16;
  static constexpr unsigned most_pushes_per_turn = 16;
  static constexpr std::size_t most_idle_output = 64 * 1024;  // bytes kept when nothing is unsent

  net::EventLoop& loop_;
  const net::ForkMark mark_{};
  std::unique_ptr<net::Stream> stream_;
  protocol::Session session_;
  ReceiveBuffer received_;
  PreparedStatements statements_;
  Ring<Slot> slots_;
  detail::ReadyList waiting_;  // requests whose statement is being prepared, or behind such a one
  std::size_t waiting_count_ = 0;
  ConnectionOwner* owner_ = nullptr;
  std::shared_ptr<detail::QueryWatch> watch_;  // null where nobody observes
  std::uint64_t number_ = 0;
  std::shared_ptr<const ServerReport> last_report_;  // a FATAL that came without a request
  EventTrace trace_;
  std::shared_ptr<const std::string> events_;  // of a lost one, when somebody has to be told
  std::string peer_;
  std::size_t most_result_bytes_ = static_cast<std::size_t>(-1);
  std::uint64_t sent_ = 0;
  std::uint64_t quiet_since_ =
      0;  // sends of the loop when the first was sent, or the last answered
  std::chrono::nanoseconds round_trip_{0};
  net::EventLoop::Clock::time_point timed_from_;
  std::optional<SessionOrigin> origin_;
  std::function<void(const ServerReport&)> on_notice_;
  bool fenced_ = false;
  std::uint64_t fences_ = 0;
  /// What is timed: nothing; the first slot, which was sent alone; the second one, as soon as the
  /// first has its answer, which was sent with it; the first, since another's answer.
  enum class Timing : std::uint8_t { nothing, alone, next, behind_another };
  Timing timing_ = Timing::nothing;
  bool open_ = true;
  const bool unnamed_;
  bool exclusive_ = false;
  bool in_transaction_ = false;
  bool committed_by_text_ = false;  // that transaction, perhaps: by a COMMIT in its user's words
  bool given_up_ = false;
  bool session_changed_ = false;
  bool schema_changed_ = false;  // in the present transaction
  bool watching_readable_ = true;
  bool watching_writable_ = false;
  bool blocked_ = false;  // until the stream is writable nothing is sent
  bool progressed_ = false;
  bool received_any_ = false;  // in this poll()

  // While a stream is open:
  detail::StreamRequest* stream_request_ = nullptr;
  bool halted_ = false;      // its item points into received_: nothing is parsed or read
  bool resumes_ = false;     // it was given up while halted: the next flush() reads on
  bool copy_ended_ = false;  // CopyDone or CopyFail is on its way
  int reads_this_turn_ = 0;
  unsigned pushes_ = 0;
  std::size_t behind_item_ = 0;  // bytes received behind the item and the rows given with it
};

}  // namespace pgreactor::connection
