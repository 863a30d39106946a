#include "protocol/session.hpp"

#include "protocol/asynchronous.hpp"
#include "protocol/copy.hpp"

//  step                message                                  what is left of the step
//  parse               ParseComplete                            -
//  bind                BindComplete                             -
//  describe_statement  ParameterDescription                     describe_portal
//  describe_portal     RowDescription, NoData                   -
//  execute             DataRow                                  execute
//  execute             CommandComplete, EmptyQueryResponse,
//                      PortalSuspended                          -
//  close               CloseComplete                            -
//  sync, sync_failed   ReadyForQuery                            -
//  query               RowDescription                           query_rows
//  query               CommandComplete                          query_answered
//  query               EmptyQueryResponse                       sync
//  query_rows          DataRow                                  query_rows
//  query_rows          CommandComplete                          query_answered
//  query_answered      RowDescription                           query_rows
//  query_answered      CommandComplete                          query_answered
//  query_answered      ReadyForQuery                            -
//  query, _answered    CopyInResponse                           copying_in
//  query, _answered    CopyOutResponse                          copying_out
//  copying_in          (end_copy_in() is called)                copied
//  copying_out         CopyData                                 copying_out
//  copying_out         CopyDone                                 copied
//  copied              CommandComplete                          query_answered
//  query* cop*         ErrorResponse                            sync_failed
//  sync                ErrorResponse (the commit failed)        sync_failed
//  parse ... close     ErrorResponse                            - and all up to the next sync,
//  which
//                                                               becomes sync_failed
//  any or none         NoticeResponse, NotificationResponse,
//                      ParameterStatus                          the same
//  any or none         ErrorResponse, FATAL or PANIC            closed
//  any or none         anything else                            failed
//
// DataRow, BindComplete, ReadyForQuery and Execute's CommandComplete are in next(), in the header.
namespace pgreactor::protocol {

namespace {

std::string_view awaited_by(Step step) noexcept {
  switch (step) {
    case Step::parse:
      return "ParseComplete";
    case Step::bind:
      return "BindComplete";
    case Step::describe_statement:
      return "ParameterDescription";
    case Step::describe_portal:
      return "RowDescription or NoData";
    case Step::execute:
      return "the result of Execute";
    case Step::close:
      return "CloseComplete";
    case Step::sync:
    case Step::sync_failed:
      return "ReadyForQuery";
    case Step::query:
    case Step::query_answered:
      return "the result of a simple query";
    case Step::query_rows:
      return "DataRow or CommandComplete";
    case Step::copying_in:
      return "nothing (data is being sent)";
    case Step::copying_out:
      return "CopyData or CopyDone";
    case Step::copied:
      return "the CommandComplete of a COPY";
    case Step::none:
      return "nothing";
  }
  return "nothing";
}

// Is it the message's layout, rather than its place, that next() did not accept?
bool is_in_place(Step step, BackendTag tag) noexcept {
  switch (tag) {
    case BackendTag::data_row:
      return step == Step::execute || step == Step::query_rows;
    case BackendTag::command_complete:
      return step == Step::execute || step == Step::query || step == Step::query_rows ||
             step == Step::query_answered || step == Step::copied;
    case BackendTag::copy_in_response:
    case BackendTag::copy_out_response:
      return step == Step::query || step == Step::query_answered;
    case BackendTag::ready_for_query:
      return step == Step::sync || step == Step::sync_failed || step == Step::query_answered;
    case BackendTag::error_response:
    case BackendTag::notice_response:
    case BackendTag::notification_response:
    case BackendTag::parameter_status:
      return true;
    default:
      return false;
  }
}

bool is_copy(BackendTag tag) noexcept {
  return tag == BackendTag::copy_in_response || tag == BackendTag::copy_out_response ||
         tag == BackendTag::copy_both_response;
}

}  // namespace

std::string_view name_of(Phase phase) noexcept {
  switch (phase) {
    case Phase::created:
      return "created";
    case Phase::greeting:
      return "greeting";
    case Phase::asked:
      return "asked";
    case Phase::answered:
      return "answered";
    case Phase::proposing:
      return "proposing";
    case Phase::deriving:
      return "deriving";
    case Phase::proving:
      return "proving";
    case Phase::proven:
      return "proven";
    case Phase::settling:
      return "settling";
    case Phase::ready:
      return "ready";
    case Phase::closed:
      return "closed";
    case Phase::failed:
      return "failed";
  }
  return "unknown";
}

std::string_view name_of(Event::Kind kind) noexcept {
  switch (kind) {
    case Event::Kind::need_bytes:
      return "need_bytes";
    case Event::Kind::progress:
      return "progress";
    case Event::Kind::scram_keys_needed:
      return "scram_keys_needed";
    case Event::Kind::authenticated:
      return "authenticated";
    case Event::Kind::ready_for_first_time:
      return "ready_for_first_time";
    case Event::Kind::ready:
      return "ready";
    case Event::Kind::parse_complete:
      return "parse_complete";
    case Event::Kind::bind_complete:
      return "bind_complete";
    case Event::Kind::close_complete:
      return "close_complete";
    case Event::Kind::parameter_description:
      return "parameter_description";
    case Event::Kind::row_description:
      return "row_description";
    case Event::Kind::no_data:
      return "no_data";
    case Event::Kind::data_row:
      return "data_row";
    case Event::Kind::command_complete:
      return "command_complete";
    case Event::Kind::empty_query:
      return "empty_query";
    case Event::Kind::portal_suspended:
      return "portal_suspended";
    case Event::Kind::copy_in:
      return "copy_in";
    case Event::Kind::copy_out:
      return "copy_out";
    case Event::Kind::copy_data:
      return "copy_data";
    case Event::Kind::copy_done:
      return "copy_done";
    case Event::Kind::error:
      return "error";
    case Event::Kind::notice:
      return "notice";
    case Event::Kind::notification:
      return "notification";
    case Event::Kind::parameter_status:
      return "parameter_status";
    case Event::Kind::violation:
      return "violation";
  }
  return "unknown";
}

Session::Session(StartupOptions options, RandomSource random)
    : options_(std::move(options)), random_(random) {
  state_.version = options_.newest_version;
}

void Session::fail(std::string reason) {
  if (state_.phase == Phase::failed) return;
  state_.violated_in = state_.phase;
  state_.phase = Phase::failed;
  state_.violation = std::move(reason);
  output_.truncate(0);
}

void Session::terminate() {
  if (state_.phase == Phase::failed || state_.phase == Phase::closed) return;
  Writer out{output_};
  encode(out, Terminate{});
  state_.phase = Phase::closed;
}

Event Session::refuse(std::string reason) {
  fail(std::move(reason));
  return {.kind = Kind::violation};
}

Event Session::refuse_header(Bytes input) {
  const auto tag = static_cast<BackendTag>(input[0]);
  const auto length = load_big_endian<std::uint32_t>(input.data() + 1);
  const std::string_view name = name_of(tag);
  if (name.empty())
    return refuse("a message of the unknown type " +
                  std::to_string(std::to_integer<unsigned>(input[0])));
  return refuse(std::string(name) + " with the impossible length " + std::to_string(length));
}

Event Session::refuse_answer(BackendTag tag) {
  const Step step = state_.steps.front();
  if (is_in_place(step, tag)) return refuse("a malformed " + std::string(name_of(tag)));
  return refuse_out_of_place(tag);
}

Event Session::refuse_out_of_place(BackendTag tag) {
  std::string reason(name_of(tag));
  reason += " while ";
  reason += awaited_by(state_.steps.front());
  reason += " was awaited";
  if (is_copy(tag)) reason += ": a COPY that was not asked for by copy_in() or copy_out()";
  return refuse(std::move(reason));
}

Event Session::answer(BackendTag tag, Bytes body) {
  if (tag == BackendTag::error_response) return on_error(body);
  if (tag == BackendTag::notice_response || tag == BackendTag::notification_response ||
      tag == BackendTag::parameter_status)
    return on_asynchronous(tag, body);
  switch (state_.steps.front()) {
    case Step::parse:
      if (tag == BackendTag::parse_complete) return complete(Kind::parse_complete, body);
      break;
    case Step::describe_statement:
      if (tag != BackendTag::parameter_description) break;
      state_.steps.become(Step::describe_portal);
      return {.kind = Kind::parameter_description, .body = body};
    case Step::describe_portal:
      if (tag == BackendTag::row_description) return complete(Kind::row_description, body);
      if (tag == BackendTag::no_data) return complete(Kind::no_data, body);
      break;
    case Step::execute:
      if (tag == BackendTag::empty_query_response) return complete(Kind::empty_query, body);
      if (tag == BackendTag::portal_suspended) return complete(Kind::portal_suspended, body);
      break;
    case Step::close:
      if (tag == BackendTag::close_complete) return complete(Kind::close_complete, body);
      break;
    case Step::query:
    case Step::query_rows:
    case Step::query_answered:
      return answer_query(tag, body);
    case Step::copying_in:
    case Step::copying_out:
    case Step::copied:
      return answer_copy(tag, body);
    case Step::bind:
    case Step::sync:
    case Step::sync_failed:
    case Step::none:
      break;
  }
  return refuse_answer(tag);
}

Event Session::answer_query(BackendTag tag, Bytes body) {
  const Step step = state_.steps.front();
  if (tag == BackendTag::command_complete && is_whole_command_complete(body)) {
    state_.steps.become(Step::query_answered);
    return {.kind = Kind::command_complete, .body = body};
  }
  if (tag == BackendTag::row_description && step != Step::query_rows) {
    state_.steps.become(Step::query_rows);
    return {.kind = Kind::row_description, .body = body};
  }
  if (tag == BackendTag::empty_query_response && step == Step::query) {
    state_.steps.become(Step::sync);
    return {.kind = Kind::empty_query, .body = body};
  }
  if (is_copy(tag) && step != Step::query_rows) return begin_copy(tag, body);
  return refuse_answer(tag);
}

Event Session::begin_copy(BackendTag tag, Bytes body) {
  const bool in = tag == BackendTag::copy_in_response;
  if ((!in && tag != BackendTag::copy_out_response) || !decode_copy_format(body))
    return refuse_answer(tag);
  state_.steps.become(in ? Step::copying_in : Step::copying_out);
  return {.kind = in ? Kind::copy_in : Kind::copy_out, .body = body};
}

Event Session::answer_copy(BackendTag tag, Bytes body) {
  const Step step = state_.steps.front();
  if (tag == BackendTag::copy_data && step == Step::copying_out)
    return {.kind = Kind::copy_data, .body = body};
  if (tag == BackendTag::copy_done && step == Step::copying_out) {
    state_.steps.become(Step::copied);
    return {.kind = Kind::copy_done, .body = body};
  }
  if (tag == BackendTag::command_complete && step == Step::copied &&
      is_whole_command_complete(body)) {
    state_.steps.become(Step::query_answered);
    return {.kind = Kind::command_complete, .body = body};
  }
  return refuse_answer(tag);
}

Event Session::on_error(Bytes body) {
  const auto severity = decode_severity(body);
  if (!severity) return refuse_answer(BackendTag::error_response);
  const Event event{.kind = Kind::error, .body = body};
  if (severity->ends_session()) {
    state_.phase = Phase::closed;
    return event;
  }
  switch (state_.steps.front()) {
    case Step::sync_failed:
    case Step::none:
      return refuse_out_of_place(BackendTag::error_response);
    case Step::sync:
    case Step::query:
    case Step::query_rows:
    case Step::query_answered:
    case Step::copying_in:
    case Step::copying_out:
    case Step::copied:
      break;
    default:
      while (state_.steps.front() != Step::sync && state_.steps.front() != Step::none)
        state_.steps.pop();
  }
  if (state_.steps.front() == Step::none)
    state_.skipping = true;
  else
    state_.steps.become(Step::sync_failed);
  return event;
}

Event Session::on_asynchronous(BackendTag tag, Bytes body) {
  if (tag == BackendTag::notice_response)
    return decode_severity(body) ? Event{.kind = Kind::notice, .body = body} : refuse_answer(tag);
  if (tag == BackendTag::notification_response)
    return decode_notification_response(body) ? Event{.kind = Kind::notification, .body = body}
                                              : refuse_answer(tag);
  const auto status = decode_parameter_status(body);
  if (!status) return refuse_answer(tag);
  if (status->name == "client_encoding" && status->value != "UTF8")
    return refuse("the server changed client_encoding, which can only be UTF8");
  if (!state_.settings.set(status->name, status->value))
    return refuse("the server reported more settings than a session can hold");
  return {.kind = Kind::parameter_status, .body = body};
}

}  // namespace pgreactor::protocol
