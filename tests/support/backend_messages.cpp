#include "tests/support/backend_messages.hpp"

namespace pgreactor::testing_support {

protocol::ErrorResponse error_response(std::string_view sqlstate, std::string_view message,
                                       std::string_view severity) {
  protocol::ErrorResponse error;
  error.report.severity = error.report.localized_severity = severity;
  error.report.sqlstate = Sqlstate(sqlstate);
  error.report.message = message;
  return error;
}

std::string trusting_startup(const protocol::CancelKey& key) {
  using protocol::ParameterStatus;
  return wire_bytes(
      protocol::Authentication(protocol::AuthenticationOk{}),
      ParameterStatus{"server_version", "15.0 (scripted)"},
      ParameterStatus{"server_encoding", "UTF8"}, ParameterStatus{"client_encoding", "UTF8"},
      ParameterStatus{"DateStyle", "ISO, MDY"}, ParameterStatus{"IntervalStyle", "postgres"},
      ParameterStatus{"TimeZone", "UTC"}, ParameterStatus{"integer_datetimes", "on"},
      ParameterStatus{"standard_conforming_strings", "on"},
      ParameterStatus{"in_hot_standby", "off"},
      ParameterStatus{"default_transaction_read_only", "off"}, protocol::BackendKeyData{key},
      protocol::ReadyForQuery{});
}

}  // namespace pgreactor::testing_support
