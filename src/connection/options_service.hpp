#pragma once
#include <string>
#include <string_view>

#include "src/connection/options_parameters.hpp"

namespace pgreactor::conninfo {

/// Adds to `parameters` what they leave open and the named service says, if one is named: by the
/// keyword `service`, else by PGSERVICE. It is looked for in the file that `servicefile` or
/// PGSERVICEFILE names, else in ~/.pg_service.conf, then in pg_service.conf of PGSYSCONFDIR (else
/// of Debian's directory, else of the upstream one).
/// Errors  ConfigurationError: the service is in none of them; what read_service() throws; a file
///         that was named and cannot be read.
/// Source  postgresql.org/docs/current/libpq-pgservice.html
void fill_from_service(Parameters& parameters, const Environment& environment);

/// Where a service was asked for, and the file it is read from; both for messages.
struct ServiceSource {
  std::string_view origin;  // "the connection string" or "PGSERVICE", in static storage
  std::string path;         // of a file that exists, so that it is no misplaced password
};

/// The same from one file's text; false when it has no such section.
///
///   # a comment
///   [name]
///   keyword=value       no white space around the '='; that at both ends of the line is dropped
///
/// The first section of that name counts, and within it the first line of a keyword. Lines of other
/// sections are not understood, and so cannot be wrong. A line has at most 1022 bytes.
/// Errors  ConfigurationError with file and line: no '=', an unknown keyword, another service
///         within, a look-up by LDAP (which libpq would do).
[[nodiscard]] bool read_service(std::string_view content, std::string_view service,
                                const ServiceSource& source, Parameters& parameters);

}  // namespace pgreactor::conninfo
