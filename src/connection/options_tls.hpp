#pragma once
#include "src/connection/options_reader.hpp"

namespace pgreactor::conninfo {

/// The roots of the system prove a name only if the name is compared: with them verify-full is the
/// default, and all else refused. libpq's rule since 16.
SslMode read_sslmode(const ParameterReader& reader, const Parameters& parameters);

/// All else about TLS. A file that is not named is the one in ~/.postgresql where that exists.
TlsOptions read_tls(const ParameterReader& reader, const Environment& environment);

}  // namespace pgreactor::conninfo
