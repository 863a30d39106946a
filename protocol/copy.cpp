#include "protocol/copy.hpp"

#include "protocol/frame.hpp"
#include "protocol/reader.hpp"

namespace pgreactor::protocol {

namespace {

void put_format(Writer& out, const CopyFormat& format) {
  out.u8(static_cast<std::uint8_t>(format.overall));
  out.counted(std::span<const FormatCode>(format.columns), &Writer::format);
}

}  // namespace

Decoded<CopyFormat> decode_copy_format(Bytes body) {
  Reader in{body};
  CopyFormat message;
  const std::uint8_t overall = in.u8();
  in.formats(message.columns);
  if (overall > static_cast<std::uint8_t>(FormatCode::binary)) return DecodeError::invalid;
  message.overall = static_cast<FormatCode>(overall);
  return in.finish(std::move(message));
}

void encode(Writer& out, const CopyInResponse& message) {
  const auto frame = out.begin(BackendTag::copy_in_response);
  put_format(out, message.format);
}

void encode(Writer& out, const CopyOutResponse& message) {
  const auto frame = out.begin(BackendTag::copy_out_response);
  put_format(out, message.format);
}

void encode(Writer& out, const CopyBothResponse& message) {
  const auto frame = out.begin(BackendTag::copy_both_response);
  put_format(out, message.format);
}

void encode(Writer& out, const CopyData& message) {
  const auto frame = out.begin(FrontendTag::copy_data);
  out.bytes(message.bytes);
}

bool seal_copy_data(std::span<std::byte> frame) noexcept {
  static_assert(copy_data_room == header_size);
  if (frame.size() < header_size || frame.size() - header_size > max_body) return false;
  frame[0] = static_cast<std::byte>(FrontendTag::copy_data);
  store_big_endian(frame.data() + 1,
                   static_cast<std::uint32_t>(frame.size() - header_size + length_size));
  return true;
}

void encode(Writer& out, CopyDone) { const auto frame = out.begin(FrontendTag::copy_done); }

void encode(Writer& out, const CopyFail& message) {
  const auto frame = out.begin(FrontendTag::copy_fail);
  out.cstring(message.reason);
}

Decoded<CopyFail> decode_copy_fail(Bytes body) {
  Reader in{body};
  const CopyFail message{in.cstring()};
  return in.finish(message);
}

}  // namespace pgreactor::protocol
