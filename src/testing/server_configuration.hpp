#pragma once
#include <cstdint>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string>
#include <string_view>

namespace pgreactor::testing {

/// Errors  ServerSetupError::bad_option when the options contradict each other, or contain what no
///         configuration file or URI can hold.
void check_options(const ThrowawayServerOptions& options);

/// The text of postgresql.conf. `directory` is where the socket, pg_hba.conf and the certificate
/// are. The port is given on the server's command line, since finding a free one may take retries.
std::string server_settings(const ThrowawayServerOptions& options, const std::string& directory);

/// The text of pg_hba.conf.
std::string client_authentication(const ThrowawayServerOptions& options);

/// What makes the user, its password and the database, a statement per line as a single-user server
/// reads it; empty when there is nothing to make. Holds the password.
std::string first_statements(const ThrowawayServerOptions& options);

/// The value of password_encryption that the authentication method needs.
std::string_view password_encryption(const ThrowawayServerOptions& options);

/// "postgresql://..." for the port of 127.0.0.1 or, if `socket_directory` is not empty, for that.
std::string connection_uri(const ThrowawayServerOptions& options, std::uint16_t port,
                           const std::string& socket_directory);

}  // namespace pgreactor::testing
