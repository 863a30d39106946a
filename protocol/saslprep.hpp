#pragma once
#include <string>
#include <string_view>

namespace pgreactor::protocol {

/// The form of a password that SCRAM hashes (A11): exotic spaces become a space, invisible
/// characters go, the rest is in Unicode's normalization form KC. Like PostgreSQL, a password that
/// SASLprep does not accept, or that is not UTF-8, is used byte by byte as it is. Source  RFC 4013;
/// PostgreSQL's src/common/saslprep.c
std::string saslprep(std::string_view password);

}  // namespace pgreactor::protocol
