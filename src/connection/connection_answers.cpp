#include <pgreactor/detail/portal_request.hpp>
#include <pgreactor/error.hpp>
#include <string>
#include <utility>

#include "protocol/asynchronous.hpp"
#include "protocol/extended_query.hpp"
#include "protocol/result.hpp"
#include "protocol/startup.hpp"
#include "src/connection/connection.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/script_request.hpp"
#include "src/connection/session_changes.hpp"

// The server's side of a connection: what its messages mean for the slot they belong to.
namespace pgreactor::connection {

using detail::Request;
using detail::StatementDescription;

void Connection::parse(Bytes input) {
  while (open_) {
    const std::byte* const first = input.data();
    const Event event = session_.next(input);
    switch (event.kind) {  // the answers of every query; the rest behind handle()
      case Event::Kind::bind_complete:
        trace_.received(protocol::BackendTag::bind_complete, 0);
        continue;
      case Event::Kind::data_row:
        trace_.received_piece(event.body.size() + protocol::header_size);
        on_row(event.body);
        break;
      case Event::Kind::command_complete:
        trace_.received_command_complete(event.body.size());
        on_command_complete(event.body);
        continue;
      case Event::Kind::ready:
        trace_.received_ready();
        on_ready();
        continue;
      case Event::Kind::need_bytes:
        received_.keep(input.size());
        return;
      default:
        note_received(event, Bytes(first, input.data() + input.size()));
        handle(event);
    }
    if (halted_) [[unlikely]] {
      behind_item_ = input.size();
      return;
    }
  }
}

// `before` begins with the message that the event is about; a refused one may be cut off.
void Connection::note_received(const Event& event, Bytes before) noexcept {
  if (event.kind == Event::Kind::copy_data)
    return trace_.received_piece(event.body.size() + protocol::header_size);
  trace_.received_first_of(before);
}

// The current statement of the batch has ended; which one that was.
inline Request& Connection::end_of_statement(detail::BatchRequest& batch) {
  slots_.front().described = false;  // of the next one
  Request& ended = *batch.current();
  batch.advance();
  return ended;
}

void Connection::handle(Event event) {
  switch (event.kind) {
    case Event::Kind::data_row:
      return on_row(event.body);
    case Event::Kind::command_complete:
      return on_command_complete(event.body);
    case Event::Kind::ready:
      return on_ready();
    case Event::Kind::bind_complete:
    case Event::Kind::close_complete:
      return;
    case Event::Kind::parse_complete:
      slots_.front().parsed = true;
      return;
    case Event::Kind::empty_query:
      if (Request* const request = slots_.front().request; request && request->is_batched())
        end_of_statement(static_cast<detail::BatchRequest&>(*request));
      return;
    case Event::Kind::parameter_description: {
      auto types = protocol::decode_parameter_description(event.body);
      if (!types) return die("the server broke the protocol: an unreadable ParameterDescription");
      slots_.front().changed_detail().parameter_types = std::move(types->parameter_types);
      return;
    }
    case Event::Kind::copy_in:
    case Event::Kind::copy_out:
      return on_copy_begun(event.kind == Event::Kind::copy_in);
    case Event::Kind::copy_data:
      return on_copy_data(event.body);
    case Event::Kind::copy_done:
      return;
    case Event::Kind::row_description:
      return on_row_description(event.body);
    case Event::Kind::no_data:
      return on_described(event.body, false);
    case Event::Kind::error:
      return on_error(event.body);
    case Event::Kind::notification:
      if (owner_ != nullptr) on_notification(event.body);
      return;
    case Event::Kind::notice:
      return on_notice(event.body);
    case Event::Kind::parameter_status:
      if (owner_ != nullptr) on_setting(event.body);
      return;
    case Event::Kind::progress:
      return;
    case Event::Kind::violation:
      return die("the server broke the protocol: " + std::string(session_.violation()));
    case Event::Kind::need_bytes:
    case Event::Kind::scram_keys_needed:
    case Event::Kind::authenticated:
    case Event::Kind::ready_for_first_time:
      break;
    case Event::Kind::portal_suspended:
      if (suspend_portal()) return;
      break;
  }
  die("the server broke the protocol: an answer that nothing asked for");
}

void Connection::on_notification(Bytes body) {
  const auto message = protocol::decode_notification_response(body);
  if (!message) return die("the server broke the protocol: an unreadable NotificationResponse");
  owner_->on_notification(message->channel, message->payload, message->process_id);
}

void Connection::on_notice(Bytes body) {
  const auto notice = protocol::decode_notice_response(body);
  if (!notice) return die("the server broke the protocol: an unreadable NoticeResponse");
  if (owner_ != nullptr) owner_->on_report(*this, notice->report);
  if (on_notice_) on_notice_(notice->report);
}

void Connection::on_setting(Bytes body) {
  const auto message = protocol::decode_parameter_status(body);
  if (!message) return die("the server broke the protocol: an unreadable ParameterStatus");
  owner_->on_setting(*this, message->name);
}

void Connection::on_row(Bytes body) {
  Request* request = slots_.front().request;
  if (request == nullptr) return;  // abandoned: the row is read and dropped
  if (!request->is_plain()) [[unlikely]] {
    if (slots_.front().kind == Slot::Kind::copy) return;  // of a statement that is no COPY
    if (request->is_portal() && !static_cast<detail::PortalRequest&>(*request).takes_row())
      return die("the server broke the protocol: more rows than were asked for");
    request = &statement_of(*request);
  }
  const std::size_t columns = protocol::DataRowView(body).count();
  if (columns != request->shape()->size())
    return die("the server broke the protocol: a row of " + std::to_string(columns) +
               " columns where " + std::to_string(request->shape()->size()) + " were described");
  const Bytes values = body.subspan(sizeof(std::uint16_t));
  if (request->is_streamed()) [[unlikely]]
    return give(*request, values);
  request->append_row(values, most_result_bytes_);
}

void Connection::on_row_description(Bytes body) {
  const Slot& slot = slots_.front();
  if (slot.kind == Slot::Kind::copy) return;  // no COPY after all
  if (slot.kind != Slot::Kind::script) return on_described(body, true);
  auto description = protocol::decode_row_description(body);
  if (!description) return die("the server broke the protocol: an unreadable RowDescription");
  if (slot.request != nullptr) script()->begin_rows(std::move(description->columns));
}

void Connection::on_described(Bytes body, bool has_rows) {
  Slot& slot = slots_.front();
  slot.described = true;
  std::vector<Column> columns;
  if (has_rows) {
    auto description = protocol::decode_row_description(body);
    if (!description) return die("the server broke the protocol: an unreadable RowDescription");
    columns = std::move(description->columns);
  }
  Request* const request = slot.request == nullptr ? nullptr : &statement_of(*slot.request);
  SlotDetails& details = slot.changed_detail();
  const Entry entry =
      details.entry != nullptr || request == nullptr ? details.entry : request->statement();
  if (entry == nullptr) return;  // of a batch that was given up
  // Values that were sent behind the Parse have fixed the types of the parameters: of those the
  // answer tells nothing new, nor of anything since others have asked.
  const bool asked = slot.kind == Slot::Kind::prepare;
  details.description = entry->description();
  if (asked && details.description == nullptr) details.description = entry->doubted();
  if (details.description == nullptr || details.description->is_unnamed() != unnamed_ ||
      !details.description->agrees(details.parameter_types, columns))
    details.description = std::make_shared<const StatementDescription>(
        name_of(*entry), std::move(details.parameter_types), std::move(columns));
  if (asked || (request != nullptr && entry->description() != nullptr &&
                entry->description()->shape() == request->shape()))
    entry->describe(details.description);
  // The table may have changed since another connection prepared the same text.
  if (request != nullptr && request->shape() != details.description->shape() &&
      !detail::same_columns(*request->shape(), *details.description->shape())) {
    slot.redescribed = true;
    request->set_shape(detail::shape_of_answer(*request->shape(), *details.description->shape()));
  }
}

namespace {

// "INSERT 0 1": only statements that cannot end a transaction tell how many rows it were.
bool tells_a_number(Bytes command_complete) noexcept {
  if (command_complete.size() < 2) return false;
  const auto last = std::to_integer<unsigned char>(command_complete[command_complete.size() - 2]);
  return last >= '0' && last <= '9';
}

}  // namespace

void Connection::on_command_complete(Bytes body) {
  Request* request = slots_.front().request;
  if (exclusive_) [[unlikely]]
    note_session_change(body, request);
  const bool counts_rows = tells_a_number(body);
  if (!counts_rows) [[unlikely]] {
    note_schema_change(body);
    note_discarded(body);
  }
  if (request == nullptr) return;
  if (request->is_batched()) {
    if (!counts_rows) [[unlikely]]
      slots_.front().committed = true;
    request = &end_of_statement(static_cast<detail::BatchRequest&>(*request));
  }
  // The session has checked its layout; a mode that gives no Result has no use for the tag.
  if (!request->wants_tag()) return;
  const auto complete = protocol::decode_command_complete(body);
  if (!complete) return die("the server broke the protocol: an unreadable CommandComplete");
  request->set_tag(complete->tag, protocol::affected_rows(complete->tag));
  if (request->is_script()) [[unlikely]]
    script()->end_statement(!counts_rows);
}

void Connection::on_error(Bytes body) {
  auto decoded = protocol::decode_error_response(body);
  if (!decoded) return die("the server broke the protocol: an unreadable ErrorResponse");
  auto report = std::make_shared<const ServerReport>(std::move(decoded->report));
  if (owner_ != nullptr) owner_->on_report(*this, *report);
  if (session_.phase() == protocol::Phase::closed || slots_.empty()) {
    last_report_ = report;
    if (!slots_.empty()) slots_.front().changed_detail().failure = report;
    return die(report->message);
  }
  slots_.front().changed_detail().failure = std::move(report);
}

inline void Connection::end_well(Request& request) noexcept {
  if (&request == stream_request_) stream_request_ = nullptr;
  request.set_owner(nullptr);
  request.finish();
}

void Connection::on_ready() {
  if (slots_.front().details != nullptr) [[unlikely]]
    return on_ready_with_details();
  const Slot slot = std::move(slots_.front());
  if (!retire(slot)) return;
  if (slot.request != nullptr) end_well(*slot.request);
  if (waiting_count_ != 0) start_waiting();
}

[[gnu::noinline]] void Connection::on_ready_with_details() {
  // Made first: were memory to run out, the request would still have its slot and be told of that.
  std::exception_ptr thrown;
  bool stale = false, again = false;
  if (const Slot& ended = slots_.front(); ended.request == nullptr) {
    // nobody to tell
  } else if (ended.details->failure != nullptr) {
    thrown = query_failed(ended.details->failure, statement_of(*ended.request),
                          outcome_of_failed(ended));
    stale = is_stale(ended);
    again = stale && may_repeat(ended);
  } else if (ended.kind == Slot::Kind::script && script()->copies()) {
    thrown = copy_in_script(*ended.request);
  } else if (ended.kind == Slot::Kind::copy && has_several_copies(*ended.request)) {
    thrown = several_copies(*ended.request);
  }
  const Slot slot = std::move(slots_.front());
  if (schema_changed_) tell_schema_change();
  if (!retire(slot)) return;
  if (again) {
    send_again(slot);
  } else if (slot.request != nullptr) {
    end_with(*slot.request, std::move(thrown));
    if (stale) forget(slot);
  }
  if (slot.details->entry != nullptr && !stale) finish_prepare(slot);
  if (waiting_count_ != 0) start_waiting();
}

// What the server said has failed is undone, but for what was committed before it came so far.
Outcome Connection::outcome_of_failed(const Slot& failed) {
  const bool may_stay =
      (!in_transaction_ || committed_by_text_) &&
      (failed.committed || may_commit_in_part(statement_of(*failed.request).statement()->text()));
  return may_stay ? Outcome::unknown : Outcome::rolled_back;
}

// Takes the first slot, whose content was moved to `ended`, off the queue. False when the
// connection does not survive that.
inline bool Connection::retire(const Slot& ended) {
  slots_.pop();
  progressed_ = true;
  if (timing_ != Timing::nothing || fenced_) [[unlikely]]
    note_end(ended);
  if (exclusive_ || session_.transaction_status() == TransactionStatus::idle) [[likely]]
    return true;
  refuse_shared_transaction(ended);
  return false;
}

// Whether it was timed, or is the round trip that lifts a fence.
void Connection::note_end(const Slot& ended) noexcept {
  if (ended.kind == Slot::Kind::fence) fenced_ = false;
  const Timing timed = std::exchange(timing_, Timing::nothing);
  const auto since = std::exchange(timed_from_, loop_.step_time());
  if (timed == Timing::next && !slots_.empty()) timing_ = Timing::behind_another;
  if (ended.request == nullptr) return;  // abandoned
  if (timed == Timing::alone)
    ended.request->statement()->service_time().add_alone(timed_from_ - since - round_trip_);
  if (timed == Timing::behind_another)
    ended.request->statement()->service_time().add_behind_another(timed_from_ - since);
}

// A BEGIN among statements that share the connection: what other callers sent behind it ran within
// that transaction. Ending the connection rolls it back, unless a COMMIT is among them already:
// their outcome is unknown.
void Connection::refuse_shared_transaction(const Slot& slot) {
  if (slot.request != nullptr) {
    slot.request->set_owner(nullptr);
    slot.request->finish(transaction_refused(statement_of(*slot.request)));
  }
  die("a statement before this one began a transaction on a shared connection");
}

void Connection::end_with(Request& request, std::exception_ptr failure) noexcept {
  if (&request == stream_request_) stream_request_ = nullptr;
  request.set_owner(nullptr);
  request.finish(std::move(failure));  // its task is resumed later: it is still here after this
}

}  // namespace pgreactor::connection
