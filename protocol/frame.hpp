#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string_view>

#include "protocol/writer.hpp"

namespace pgreactor::protocol {

/// Type bytes of what a frontend sends.
enum class FrontendTag : char {
  bind = 'B',
  close = 'C',
  copy_data = 'd',
  copy_done = 'c',
  copy_fail = 'f',
  describe = 'D',
  execute = 'E',
  flush = 'H',
  function_call = 'F',
  parse = 'P',
  password = 'p',  // and SASLInitialResponse, SASLResponse, GSSResponse: the exchange tells which
  query = 'Q',
  sync = 'S',
  terminate = 'X',
};

/// Type bytes of what a backend sends.
enum class BackendTag : char {
  authentication = 'R',
  backend_key_data = 'K',
  bind_complete = '2',
  close_complete = '3',
  command_complete = 'C',
  copy_both_response = 'W',
  copy_data = 'd',
  copy_done = 'c',
  copy_in_response = 'G',
  copy_out_response = 'H',
  data_row = 'D',
  empty_query_response = 'I',
  error_response = 'E',
  function_call_response = 'V',
  negotiate_protocol_version = 'v',
  no_data = 'n',
  notice_response = 'N',
  notification_response = 'A',
  parameter_description = 't',
  parameter_status = 'S',
  parse_complete = '1',
  portal_suspended = 's',
  ready_for_query = 'Z',
  row_description = 'T',
};

/// The manual's name of the message; empty when there is no such message.
std::string_view name_of(BackendTag tag) noexcept;
std::string_view name_of(FrontendTag tag) noexcept;

// A message is  type u8  length u32  body[length - 4]; those that open a connection have no type.
inline constexpr std::size_t length_size = 4;
inline constexpr std::size_t header_size = 1 + length_size;

/// The body a message of this type may have, by its type byte: `no_such_tag` where there is no such
/// message. Caps that follow from a layout stand here (W5, W18); the rest has the limit of the
/// session.
using BodyCaps = std::array<std::uint32_t, 256>;
inline constexpr std::uint32_t no_such_tag = std::numeric_limits<std::uint32_t>::max();

extern const BodyCaps frontend_body_caps;

constexpr BodyCaps make_backend_body_caps() noexcept {
  constexpr std::uint32_t most_elements = 65535;
  BodyCaps caps{};
  caps.fill(no_such_tag);
  const auto set = [&caps](BackendTag tag, std::uint32_t most) {
    caps[static_cast<unsigned char>(tag)] = most;
  };
  set(BackendTag::authentication, 8192);
  set(BackendTag::backend_key_data, 4 + 256);
  for (const BackendTag empty :
       {BackendTag::bind_complete, BackendTag::close_complete, BackendTag::copy_done,
        BackendTag::empty_query_response, BackendTag::no_data, BackendTag::parse_complete,
        BackendTag::portal_suspended})
    set(empty, 0);
  set(BackendTag::command_complete, 65536);
  for (const BackendTag copy : {BackendTag::copy_both_response, BackendTag::copy_in_response,
                                BackendTag::copy_out_response})
    set(copy, 1 + 2 + 2 * most_elements);
  set(BackendTag::negotiate_protocol_version, 8192);
  set(BackendTag::parameter_description, 2 + 4 * most_elements);
  set(BackendTag::parameter_status, 65536);
  set(BackendTag::ready_for_query, 1);
  for (const BackendTag large :
       {BackendTag::copy_data, BackendTag::data_row, BackendTag::error_response,
        BackendTag::function_call_response, BackendTag::notice_response,
        BackendTag::notification_response, BackendTag::row_description})
    set(large, max_body);
  return caps;
}
inline constexpr BodyCaps backend_body_caps = make_backend_body_caps();

/// What stands at the front of the received bytes.
enum class FrameState : std::uint8_t {
  partial,      ///< not whole yet
  whole,        ///< `frame` holds it and the bytes are taken
  unknown_tag,  ///< no message has this type byte
  too_short,    ///< a length below 4, which no message has (W4)
  too_large,    ///< a length above the cap of its type
};

struct Frame {
  char tag = 0;
  Bytes body;  ///< valid while the received bytes stay where they are
};

/// Takes one message from the front of `input`, judging its header before its body is here.
/// `needed` becomes the bytes of the message known so far, at least those of a header.
inline FrameState take_frame(Bytes& input, const BodyCaps& caps, Frame& frame,
                             std::size_t& needed) noexcept {
  needed = header_size;
  if (!input.empty() && caps[static_cast<unsigned char>(input[0])] == no_such_tag)
    return FrameState::unknown_tag;
  if (input.size() < header_size) return FrameState::partial;
  const auto length = load_big_endian<std::uint32_t>(input.data() + 1);
  if (length < length_size) return FrameState::too_short;
  if (length - length_size > caps[static_cast<unsigned char>(input[0])])
    return FrameState::too_large;
  needed = 1 + std::size_t{length};
  if (input.size() < needed) return FrameState::partial;
  frame = {static_cast<char>(input[0]), input.subspan(header_size, length - length_size)};
  input = input.subspan(needed);
  return FrameState::whole;
}

/// The same for the messages without a type byte, which a frontend opens a connection with.
FrameState take_untyped_frame(Bytes& input, Frame& frame, std::size_t& needed) noexcept;

}  // namespace pgreactor::protocol
