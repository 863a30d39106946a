#include "bench/canned/canned_session.hpp"

#include <algorithm>
#include <cstring>
#include <variant>

#include "bench/canned/received_bind.hpp"
#include "bench/workload_rows.hpp"
#include "protocol/startup.hpp"

namespace pgreactor::bench {
namespace {

// Statements and portals of one session; a frontend that forgets to close them is told so.
constexpr std::size_t most_named = 10'000;

}  // namespace

void CannedSession::feed(Bytes received) {
  std::size_t needed = 0;
  // What was left over is completed by no more than it needs, so that the rest is read in place.
  while (!partial_.empty() && !ended()) {
    Bytes input = partial_.bytes();
    if (take_one(input, needed)) {
      partial_.consume(partial_.size() - input.size());
      continue;
    }
    if (received.empty()) return;
    const Bytes more = received.first(std::min(needed - partial_.size(), received.size()));
    partial_.append(more);
    received = received.subspan(more.size());
  }
  while (!ended() && !received.empty() && (take_repeated(received) || take_one(received, needed))) {
  }
  if (!ended()) partial_.append(received);
}

// Answers a Bind and Execute like those before, and the Sync behind them; false when it is none.
bool CannedSession::take_repeated(Bytes& input) {
  static constexpr std::string_view sync{"S\0\0\0\4", protocol::header_size};
  NullableBytes first;
  if (phase_ != Phase::ready || !repeated_.take(input, first)) return false;
  output_.append(answers_->bind_complete());
  output_.append(repeated_.answer());
  if (repeated_.echoes())
    set_last_int4(int4_of(first, repeated_.parameter_format()).value_or(value_of_one));
  if (input.size() >= sync.size() && std::memcmp(input.data(), sync.data(), sync.size()) == 0) {
    input = input.subspan(sync.size());
    on_sync();
  }
  return true;
}

// Takes one message from the front of `input`; false when it is not whole, and nothing is taken.
bool CannedSession::take_one(Bytes& input, std::size_t& needed) {
  protocol::Frame frame;
  const bool first = phase_ == Phase::starting;
  const auto state = first ? protocol::take_untyped_frame(input, frame, needed)
                           : protocol::take_frame(input, answers_->received_caps(), frame, needed);
  switch (state) {
    case protocol::FrameState::partial:
      return false;
    case protocol::FrameState::unknown_tag:
      violation("unknown message type");
      return true;
    case protocol::FrameState::too_short:
    case protocol::FrameState::too_large:
      violation("invalid message length");
      return true;
    case protocol::FrameState::whole:
      break;
  }
  if (first)
    take_first(frame);
  else if (phase_ == Phase::copying)
    take_while_copying(frame);
  else
    take(frame);
  return true;
}

void CannedSession::take_first(const protocol::Frame& frame) {
  const auto message = protocol::decode_first_message(frame.body);
  if (!message) return violation("invalid startup packet");
  if (std::holds_alternative<protocol::CancelRequest>(*message)) {
    phase_ = Phase::ended;
  } else if (const auto* startup = std::get_if<protocol::StartupMessage>(&*message)) {
    if (startup->version >> 16 != protocol::protocol_3_0 >> 16)
      return violation("unsupported frontend protocol");
    if (startup->version != protocol::protocol_3_0) say(protocol::NegotiateProtocolVersion{});
    phase_ = Phase::ready;
    output_.append(answers_->startup());
  } else {
    output_.append(as_bytes("N"));  // neither TLS nor GSSAPI
  }
}

void CannedSession::take(const protocol::Frame& frame) {
  using protocol::FrontendTag;
  const auto tag = static_cast<FrontendTag>(frame.tag);
  if (tag == FrontendTag::terminate) {
    phase_ = Phase::ended;
    return;
  }
  if (phase_ == Phase::skipping && tag != FrontendTag::sync) return;
  switch (tag) {
    case FrontendTag::bind:
      return on_bind(frame.body);
    case FrontendTag::execute:
      return read(protocol::decode_execute(frame.body));
    case FrontendTag::sync:
      return on_sync();
    case FrontendTag::parse:
      return read(protocol::decode_parse(frame.body));
    case FrontendTag::describe:
      return read(protocol::decode_describe(frame.body));
    case FrontendTag::close:
      return read(protocol::decode_close(frame.body));
    case FrontendTag::query:
      return read(protocol::decode_query(frame.body));
    case FrontendTag::copy_data:  // late: the server has ended the COPY
    case FrontendTag::copy_done:
    case FrontendTag::copy_fail:
    case FrontendTag::flush:
    case FrontendTag::terminate:
      return;
    case FrontendTag::password:
      return violation("nobody asked for a password");
    case FrontendTag::function_call:
      return violation("function calls are not supported");
  }
}

void CannedSession::take_while_copying(const protocol::Frame& frame) {
  switch (frame.tag) {
    case static_cast<char>(protocol::FrontendTag::copy_data):
      return copied_.add(frame.body);
    case static_cast<char>(protocol::FrontendTag::copy_done):
      if (!copied_.well_formed()) return end_copy_in("22P04");
      return end_copy_in({});
    case static_cast<char>(protocol::FrontendTag::copy_fail):
      return end_copy_in("57014");
    case static_cast<char>(protocol::FrontendTag::flush):
    case static_cast<char>(protocol::FrontendTag::sync):
      return;
    case static_cast<char>(protocol::FrontendTag::terminate):
      phase_ = Phase::ended;
      return;
    default:
      return violation("unexpected message during COPY from stdin");
  }
}

template <class Message>
void CannedSession::read(Decoded<Message> message) {
  if (!message) return violation("invalid message format");
  on(*message);
}

void CannedSession::on(const protocol::Parse& message) {
  if (find_statement(message.statement) == nullptr && statements_.size() == most_named)
    return refuse("53400", "too many prepared statements");
  forget_statement(message.statement);
  statements_.emplace(message.statement, read_statement(message.sql, message.parameter_types));
  output_.append(answers_->parse_complete());
}

void CannedSession::on_bind(Bytes body) {
  const auto bind = read_bind(body);
  if (!bind) return violation("invalid message format");
  const StatementText* found = find_statement(bind->statement);
  if (found == nullptr) return refuse("26000", "prepared statement does not exist");
  const StatementText& text = *found;
  if (bind->parameters != text.parameter_types.size())
    return refuse("08P01", "bind message supplies another number of parameters");
  // Text is the same in both formats, so that it may be asked for in either.
  const bool text_differs = text.kind == AnswerKind::bulk &&
                            bind->result_formats == bulk_column_count &&
                            bind->same_format == bulk_column_count - 1;  // the last is text
  if (bind->same_format != bind->result_formats && !text_differs)
    return refuse("0A000", "canned rows have one format");
  Portal* portal = find_portal(bind->portal);
  if (portal == nullptr) {
    if (portals_.size() == most_named) return refuse("53400", "too many portals");
    portal = &portals_.emplace(bind->portal, Portal{}).first->second;
  }
  portal->statement = &text;
  portal->format = bind->result_format;
  portal->rows_sent = 0;
  portal->echoes = text.kind == AnswerKind::one && bind->parameters == 1 &&
                   text.parameter_types.front() == oid::int4;
  portal->value = value_of_one;
  if (portal->echoes)
    portal->value = int4_of(bind->first_parameter, bind->parameter_format).value_or(value_of_one);
  output_.append(answers_->bind_complete());
  repeated_.forget();
  if (bind->portal.empty()) repeated_.learn_bind(*bind);
}

void CannedSession::on(const protocol::Describe& message) {
  if (message.target == protocol::Target::portal) {
    const Portal* portal = find_portal(message.name);
    if (portal == nullptr) return refuse("34000", "portal does not exist");
    return send_columns(portal->statement->kind, portal->format);
  }
  const StatementText* statement = find_statement(message.name);
  if (statement == nullptr) return refuse("26000", "prepared statement does not exist");
  say(protocol::ParameterDescription{statement->parameter_types});
  send_columns(statement->kind, FormatCode::text);
}

void CannedSession::on(const protocol::Execute& message) {
  Portal* portal = find_portal(message.portal);
  if (portal == nullptr) return refuse("34000", "portal does not exist");
  const std::size_t before = output_.own().size();
  const bool fresh = portal->rows_sent == 0 && message.row_limit == 0 && message.portal.empty();
  execute(*portal, message.row_limit);
  const StatementText& text = *portal->statement;
  const bool same_again = (text.kind == AnswerKind::one && portal->format == FormatCode::binary) ||
                          text.kind == AnswerKind::world ||
                          (text.kind == AnswerKind::command && !text.status);
  if (fresh && same_again && phase_ == Phase::ready)
    repeated_.learn_execute(output_.own().bytes().subspan(before), portal->echoes);
}

void CannedSession::on(const protocol::Close& message) {
  if (message.target == protocol::Target::statement)
    forget_statement(message.name);
  else if (const auto portal = portals_.find(message.name); portal != portals_.end())
    portals_.erase(portal);
  say(protocol::CloseComplete{});
}

void CannedSession::on(const protocol::Query& message) {
  repeated_.forget();  // the transaction may be another
  const StatementText text = read_statement(message.sql);
  simple_ = true;
  Portal portal;
  portal.statement = &text;
  if (text.kind <= AnswerKind::wide) send_columns(text.kind, FormatCode::text);
  execute(portal, 0);
  if (phase_ == Phase::copying) return;
  on_sync();
}

void CannedSession::on_sync() {
  phase_ = Phase::ready;
  simple_ = false;
  // Portals end with their transaction; the unnamed one is kept, as it is about to be made again.
  if (status_ == TransactionStatus::idle && portals_.size() > 1)
    portals_.erase(portals_.upper_bound(""), portals_.end());
  output_.append(answers_->ready(status_));
}

void CannedSession::refuse(std::string_view sqlstate, std::string_view why) {
  repeated_.forget();
  if (status_ == TransactionStatus::in_transaction) status_ = TransactionStatus::failed;
  if (!simple_) phase_ = Phase::skipping;
  protocol::ErrorResponse error;
  error.report.severity = error.report.localized_severity = "ERROR";
  error.report.sqlstate = Sqlstate(sqlstate);
  error.report.message = why;
  say(error);
}

void CannedSession::violation(std::string_view why) {
  protocol::ErrorResponse error;
  error.report.severity = error.report.localized_severity = "FATAL";
  error.report.sqlstate = Sqlstate("08P01");
  error.report.message = why;
  say(error);
  phase_ = Phase::ended;
}

const StatementText* CannedSession::find_statement(std::string_view name) {
  const auto found = statements_.find(name);
  return found == statements_.end() ? nullptr : &found->second;
}

CannedSession::Portal* CannedSession::find_portal(std::string_view name) {
  const auto found = portals_.find(name);
  return found == portals_.end() ? nullptr : &found->second;
}

void CannedSession::forget_statement(std::string_view name) {
  const auto statement = statements_.find(name);
  if (statement == statements_.end()) return;
  repeated_.forget();
  const StatementText* text = &statement->second;
  std::erase_if(portals_, [text](const auto& entry) { return entry.second.statement == text; });
  statements_.erase(statement);
}

}  // namespace pgreactor::bench
