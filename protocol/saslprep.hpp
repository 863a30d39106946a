#pragma once
#include <string>
#include <string_view>

namespace pgreactor::protocol {

/// The form of a password that SCRAM hashes (A11). Like PostgreSQL, a password that SASLprep does
/// not accept, or that is not UTF-8, is used byte by byte as it is.
/// Limits  Implemented: RFC 4013's mappings (exotic spaces become a space, invisible characters
/// go).
///         Not implemented: Unicode's NFKC. A password in which NFKC would change something
///         (decomposed accents, full-width letters, ligatures) is used as it is, so it matches
///         the server's only when typed in its composed form there, too.
/// Source  RFC 4013; PostgreSQL's src/common/saslprep.c
std::string saslprep(std::string_view password);

}  // namespace pgreactor::protocol
