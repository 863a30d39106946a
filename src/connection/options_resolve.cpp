#include <algorithm>
#include <array>
#include <utility>

#include "src/connection/options_environment.hpp"
#include "src/connection/options_passfile.hpp"
#include "src/connection/options_reader.hpp"
#include "src/connection/options_servers.hpp"
#include "src/connection/options_service.hpp"
#include "src/connection/options_support.hpp"
#include "src/connection/options_tls.hpp"

namespace pgreactor {
namespace conninfo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto session_attrs = std::to_array<Choice<TargetSessionAttrs>>({
    {"any", TargetSessionAttrs::any},
    {"read-write", TargetSessionAttrs::read_write},
    {"read-only", TargetSessionAttrs::read_only},
    {"primary", TargetSessionAttrs::primary},
    {"standby", TargetSessionAttrs::standby},
    {"prefer-standby", TargetSessionAttrs::prefer_standby},
});

constexpr auto balances = std::to_array<Choice<LoadBalanceHosts>>({
    {"disable", LoadBalanceHosts::disable},
    {"random", LoadBalanceHosts::random},
});

constexpr auto statement_modes = std::to_array<Choice<StatementMode>>({
    {"named", StatementMode::named},
    {"unnamed", StatementMode::unnamed},
});

constexpr auto protocol_versions = std::to_array<Choice<ProtocolVersion>>({
    {"3.0", ProtocolVersion::v3_0},
    {"3.2", ProtocolVersion::v3_2},
    {"latest", ProtocolVersion::v3_2},
});

/// Null for the methods that libpq has and this library has not.
bool* method_member(AllowedAuthentication& allowed, std::string_view method) {
  if (method == "none") return &allowed.none;
  if (method == "scram-sha-256") return &allowed.scram_sha_256;
  if (method == "md5") return &allowed.md5;
  if (method == "password") return &allowed.cleartext_password;
  return nullptr;
}

/// require_auth: either a list of what is allowed, or a list of "!method" to take away.
AllowedAuthentication read_authentication(const ParameterReader& reader) {
  constexpr auto not_implemented = std::to_array<std::string_view>({"gss", "sspi", "oauth"});
  AllowedAuthentication allowed;
  const auto list = reader.text("require_auth");
  if (list.empty()) return allowed;

  const bool negated = list.starts_with('!');
  if (!negated) allowed = {false, false, false, false, false};
  for (const std::string& item : split_list(list)) {
    if (item.starts_with('!') != negated)
      reader.fail("require_auth", "either all methods or none of them must start with \"!\"");
    const auto method = std::string_view{item}.substr(negated ? 1 : 0);
    if (bool* member = method_member(allowed, method)) {
      *member = !negated;
      if (method == "password") allowed.cleartext_over_tls = !negated;
    } else if (std::ranges::find(not_implemented, method) == not_implemented.end()) {
      reader.fail(
          "require_auth",
          "each method must be one of password, md5, gss, sspi, scram-sha-256, oauth, none");
    }
  }
  return allowed;
}

void read_protocol_versions(ConnectionOptions& options, const ParameterReader& reader) {
  options.min_protocol_version = reader.choice<ProtocolVersion>(
      "min_protocol_version", protocol_versions, options.min_protocol_version);
  options.max_protocol_version = reader.choice<ProtocolVersion>(
      "max_protocol_version", protocol_versions,
      std::max(options.min_protocol_version, options.max_protocol_version));
}

void read_scram_iterations(ConnectionOptions& options, const ParameterReader& reader) {
  const auto count = [&](std::string_view keyword, std::uint32_t otherwise) {
    const auto value = reader.integer(keyword, 1, 10'000'000);
    return value ? static_cast<std::uint32_t>(*value) : otherwise;
  };
  options.min_scram_iterations = count("min_scram_iterations", options.min_scram_iterations);
  options.max_scram_iterations = count(
      "max_scram_iterations", std::max(options.min_scram_iterations, options.max_scram_iterations));
}

void read_network(ConnectionOptions& options, const ParameterReader& reader) {
  constexpr std::int64_t any_int = 2147483647;
  KeepAlive& probes = options.keepalive;
  const auto whole_seconds = [&](std::string_view keyword, seconds otherwise) {
    const auto value = reader.integer(keyword, -any_int, any_int);
    return value ? seconds{std::max<std::int64_t>(0, *value)} : otherwise;
  };
  if (const auto wait = reader.duration("connect_timeout", seconds{1}))
    options.connect_timeout = *wait;
  probes.enabled = reader.integer("keepalives", -any_int, any_int).value_or(1) != 0;
  probes.idle = whole_seconds("keepalives_idle", probes.idle);
  probes.interval = whole_seconds("keepalives_interval", probes.interval);
  const auto count = reader.integer("keepalives_count", -any_int, any_int);
  if (count) probes.count = static_cast<int>(std::max<std::int64_t>(0, *count));

  if (const auto idle = reader.duration("idle_in_transaction_session_timeout", milliseconds{1}))
    options.idle_in_transaction_session_timeout = *idle;

  const auto user_timeout = reader.duration("tcp_user_timeout", milliseconds{1});
  const auto acquire = reader.duration("pool_acquire_timeout", seconds{1});
  if (user_timeout) options.tcp_user_timeout = *user_timeout;
  if (acquire) options.pool_acquire_timeout = *acquire;
  // P17: a default makes room for the value that was chosen.
  if (options.tcp_user_timeout < options.pool_acquire_timeout) return;
  if (!user_timeout) options.tcp_user_timeout = options.pool_acquire_timeout / 2;
  if (!acquire) options.pool_acquire_timeout = options.tcp_user_timeout + seconds{1};
}

void read_pool(ConnectionOptions& options, const ParameterReader& reader) {
  const auto count = [&](std::string_view keyword, std::int64_t most) {
    const auto value = reader.integer(keyword, 0, most);
    return value ? std::optional{static_cast<std::uint32_t>(*value)} : std::nullopt;
  };
  const auto least = count("pool_min_conns", 10000);
  options.pool_max_conns =
      count("pool_max_conns", 10000).value_or(std::max(options.pool_max_conns, least.value_or(0)));
  options.pool_min_conns = least.value_or(std::min(options.pool_min_conns, options.pool_max_conns));
  if (const auto most = reader.integer("max_result_bytes", 0, std::int64_t{1} << 50U))
    options.max_result_bytes = static_cast<std::uint64_t>(*most);
  options.statement_cache_capacity =
      count("statement_cache_capacity", 65536).value_or(options.statement_cache_capacity);
  options.statement_mode =
      reader.choice<StatementMode>("statement_mode", statement_modes, options.statement_mode);
  options.pool_max_lifetime =
      reader.duration("pool_max_lifetime", seconds{1}).value_or(options.pool_max_lifetime);
  options.pool_idle_timeout =
      reader.duration("pool_idle_timeout", seconds{1}).value_or(options.pool_idle_timeout);
  if (const auto wait = reader.integer("pool_sharing_time", 0, 10'000'000))
    options.pool_sharing_time = std::chrono::microseconds(*wait);
  if (const auto budget = reader.integer("busy_poll", 0, 10000))
    options.busy_poll = std::chrono::microseconds(*budget);
}

/// Each server's password is looked up by its own name, so that none is told another's (A13).
void read_passwords(ConnectionOptions& options, const ParameterReader& reader,
                    const Environment& environment) {
  options.password = Secret{reader.text("password")};
  if (!options.password.empty()) return;
  options.passfile = reader.text("passfile");
  if (options.passfile.empty()) {
    const auto home = environment.home_directory();
    if (home.empty()) return;
    options.passfile = home + "/.pgpass";
  }
  auto file = read_passfile(options.passfile);
  options.passfile_problem = std::move(file.problem);
  for (ServerAddress& server : options.servers) {
    const auto port = std::to_string(server.port);
    const auto directory = is_default_socket_directory(server.host) ? std::string_view{server.host}
                                                                    : std::string_view{};
    const PassfileQuery query{passfile_host(server), port, options.database, options.user,
                              directory};
    if (auto found = find_password(file.content.reveal(), query))
      server.passfile_password = std::move(*found);
  }
}

std::string first_given(const ParameterReader& reader, std::string_view keyword,
                        std::string otherwise) {
  auto text = reader.text(keyword);
  return text.empty() ? std::move(otherwise) : text;
}

/// From what was written to what it means: the only place where the sources meet.
ConnectionOptions resolve(Parameters parameters, const Environment& environment) {
  fill_from_service(parameters, environment);
  fill_from_variables(parameters, environment);
  const ParameterReader reader{parameters};
  ConnectionOptions options;
  options.sslmode = read_sslmode(reader, parameters);
  options.tls = read_tls(reader, environment);
  refuse_unsupported(reader, parameters);
  options.authentication = read_authentication(reader);
  options.target_session_attrs = reader.choice<TargetSessionAttrs>(
      "target_session_attrs", session_attrs, TargetSessionAttrs::any);
  options.load_balance_hosts =
      reader.choice<LoadBalanceHosts>("load_balance_hosts", balances, options.load_balance_hosts);

  options.servers = read_servers(reader, environment);
  options.user = reader.text("user");
  if (options.user.empty()) options.user = environment.user_name();
  options.database = first_given(reader, "dbname", options.user);
  options.application_name =
      first_given(reader, "application_name", reader.text("fallback_application_name"));
  options.server_options = reader.text("options");
  options.required_peer = reader.text("requirepeer");
  options.scram_client_key = Secret{reader.text("scram_client_key")};
  options.scram_server_key = Secret{reader.text("scram_server_key")};
  if (auto zone = variable(environment, "PGTZ"))
    options.session_settings.emplace_back("TimeZone", std::move(*zone));
  if (auto genetic = variable(environment, "PGGEQO"))
    options.session_settings.emplace_back("geqo", std::move(*genetic));

  read_protocol_versions(options, reader);
  read_scram_iterations(options, reader);
  read_network(options, reader);
  read_pool(options, reader);
  if (const auto problem = find_problem(options)) reader.fail(problem->parameter, problem->reason);
  read_passwords(options, reader, environment);
  return options;
}

}  // namespace
}  // namespace conninfo

ConnectionOptions ConnectionOptions::parse(std::string_view conninfo,
                                           const Environment& environment) {
  return conninfo::resolve(conninfo::parse_text(conninfo, "the connection string"), environment);
}

ConnectionOptions ConnectionOptions::from_environment(const Environment& environment) {
  auto url = conninfo::variable(environment, conninfo::database_url);
  if (!url) return conninfo::resolve({}, environment);
  const Secret text{std::move(*url)};
  return conninfo::resolve(conninfo::parse_text(text.reveal(), conninfo::database_url),
                           environment);
}

}  // namespace pgreactor
