#pragma once
#include <cstdint>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <pgreactor/vocabulary/server_report.hpp>
#include <string_view>

#include "protocol/writer.hpp"

// What a backend may say between any two messages, and ErrorResponse, which has a notice's layout.
// ParameterStatus stands in startup.hpp.
namespace pgreactor::protocol {

/// ErrorResponse (backend, 'E'): the message being answered failed; up to the next Sync the rest is
/// skipped.
/// Body: (code u8 text\0)... \0
struct ErrorResponse {
  ServerReport report{};

  friend bool operator==(const ErrorResponse&, const ErrorResponse&) = default;
};
void encode(Writer& out, const ErrorResponse& message);
/// Every field is optional (W9); of two with the same code the first counts.
Decoded<ErrorResponse> decode_error_response(Bytes body);

/// NoticeResponse (backend, 'N'): a warning or a remark. Body: as ErrorResponse
struct NoticeResponse {
  ServerReport report{};

  friend bool operator==(const NoticeResponse&, const NoticeResponse&) = default;
};
void encode(Writer& out, const NoticeResponse& message);
Decoded<NoticeResponse> decode_notice_response(Bytes body);

/// What a session itself needs of a report, without an allocation.
struct Severity {
  std::string_view text{};  // 'V', else 'S', else empty; points into the body

  /// The server ends the session after such an error.
  bool ends_session() const noexcept { return text == "FATAL" || text == "PANIC"; }
};
Decoded<Severity> decode_severity(Bytes report_body);

/// NotificationResponse (backend, 'A'): somebody executed NOTIFY on a channel we listen on.
/// Body: process_id u32  channel\0 payload\0
struct NotificationResponse {
  std::uint32_t process_id = 0;
  std::string_view channel{};  // both point into the body
  std::string_view payload{};

  friend bool operator==(const NotificationResponse&, const NotificationResponse&) = default;
};
void encode(Writer& out, const NotificationResponse& message);
Decoded<NotificationResponse> decode_notification_response(Bytes body);

}  // namespace pgreactor::protocol
