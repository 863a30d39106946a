#pragma once
#include <cstddef>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/writer.hpp"

namespace pgreactor::protocol {

/// What the three responses that begin a COPY say of its data: text or binary as a whole, and a
/// format for each column (all the same, in today's servers).
/// Body: format u8  n u16  format[n] u16
struct CopyFormat {
  FormatCode overall = FormatCode::text;
  std::vector<FormatCode> columns{};

  friend bool operator==(const CopyFormat&, const CopyFormat&) = default;
};
Decoded<CopyFormat> decode_copy_format(Bytes body);

/// CopyInResponse (backend, 'G'): the server takes CopyData now.
struct CopyInResponse {
  CopyFormat format{};
};
void encode(Writer& out, const CopyInResponse& message);

/// CopyOutResponse (backend, 'H'): CopyData follows, then CopyDone.
struct CopyOutResponse {
  CopyFormat format{};
};
void encode(Writer& out, const CopyOutResponse& message);

/// CopyBothResponse (backend, 'W'): CopyData may go both ways now. Answers START_REPLICATION alone,
/// which we do not speak: a session refuses it.
struct CopyBothResponse {
  CopyFormat format{};
};
void encode(Writer& out, const CopyBothResponse& message);

/// CopyData (both, 'd'): a piece of the data. A backend sends one row in each; where a frontend
/// cuts them means nothing. Body: bytes
struct CopyData {
  Bytes bytes{};
};
void encode(Writer& out, const CopyData& message);
/// Bytes before the data that seal_copy_data() fills in.
inline constexpr std::size_t copy_data_room = 5;
/// Makes the message of data that stands behind copy_data_room bytes, without moving it. False when
/// there is more than a message can hold.
[[nodiscard]] bool seal_copy_data(std::span<std::byte> frame) noexcept;

/// CopyDone (both, 'c'): the data is complete. Body: empty
struct CopyDone {};
void encode(Writer& out, CopyDone);

/// CopyFail (frontend, 'f'): the data will not be completed; the server undoes the COPY.
/// Body: reason\0
struct CopyFail {
  std::string_view reason{};

  friend bool operator==(const CopyFail&, const CopyFail&) = default;
};
void encode(Writer& out, const CopyFail& message);
Decoded<CopyFail> decode_copy_fail(Bytes body);

}  // namespace pgreactor::protocol
