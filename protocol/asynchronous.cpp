#include "protocol/asynchronous.hpp"

#include <array>
#include <bitset>
#include <string>
#include <utility>

#include "protocol/frame.hpp"
#include "protocol/reader.hpp"

namespace pgreactor::protocol {

namespace {

// Codes whose text is kept as it is; 'V', 'S' and 'C' have rules of their own.
// Source  postgresql.org/docs/current/protocol-error-fields.html
constexpr std::array<std::pair<char, std::string ServerReport::*>, 15> text_fields{{
    {'M', &ServerReport::message},
    {'D', &ServerReport::detail},
    {'H', &ServerReport::hint},
    {'P', &ServerReport::position},
    {'p', &ServerReport::internal_position},
    {'q', &ServerReport::internal_query},
    {'W', &ServerReport::where},
    {'s', &ServerReport::schema},
    {'t', &ServerReport::table},
    {'c', &ServerReport::column},
    {'d', &ServerReport::data_type},
    {'n', &ServerReport::constraint},
    {'F', &ServerReport::file},
    {'L', &ServerReport::line},
    {'R', &ServerReport::routine},
}};

void put_field(Writer& out, char code, std::string_view text) {
  if (text.empty()) return;
  out.u8(static_cast<std::uint8_t>(code));
  out.cstring(text);
}

void put_report(Writer& out, const ServerReport& report) {
  put_field(out, 'S', report.localized_severity);
  put_field(out, 'V', report.severity);
  if (report.sqlstate != Sqlstate{}) put_field(out, 'C', report.sqlstate.view());
  for (const auto& [code, member] : text_fields) put_field(out, code, report.*member);
  for (const auto& [code, text] : report.other) put_field(out, code, text);
  out.u8(0);
}

void keep_field(ServerReport& report, char code, std::string_view text) {
  if (code == 'S') {
    report.localized_severity = text;
  } else if (code == 'V') {
    report.severity = text;
  } else if (code == 'C') {
    report.sqlstate = Sqlstate(text);
  } else {
    for (const auto& [known, member] : text_fields) {
      if (known != code) continue;
      report.*member = text;
      return;
    }
    report.other.emplace_back(code, text);
  }
}

ServerReport read_report(Reader& in) {
  ServerReport report;
  std::bitset<256> seen;  // bounds what is kept, however many fields are sent
  for (std::uint8_t code = in.u8(); code != 0; code = in.u8()) {
    const std::string_view text = in.cstring();
    if (seen[code]) continue;
    seen[code] = true;
    keep_field(report, static_cast<char>(code), text);
  }
  if (report.severity.empty()) report.severity = report.localized_severity;
  return report;
}

}  // namespace

void encode(Writer& out, const ErrorResponse& message) {
  const auto frame = out.begin(BackendTag::error_response);
  put_report(out, message.report);
}

Decoded<ErrorResponse> decode_error_response(Bytes body) {
  Reader in{body};
  ErrorResponse message{read_report(in)};
  return in.finish(std::move(message));
}

void encode(Writer& out, const NoticeResponse& message) {
  const auto frame = out.begin(BackendTag::notice_response);
  put_report(out, message.report);
}

Decoded<NoticeResponse> decode_notice_response(Bytes body) {
  Reader in{body};
  NoticeResponse message{read_report(in)};
  return in.finish(std::move(message));
}

Decoded<Severity> decode_severity(Bytes report_body) {
  Reader in{report_body};
  std::string_view plain, localized;
  for (std::uint8_t code = in.u8(); code != 0; code = in.u8()) {
    const std::string_view text = in.cstring();
    if (code == 'V' && plain.empty()) plain = text;
    if (code == 'S' && localized.empty()) localized = text;
  }
  return in.finish(Severity{plain.empty() ? localized : plain});
}

void encode(Writer& out, const NotificationResponse& message) {
  const auto frame = out.begin(BackendTag::notification_response);
  out.u32(message.process_id);
  out.cstring(message.channel);
  out.cstring(message.payload);
}

Decoded<NotificationResponse> decode_notification_response(Bytes body) {
  Reader in{body};
  NotificationResponse message;
  message.process_id = in.u32();
  message.channel = in.cstring();
  message.payload = in.cstring();
  return in.finish(message);
}

}  // namespace pgreactor::protocol
