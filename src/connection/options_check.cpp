#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "src/connection/identity.hpp"
#include "src/connection/options_servers.hpp"
#include "src/connection/options_support.hpp"

namespace pgreactor {
namespace conninfo {
namespace {

using std::chrono::milliseconds;
using Found = std::optional<Problem>;

/// setsockopt() refuses larger ones (MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL, MAX_TCP_KEEPCNT).
constexpr std::chrono::seconds max_keepalive_wait{32767};
constexpr int max_keepalive_count = 127;
constexpr std::uint32_t most_scram_iterations = 10'000'000;  // some 2.5 seconds of a processor

bool is_control(char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; }

bool is_numeric_address(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return true;
  const auto without_zone = text.substr(0, text.find('%'));  // fe80::1%eth0
  return inet_pton(AF_INET6, without_zone.c_str(), bytes.data()) == 1;
}

Found check_server(const ServerAddress& server) {
  if (server.port == 0) return Problem{"port", "must be an integer from 1 to 65535"};
  if (server.host.empty() && server.hostaddr.empty()) return Problem{"host", "is empty"};
  if (std::ranges::any_of(server.host, is_control))
    return Problem{"host", "contains a control character"};
  // No name, and to OpenSSL a pattern: the certificate of any subdomain would do.
  if (server.host.starts_with('.')) return Problem{"host", "begins with a dot"};
  if (!server.hostaddr.empty() && !is_numeric_address(server.hostaddr))
    return Problem{"hostaddr", "must be a numeric IPv4 or IPv6 address"};
  if (server.is_unix_socket() && server.socket_path().size() >= sizeof(sockaddr_un::sun_path))
    return Problem{"host", "the path of the socket is longer than the system's limit of " +
                               std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes"};
  // "user:pa@ss@host": libpq too takes what follows the first '@' for the host. Looking it up would
  // send a part of the password to a name server.
  if (!server.host.starts_with('/') && server.host.find('@', 1) != std::string::npos)
    return Problem{"host", "contains \"@\"; in a user name or password it is written %40"};
  return std::nullopt;
}

/// A NUL would end the text in the startup packet, and what follows would be read as parameters.
Found check_texts(const ConnectionOptions& options) {
  const auto has_nul = [](std::string_view text) { return text.find('\0') != text.npos; };
  if (options.user.empty())
    return Problem{"user", "is not given, and the system knows no name for this process's user"};
  if (options.database.empty()) return Problem{"dbname", "is empty"};
  if (has_nul(options.user)) return Problem{"user", "contains a NUL byte"};
  if (has_nul(options.database)) return Problem{"dbname", "contains a NUL byte"};
  if (has_nul(options.password.reveal())) return Problem{"password", "contains a NUL byte"};
  if (has_nul(options.application_name)) return Problem{"application_name", "contains a NUL byte"};
  if (has_nul(options.server_options)) return Problem{"options", "contains a NUL byte"};
  for (const auto& [name, value] : options.session_settings) {
    if (name.empty() || has_nul(name) || has_nul(value))
      return Problem{"options", "a session setting has no name, or contains a NUL byte"};
    // What the server takes for something else than a setting.
    for (const std::string_view other : {"user", "database", "replication", "options"})
      if (name == other)
        return Problem{"options", "a session setting is named " + std::string(other)};
    if (name.starts_with("_pq_."))
      return Problem{"options", "a session setting is named as an extension of the protocol"};
  }
  return std::nullopt;
}

Found check_scram_keys(const ConnectionOptions& options) {
  const Secret &client = options.scram_client_key, &server = options.scram_server_key;
  if (client.empty() && server.empty()) return std::nullopt;
  if (client.empty()) return Problem{"scram_client_key", "is missing beside scram_server_key"};
  if (server.empty())
    return Problem{
        "scram_server_key",
        "is missing beside scram_client_key: the server could not be made to prove itself"};
  for (const auto& [keyword, key] :
       {std::pair{"scram_client_key", &client}, std::pair{"scram_server_key", &server}})
    if (!connection::read_scram_keys(*key, *key))
      return Problem{keyword, "must be 32 bytes in base64"};
  return std::nullopt;
}

Found check_security(const ConnectionOptions& options) {
  const TlsOptions& tls = options.tls;
  const auto files = std::to_array<std::pair<std::string_view, const std::string*>>(
      {{"sslrootcert", &tls.root_certificates},
       {"sslcrl", &tls.revocation_file},
       {"sslcrldir", &tls.revocation_directory},
       {"sslcert", &tls.certificate_file},
       {"sslkey", &tls.key_file},
       {"sslkeylogfile", &tls.key_log_file}});
  for (const auto& [keyword, path] : files)
    if (path->find('\0') != path->npos) return Problem{keyword, "contains a NUL byte"};
  if (tls.negotiation == SslNegotiation::direct && options.sslmode < SslMode::require)
    return Problem{"sslnegotiation",
                   "direct needs sslmode require, verify-ca or verify-full: "
                   "without an answer there is no way back"};
  if (tls.root_certificates == "system" && options.sslmode != SslMode::verify_full)
    return Problem{"sslmode",
                   "must be verify-full with sslrootcert=system: anybody can have a "
                   "certificate for some name"};
  if (tls.client_certificate == ClientCertificate::require && options.sslmode < SslMode::require)
    return Problem{"sslcertmode", "require needs sslmode require, verify-ca or verify-full"};
  if (tls.channel_binding == ChannelBindingMode::require && options.sslmode == SslMode::disable)
    return Problem{"channel_binding", "require needs TLS, and sslmode is disable"};
  if (tls.newest != TlsVersion::any && tls.oldest > tls.newest)
    return Problem{"ssl_max_protocol_version", "is before ssl_min_protocol_version"};
  if (options.max_protocol_version < options.min_protocol_version)
    return Problem{"max_protocol_version", "is before min_protocol_version"};
  if (options.min_scram_iterations == 0 || options.max_scram_iterations > most_scram_iterations)
    return Problem{"max_scram_iterations", "must be from 1 to 10000000"};
  if (options.min_scram_iterations > options.max_scram_iterations)
    return Problem{"min_scram_iterations", "must not be above max_scram_iterations"};
  if (options.authentication == AllowedAuthentication{false, false, false, false, false})
    return Problem{"require_auth", "leaves none of none, scram-sha-256, md5, password"};
  return std::nullopt;
}

Found check_limits(const ConnectionOptions& options) {
  constexpr milliseconds none{0}, least_acquire{10};
  constexpr std::chrono::hours longest_life{24 * 365};
  constexpr milliseconds longest_int{std::numeric_limits<int>::max()};
  constexpr std::uint32_t most_statements = 65536, most_connections = 10000;
  constexpr milliseconds least_delay{10}, longest_delay{2000};
  const KeepAlive& probes = options.keepalive;
  if (options.connection_attempt_delay < least_delay ||
      options.connection_attempt_delay > longest_delay)
    return Problem{"connection_attempt_delay", "must be from 10 to 2000 milliseconds"};
  if (options.connect_timeout < none || options.connect_timeout > longest_life)
    return Problem{"connect_timeout", "must be from 0 to a year"};
  if (options.tcp_user_timeout < none || options.tcp_user_timeout > longest_int)
    return Problem{"tcp_user_timeout", "must be from 0 to 2147483647 milliseconds"};
  const milliseconds idle = options.idle_in_transaction_session_timeout;
  if (idle < none || idle > longest_int)
    return Problem{"idle_in_transaction_session_timeout",
                   "must be from 0 to 2147483647 milliseconds"};
  if (probes.idle < none || probes.idle > max_keepalive_wait)
    return Problem{"keepalives_idle", "must be from 0 to 32767 seconds"};
  if (probes.interval < none || probes.interval > max_keepalive_wait)
    return Problem{"keepalives_interval", "must be from 0 to 32767 seconds"};
  if (probes.count < 0 || probes.count > max_keepalive_count)
    return Problem{"keepalives_count", "must be from 0 to 127"};
  if (options.statement_cache_capacity > most_statements)
    return Problem{"statement_cache_capacity", "must be from 0 to 65536"};
  if (options.pool_max_conns == 0 || options.pool_max_conns > most_connections)
    return Problem{"pool_max_conns", "must be from 1 to 10000"};
  if (options.pool_min_conns > options.pool_max_conns)
    return Problem{"pool_min_conns", "must not be above pool_max_conns"};
  if (options.pool_max_lifetime < none || options.pool_max_lifetime > longest_life)
    return Problem{"pool_max_lifetime", "must be from 0 to a year"};
  if (options.pool_idle_timeout < none || options.pool_idle_timeout > longest_life)
    return Problem{"pool_idle_timeout", "must be from 0 to a year"};
  if (options.pool_sharing_time < milliseconds{0} ||
      options.pool_sharing_time > std::chrono::seconds{10})
    return Problem{"pool_sharing_time", "must be from 0 to 10000000 microseconds"};
  if (options.busy_poll < milliseconds{0} || options.busy_poll > milliseconds{10})
    return Problem{"busy_poll", "must be from 0 to 10000 microseconds"};
  if (options.pool_acquire_timeout < least_acquire || options.pool_acquire_timeout > longest_life)
    return Problem{"pool_acquire_timeout", "must be from 10 milliseconds to a year"};
  if (options.tcp_user_timeout >= options.pool_acquire_timeout)
    return Problem{"pool_acquire_timeout",
                   "must be longer than tcp_user_timeout, so that a dead peer is found in time"};
  return std::nullopt;
}

}  // namespace

Found find_problem(const ConnectionOptions& options) {
  if (options.servers.empty()) return Problem{"host", "no server is named"};
  if (options.servers.size() > max_servers)
    return Problem{"host", "more than " + std::to_string(max_servers) + " servers"};
  for (const auto& server : options.servers)
    if (auto problem = check_server(server)) return problem;
  for (const auto check : {check_texts, check_scram_keys, check_security, check_limits})
    if (auto problem = check(options)) return problem;
  return std::nullopt;
}

}  // namespace conninfo

void ConnectionOptions::check() const {
  if (const auto problem = conninfo::find_problem(*this))
    conninfo::refuse(problem->parameter, "", problem->reason);
}

}  // namespace pgreactor
