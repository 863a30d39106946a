#pragma once
#include <optional>
#include <pgreactor/connection_options.hpp>
#include <string>
#include <string_view>

namespace pgreactor::conninfo {

/// What a line of the password file has to match.
struct PassfileQuery {
  std::string_view host;  // as `passfile_host()` names it
  std::string_view port;
  std::string_view database;
  std::string_view user;
  std::string_view socket_directory = {};  // which a line may name instead of the host
};

/// The name under which a server stands in the password file: its host, else its numeric address;
/// "localhost" for a default socket directory and when both are empty (A13). Which directory is the
/// default depends on who built libpq, so that a line which names one matches as well.
std::string_view passfile_host(const ServerAddress& server) noexcept;

/// The password of the first line that matches, in the text of a password file.
///
///   host:port:database:user:password
///
/// The first four are compared byte for byte, or are "*" for anything. A backslash makes the next
/// byte data ("\:" and "\\"), in the password too, which ends at a bare ':' if there is one. Lines
/// that start with '#' are comments.
/// Source  postgresql.org/docs/current/libpq-pgpass.html
std::optional<Secret> find_password(std::string_view content, const PassfileQuery& query);

/// The text of a password file, or why there is none to use.
struct Passfile {
  Secret content;
  std::string problem;  // empty when it was read, or does not exist
};

/// A file that somebody else can read is not used (A16).
Passfile read_passfile(const std::string& path);

}  // namespace pgreactor::conninfo
