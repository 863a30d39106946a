#pragma once
#include <functional>
#include <string>
#include <vector>

#include "protocol/asynchronous.hpp"
#include "protocol/authentication.hpp"
#include "protocol/backend_message.hpp"
#include "protocol/frontend_message.hpp"
#include "protocol/result.hpp"
#include "protocol/startup.hpp"

namespace pgreactor::protocol::testing {

/// Bytes of messages, as a test passes them about.
inline std::string bytes_of(const std::function<void(Writer&)>& write) {
  ByteBuffer buffer;
  Writer out{buffer};
  write(out);
  return std::string(as_text(buffer.bytes()));
}

template <class... Messages>
std::string encoded(const Messages&... messages) {
  return bytes_of([&](Writer& out) { (encode(out, messages), ...); });
}

/// The body of a typed message.
inline std::string body_of(const std::string& message) { return message.substr(header_size); }

/// One message with every field in use, and the decoder of its body.
struct Exemplar {
  std::string name;
  std::string body;
  std::function<DecodeError(Bytes)> decode;
  bool open_ended = false;  // its last field is "the rest": no truncation or addition is visible
};

template <class Decode>
std::function<DecodeError(Bytes)> error_of(Decode decode) {
  return [decode](Bytes body) { return decode(body).error(); };
}

inline std::vector<Column> two_columns() {
  return {{.name = "id", .table = 16384, .attribute = 1, .type = oid::int4, .type_size = 4},
          {.name = "name", .type = oid::text, .type_size = -1, .format = FormatCode::binary}};
}

inline ServerReport full_report() {
  ServerReport report;
  report.severity = "ERROR";
  report.localized_severity = "FEHLER";
  report.sqlstate = Sqlstate("23505");
  report.message = "duplicate key";
  report.detail = "Key (id)=(1) already exists.";
  report.hint = "h";
  report.position = "7";
  report.internal_position = "8";
  report.internal_query = "SELECT 1";
  report.where = "w";
  report.schema = "public";
  report.table = "t";
  report.column = "c";
  report.data_type = "d";
  report.constraint = "t_pkey";
  report.file = "nbtinsert.c";
  report.line = "666";
  report.routine = "_bt_check_unique";
  report.other = {{'Y', "of a later version"}};
  return report;
}

inline CancelKey short_key() {
  return {.process_id = 4711, .secret = std::vector<std::byte>(4, std::byte{7})};
}

inline std::string sample_bind() {
  const std::vector<FormatCode> formats{FormatCode::binary, FormatCode::text, FormatCode::binary};
  const std::vector<NullableBytes> values{as_bytes("1234"), std::nullopt, as_bytes("")};
  return encoded(Bind{.portal = "p",
                      .statement = "s",
                      .parameter_formats = formats,
                      .parameters = values,
                      .result_formats = std::span(formats).first(1)});
}

inline FunctionCall function_call() {
  return {.function = 1598,
          .argument_formats = {FormatCode::binary, FormatCode::text, FormatCode::text},
          .arguments = {as_bytes("1234"), std::nullopt, as_bytes("")},
          .result_format = FormatCode::binary};
}
inline std::string sample_function_call() { return encoded(function_call()); }

inline std::string sample_row() {
  const std::vector<NullableBytes> values{as_bytes("42"), std::nullopt, as_bytes("")};
  return encoded(DataRow{values});
}

inline std::vector<Exemplar> exemplars_of_the_login() {
  const auto untyped = [](const std::string& message) { return message.substr(length_size); };
  return {
      {"StartupMessage",
       untyped(encoded(StartupMessage{.parameters = {{"user", "me"}, {"database", "d"}}})),
       error_of(decode_first_message)},
      {"SSLRequest", untyped(encoded(SSLRequest{})), error_of(decode_first_message)},
      {"GSSENCRequest", untyped(encoded(GSSENCRequest{})), error_of(decode_first_message)},
      {"CancelRequest", untyped(encoded(CancelRequest{short_key()})),
       error_of(decode_first_message), false},
      {"NegotiateProtocolVersion",
       body_of(encoded(NegotiateProtocolVersion{protocol_3_0, {"_pq_.a", "_pq_.b"}})),
       error_of(decode_negotiate_protocol_version)},
      {"BackendKeyData", body_of(encoded(BackendKeyData{short_key()})),
       error_of(decode_backend_key_data)},
      {"ParameterStatus", body_of(encoded(ParameterStatus{"TimeZone", "UTC"})),
       error_of(decode_parameter_status)},
      {"ReadyForQuery", body_of(encoded(ReadyForQuery{TransactionStatus::failed})),
       error_of(decode_ready_for_query)},
      {"AuthenticationOk", body_of(encoded(Authentication{AuthenticationOk{}})),
       error_of(decode_authentication)},
      {"AuthenticationCleartextPassword",
       body_of(encoded(Authentication{AuthenticationCleartextPassword{}})),
       error_of(decode_authentication)},
      {"AuthenticationMD5Password", body_of(encoded(Authentication{AuthenticationMD5Password{}})),
       error_of(decode_authentication)},
      {"AuthenticationSASL",
       body_of(
           encoded(Authentication{AuthenticationSASL{{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"}}})),
       error_of(decode_authentication)},
      {"AuthenticationSASLContinue",
       body_of(encoded(Authentication{AuthenticationSASLContinue{"r=x"}})),
       error_of(decode_authentication), true},
      {"AuthenticationSASLFinal", body_of(encoded(Authentication{AuthenticationSASLFinal{"v=x"}})),
       error_of(decode_authentication), true},
      {"AuthenticationGSSContinue",
       body_of(encoded(Authentication{AuthenticationUnsupported{8, "token"}})),
       error_of(decode_authentication), true},
      {"PasswordMessage", body_of(encoded(PasswordMessage{"secret"})),
       error_of(decode_password_message)},
      {"SASLInitialResponse", body_of(encoded(SASLInitialResponse{"SCRAM-SHA-256", "n,,n=,r=x"})),
       error_of(decode_sasl_initial_response)},
      {"SASLResponse", body_of(encoded(SASLResponse{"c=biws"})), error_of(decode_sasl_response),
       true},
  };
}

inline std::vector<Exemplar> exemplars_of_statements() {
  return {
      {"Parse", body_of(encoded(Parse{"s", "SELECT $1", {oid::int4, oid::unspecified}})),
       error_of(decode_parse)},
      {"Bind", body_of(sample_bind()), error_of(decode_bind)},
      {"Describe", body_of(encoded(Describe{Target::portal, "p"})), error_of(decode_describe)},
      {"Close", body_of(encoded(Close{Target::statement, "s"})), error_of(decode_close)},
      {"Execute", body_of(encoded(Execute{"p", 100})), error_of(decode_execute)},
      {"Query", body_of(encoded(Query{"SELECT 1"})), error_of(decode_query)},
      {"FunctionCall", body_of(sample_function_call()), error_of(decode_function_call)},
      {"FunctionCallResponse", body_of(encoded(FunctionCallResponse{as_bytes("42")})),
       error_of(decode_function_call_response)},
      {"CopyFail", body_of(encoded(CopyFail{"reason"})), error_of(decode_copy_fail)},
      {"CopyInResponse",
       body_of(encoded(CopyInResponse{{FormatCode::binary, {FormatCode::binary}}})),
       error_of(decode_copy_format)},
      {"CopyOutResponse", body_of(encoded(CopyOutResponse{{FormatCode::text, {FormatCode::text}}})),
       error_of(decode_copy_format)},
      {"CopyBothResponse", body_of(encoded(CopyBothResponse{{FormatCode::text, {}}})),
       error_of(decode_copy_format)},
      {"ParameterDescription", body_of(encoded(ParameterDescription{{oid::int4, 0x80000001}})),
       error_of(decode_parameter_description)},
      {"RowDescription", body_of(encoded(RowDescription{two_columns()})),
       error_of(decode_row_description)},
      {"DataRow", body_of(sample_row()), error_of(decode_data_row)},
      {"CommandComplete", body_of(encoded(CommandComplete{"SELECT 1"})),
       error_of(decode_command_complete)},
      {"ErrorResponse", body_of(encoded(ErrorResponse{full_report()})),
       error_of(decode_error_response)},
      {"NoticeResponse", body_of(encoded(NoticeResponse{full_report()})),
       error_of(decode_notice_response)},
      {"NotificationResponse", body_of(encoded(NotificationResponse{4711, "channel", "payload"})),
       error_of(decode_notification_response)},
  };
}

inline std::vector<Exemplar> exemplars() {
  auto all = exemplars_of_the_login();
  for (Exemplar& exemplar : exemplars_of_statements()) all.push_back(std::move(exemplar));
  return all;
}

}  // namespace pgreactor::protocol::testing
