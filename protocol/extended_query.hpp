#pragma once
#include <cstdint>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/decoded.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/writer.hpp"

// Statements and portals. The answers that carry a result stand in result.hpp.
namespace pgreactor::protocol {

/// Parse (frontend, 'P'): makes a statement of one SQL command.
/// Body: statement\0 sql\0  n type[n]   (n a u16, type an OID u32, 0 where the server shall infer)
struct Parse {
  std::string_view statement{};  // "" is the unnamed statement
  std::string_view sql{};
  std::vector<Oid> parameter_types{};

  friend bool operator==(const Parse&, const Parse&) = default;
};
void encode(Writer& out, const Parse& message);
Decoded<Parse> decode_parse(Bytes body);

/// Bind (frontend, 'B'): gives a statement its parameter values and names the result a portal.
/// Body: portal\0 statement\0  n format[n]  n value[n]  n format[n]   (every n a u16)
/// No format means text for all, one format holds for all.
struct Bind {
  std::string_view portal{};     // "" is the unnamed portal
  std::string_view statement{};  // "" is the unnamed statement
  std::span<const FormatCode> parameter_formats{};
  std::span<const NullableBytes> parameters{};  // nullopt is SQL NULL
  std::span<const FormatCode> result_formats{};
};
void encode(Writer& out, const Bind& message);

/// A Bind as a backend receives it: owns its lists, its values point into the body.
struct ReceivedBind {
  std::string_view portal{};
  std::string_view statement{};
  std::vector<FormatCode> parameter_formats{};
  std::vector<NullableBytes> parameters{};
  std::vector<FormatCode> result_formats{};
};
/// invalid: a list of formats that is neither empty nor of one nor of all parameters.
Decoded<ReceivedBind> decode_bind(Bytes body);

/// What Describe and Close speak of.
enum class Target : std::uint8_t { statement = 'S', portal = 'P' };

/// Describe (frontend, 'D'): asks for the parameters and columns of a statement, or the columns of
/// a portal.
/// Body: target u8  name\0
struct Describe {
  Target target = Target::statement;
  std::string_view name{};

  friend bool operator==(const Describe&, const Describe&) = default;
};
void encode(Writer& out, const Describe& message);
Decoded<Describe> decode_describe(Bytes body);

/// Close (frontend, 'C'): forgets a statement or a portal; one that does not exist is no error.
/// Body: target u8  name\0
struct Close {
  Target target = Target::statement;
  std::string_view name{};

  friend bool operator==(const Close&, const Close&) = default;
};
void encode(Writer& out, const Close& message);
Decoded<Close> decode_close(Bytes body);

/// Execute (frontend, 'E'): runs a portal.
/// Body: portal\0  row_limit u32
struct Execute {
  std::string_view portal{};
  std::uint32_t row_limit = 0;  // 0 is all rows; above 2^31 - 1 the server takes it for all, too

  friend bool operator==(const Execute&, const Execute&) = default;
};
void encode(Writer& out, const Execute& message);
Decoded<Execute> decode_execute(Bytes body);

/// Sync (frontend, 'S'): ends a segment; commits it when no transaction block is open. Body: empty
struct Sync {
  friend bool operator==(const Sync&, const Sync&) = default;
};
void encode(Writer& out, Sync);

/// Flush (frontend, 'H'): asks for the answers so far without ending the segment. Body: empty
struct Flush {
  friend bool operator==(const Flush&, const Flush&) = default;
};
void encode(Writer& out, Flush);

/// ParseComplete (backend, '1'). Body: empty
struct ParseComplete {};
void encode(Writer& out, ParseComplete);

/// BindComplete (backend, '2'). Body: empty
struct BindComplete {};
void encode(Writer& out, BindComplete);

/// CloseComplete (backend, '3'). Body: empty
struct CloseComplete {};
void encode(Writer& out, CloseComplete);

/// NoData (backend, 'n'): what was described returns no rows. Body: empty
struct NoData {};
void encode(Writer& out, NoData);

/// PortalSuspended (backend, 's'): Execute's row limit was reached, the portal has more. Body:
/// empty
struct PortalSuspended {};
void encode(Writer& out, PortalSuspended);

/// ParameterDescription (backend, 't'): the types of a statement's parameters.
/// Body: n u16  type u32[n]
struct ParameterDescription {
  std::vector<Oid> parameter_types{};

  friend bool operator==(const ParameterDescription&, const ParameterDescription&) = default;
};
void encode(Writer& out, const ParameterDescription& message);
Decoded<ParameterDescription> decode_parameter_description(Bytes body);

}  // namespace pgreactor::protocol
