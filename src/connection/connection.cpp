#include "src/connection/connection.hpp"

#include <cassert>
#include <pgreactor/detail/portal_request.hpp>
#include <pgreactor/error.hpp>
#include <utility>

#include "protocol/extended_query.hpp"
#include "src/connection/append_run.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/out_of_memory.hpp"
#include "src/connection/unsent.hpp"

namespace pgreactor::connection {

using detail::Request;
using detail::StatementDescription;
using protocol::Step;

const Connection::SlotDetails Connection::no_details{};

Connection::Connection(net::EventLoop& loop, std::unique_ptr<net::Stream> stream,
                       protocol::Session session, ReceiveBuffer unread, std::string peer,
                       std::size_t statement_capacity, StatementMode mode)
    : loop_(loop),
      stream_(std::move(stream)),
      session_(std::move(session)),
      received_(std::move(unread)),
      statements_(statement_capacity),
      peer_(std::move(peer)),
      unnamed_(mode == StatementMode::unnamed) {
  static_cast<void>(out_of_memory<ConnectionError>(Outcome::unknown));
  static_cast<void>(out_of_memory<QueryError>(Outcome::unknown));
  stream_->watch(this, true, false);
}

Connection::~Connection() { close("the connection was destroyed"); }

void Connection::submit(Request& request) {
  refuse_inherited();
  assert(open_);
  if (watch_ != nullptr) [[unlikely]]
    return take_on_observed(request);
  take_on(request);
}

[[gnu::noinline]] void Connection::take_on_observed(Request& request) {
  request.observe(watch_, number_);
  try {
    take_on(request);
  } catch (...) {
    request.end_observation(std::current_exception());
    throw;
  }
}

inline void Connection::take_on(Request& request) {
  if (exclusive_) [[unlikely]]
    note_what_it_does(request);
  if (stream_request_ != nullptr || request.is_streamed()) [[unlikely]]
    return submit_stream(request);
  // Behind a stream that was given up it is not known yet whether a fence comes.
  if (fenced_ || resumes_ || (exclusive_ && !may_send_more()) || !try_to_send(request)) {
    hold(request);
  }
}

// One user's requests are not limited by a pool, and nothing overtakes.
bool Connection::may_send_more() const noexcept {
  return waiting_count_ == 0 && session_.can_expect(Unsent::most_steps);
}

void Connection::hold(Request& request) {
  waiting_.push(request);
  ++waiting_count_;
  request.set_owner(this);
}

// Where the statement stands. Its description may have been found out of date, or be in doubt: so
// is what was prepared here, then.
PreparedStatements::State Connection::state_of(const detail::StatementEntry& entry) {
  const PreparedStatements::State state = statements_.use(entry);
  if (state != PreparedStatements::State::outdated) return state;
  statements_.remove(entry);
  send_close(entry);
  return PreparedStatements::State::absent;
}

// False when the statement has to be described first, which is then under way.
bool Connection::try_to_send(Request& request) {
  if (!request.is_plain()) [[unlikely]] {
    if (request.is_batched()) return try_to_send_batch(static_cast<detail::BatchRequest&>(request));
    if (request.is_script()) {
      send_script(request);
      return true;
    }
    if (request.is_streamed() &&
        static_cast<detail::StreamRequest&>(request).form() == detail::StreamRequest::Form::copy) {
      send_copy(static_cast<detail::StreamRequest&>(request));
      return true;
    }
    if (request.is_portal() && !static_cast<detail::PortalRequest&>(request).opens()) {
      send_portal(static_cast<detail::PortalRequest&>(request));
      return true;
    }
  }
  const Entry& entry = request.statement();
  switch (state_of(*entry)) {
    case PreparedStatements::State::prepared:
      send_run(request, *entry->description(), Slot::Kind::run);
      return true;
    case PreparedStatements::State::preparing:
      return false;
    default:
      break;
  }
  if (!is_described(*entry)) {
    send_prepare(entry);
    return false;
  }
  send_run(request, *entry->description(), Slot::Kind::prepare_and_run);
  return true;
}

// A pool of the other mode may have described a statement that is used on both.
bool Connection::is_described(const detail::StatementEntry& entry) const noexcept {
  return entry.description() != nullptr && entry.description()->is_unnamed() == unnamed_;
}

void Connection::send_run(Request& request, const StatementDescription& description,
                          Slot::Kind kind) {
  const bool prepares = kind == Slot::Kind::prepare_and_run;
  Unsent unsent(*this);
  if (prepares) unsent.prepares(request.statement());
  const bool closes = prepares && append_parse(*request.statement());
  if (request.is_portal()) [[unlikely]] {
    append_opening(static_cast<detail::PortalRequest&>(request), description);
  } else {
    append_run(session_.output(), request, description);
  }
  if (prepares) {
    if (!unnamed_) statements_.add(*request.statement());
    expect_parse(closes);
  }
  session_.expect_run();
  unsent.becomes(kind, prepares ? EventTrace::Sent::prepare_and_run : EventTrace::Sent::run)
      .request = &request;
  request.set_shape(description.shape());
  request.set_owner(this);
}

void Connection::send_prepare(const Entry& entry) {
  Unsent unsent(*this);
  unsent.prepares(entry);
  const bool closes = append_parse(*entry);
  protocol::Writer writer(session_.output());
  encode(writer, protocol::Sync{});
  statements_.add(*entry);
  expect_parse(closes);
  session_.expect(Step::sync);
  unsent.becomes(Slot::Kind::prepare, EventTrace::Sent::prepare);
}

// What the server still knows and nobody will use again.
void Connection::send_close(const detail::StatementEntry& entry) {
  Unsent unsent(*this);
  protocol::Writer writer(session_.output());
  encode(writer, protocol::Close{protocol::Target::statement, entry.name()});
  encode(writer, protocol::Sync{});
  session_.expect(Step::close);
  session_.expect(Step::sync);
  unsent.becomes(Slot::Kind::close, EventTrace::Sent::close);
}

// [Close] Parse Describe; whether there is a Close.
bool Connection::append_parse(const detail::StatementEntry& entry) {
  protocol::Writer writer(session_.output());
  const std::string* closed = unnamed_ ? nullptr : statements_.next_to_go();
  if (closed != nullptr) encode(writer, protocol::Close{protocol::Target::statement, *closed});
  // Of a statement that is known values are sent behind this: of its types, so they stay its types.
  const auto* const known = entry.description().get();
  encode(writer, protocol::Parse{name_of(entry), entry.text(),
                                 known == nullptr ? std::vector<Oid>{} : known->parameter_types()});
  encode(writer, protocol::Describe{protocol::Target::statement, name_of(entry)});
  if (writer.failed()) throw_text_error(entry, writer.error());
  return closed != nullptr;
}

void Connection::expect_parse(bool closes) {
  if (closes) session_.expect(Step::close);
  session_.expect(Step::parse);
  session_.expect(Step::describe_statement);
}

// Sends what waited for a description, as far as that is possible now. On an exclusive connection
// nothing overtakes.
void Connection::start_waiting() {
  // Whoever is told of an end may give up others: fewer than there were may be left.
  for (std::size_t left = fenced_ || resumes_ ? 0 : waiting_count_;
       left > 0 && waiting_count_ != 0 && open_; --left) {
    auto& request = static_cast<Request&>(waiting_.front());
    try {
      if (!session_.can_expect(Unsent::most_steps) || !try_to_send(request)) {
        if (exclusive_) return;
        request.unlink();
        waiting_.push(request);
        continue;
      }
      request.unlink();
      --waiting_count_;
    } catch (...) {
      request.unlink();
      --waiting_count_;
      end_with(request, std::current_exception());
    }
  }
}

Outcome Connection::abandon(Request& request) noexcept {
  request.set_owner(nullptr);
  if (request.linked()) {
    if (&request == stream_request_) stream_request_ = nullptr;
    request.unlink();
    --waiting_count_;
    return outcome_of_waiting();
  }
  const bool copies_in =
      request.is_streamed() && static_cast<detail::StreamRequest&>(request).copies_in();
  if (&request == stream_request_) abandon_stream();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].request != &request) continue;
    slots_[i].request = nullptr;
    given_up_ = true;
    // A COPY in is ended by us; of rows and data that are here already the end may be one.
    if (i == 0 && !copies_in && !resumes_ && waiting_count_ == 0) fence_if_alone();
    break;
  }
  // What is still in the output buffer will be sent: its answer is awaited there by now.
  return outcome_of_sent();
}

Outcome Connection::outcome_if_left(const Request& request) const noexcept {
  return request.linked() ? outcome_of_waiting() : outcome_of_sent();
}

// The server cancels whatever it runs: that is ours for certain only while there is nothing else
// (P5).
void Connection::fence_if_alone() noexcept {
  if (slots_.size() != 1 || slots_.front().first_byte >= sent_ || fenced_ || !origin_ ||
      session_.cancel_key().secret.empty() || owner_ == nullptr || is_inherited())
    return;
  fenced_ = true;
  ++fences_;
  owner_->on_given_up(*this);
}

void Connection::end_fence() {
  if (!open_ || !fenced_) return;
  Unsent unsent(*this);
  protocol::Writer writer(session_.output());
  encode(writer, protocol::Sync{});
  session_.expect(Step::sync);
  unsent.becomes(Slot::Kind::fence, EventTrace::Sent::sync);
}

void Connection::close(const char* reason) noexcept {
  if (!open_) return;
  if (!is_inherited()) say_goodbye();
  owner_ = nullptr;
  end(reason);
}

// Without memory the server learns of the end by the socket's.
void Connection::say_goodbye() noexcept {
  try {
    session_.terminate();
  } catch (const std::bad_alloc&) {
    return;
  }
  if (slots_.empty() && !blocked_) stream_->send(session_.output().bytes());
}

}  // namespace pgreactor::connection
