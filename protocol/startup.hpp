#pragma once
#include <cstdint>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <pgreactor/vocabulary/transaction_status.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/writer.hpp"

// From the first byte of a connection to its first ReadyForQuery, without the proof of identity
// (authentication.hpp).
namespace pgreactor::protocol {

// Versions of the protocol: major and minor, 16 bits each. 3.2 has longer cancel keys and is 3.0
// in all else; there is no 3.1, since an old pooler took itself to speak it.
inline constexpr std::uint32_t protocol_3_0 = 3 << 16;
inline constexpr std::uint32_t protocol_3_2 = protocol_3_0 | 2;

/// StartupMessage (frontend, no type byte): opens a session.
/// Body: version u32  (name\0 value\0)...  \0
struct StartupMessage {
  std::uint32_t version = protocol_3_0;
  std::vector<std::pair<std::string, std::string>>
      parameters{};  // "user" is required by the server

  friend bool operator==(const StartupMessage&, const StartupMessage&) = default;
};
void encode(Writer& out, const StartupMessage& message);

/// SSLRequest (frontend, no type byte): asks for TLS; answered by the single byte 'S' or 'N'.
/// Body: 80877103 u32
struct SSLRequest {
  static constexpr std::uint32_t code = 80877103;
  friend bool operator==(const SSLRequest&, const SSLRequest&) = default;
};
void encode(Writer& out, SSLRequest);

/// GSSENCRequest (frontend, no type byte): as SSLRequest, for GSSAPI. We never send it.
/// Body: 80877104 u32
struct GSSENCRequest {
  static constexpr std::uint32_t code = 80877104;
  friend bool operator==(const GSSENCRequest&, const GSSENCRequest&) = default;
};
void encode(Writer& out, GSSENCRequest);

/// Key of a session, as bytes (W22): 4 under protocol 3.0, up to 256 under 3.2.
struct CancelKey {
  std::uint32_t process_id = 0;
  std::vector<std::byte> secret{};

  friend bool operator==(const CancelKey&, const CancelKey&) = default;
};
inline constexpr std::size_t shortest_cancel_key = 4, longest_cancel_key = 256;

/// CancelRequest (frontend, no type byte): on a connection of its own, asks that the statement
/// running in another session be stopped. No answer.
/// Body: 80877102 u32  process_id u32  secret[4..256]
struct CancelRequest {
  static constexpr std::uint32_t code = 80877102;
  CancelKey key{};

  friend bool operator==(const CancelRequest&, const CancelRequest&) = default;
};
void encode(Writer& out, const CancelRequest& message);

/// What a frontend may open a connection with.
using FirstMessage = std::variant<StartupMessage, SSLRequest, GSSENCRequest, CancelRequest>;
Decoded<FirstMessage> decode_first_message(Bytes body);

/// NegotiateProtocolVersion (backend, 'v'): the server speaks a lower minor version, or does not
/// know some options (those whose names begin with "_pq_.").
/// Body: version u32  n u32  name\0[n]
struct NegotiateProtocolVersion {
  std::uint32_t version = protocol_3_0;
  std::vector<std::string_view> unknown_options{};  // point into the body

  friend bool operator==(const NegotiateProtocolVersion&,
                         const NegotiateProtocolVersion&) = default;
};
void encode(Writer& out, const NegotiateProtocolVersion& message);
Decoded<NegotiateProtocolVersion> decode_negotiate_protocol_version(Bytes body);

/// BackendKeyData (backend, 'K'): the key by which this session's statements can be cancelled.
/// Body: process_id u32  secret[4..256]
struct BackendKeyData {
  CancelKey key{};

  friend bool operator==(const BackendKeyData&, const BackendKeyData&) = default;
};
void encode(Writer& out, const BackendKeyData& message);
Decoded<BackendKeyData> decode_backend_key_data(Bytes body);

/// ParameterStatus (backend, 'S'): the present value of a server setting.
/// Body: name\0 value\0
struct ParameterStatus {
  std::string_view name{};
  std::string_view value{};

  friend bool operator==(const ParameterStatus&, const ParameterStatus&) = default;
};
void encode(Writer& out, const ParameterStatus& message);
Decoded<ParameterStatus> decode_parameter_status(Bytes body);

/// ReadyForQuery (backend, 'Z'): ends the start-up, and every segment of a pipeline.
/// Body: status u8 ('I', 'T' or 'E')
struct ReadyForQuery {
  TransactionStatus status = TransactionStatus::idle;

  friend bool operator==(const ReadyForQuery&, const ReadyForQuery&) = default;
};
void encode(Writer& out, const ReadyForQuery& message);
Decoded<ReadyForQuery> decode_ready_for_query(Bytes body);

constexpr bool is_transaction_status(std::uint8_t byte) noexcept {
  return byte == 'I' || byte == 'T' || byte == 'E';
}

/// Terminate (frontend, 'X'): the session ends. Body: empty
struct Terminate {
  friend bool operator==(const Terminate&, const Terminate&) = default;
};
void encode(Writer& out, Terminate);

}  // namespace pgreactor::protocol
