#include <algorithm>
#include <array>
#include <utility>

#include "src/connection/options_environment.hpp"
#include "src/connection/options_passfile.hpp"
#include "src/connection/options_reader.hpp"
#include "src/connection/options_servers.hpp"
#include "src/connection/options_support.hpp"

namespace pgreactor {
namespace conninfo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto ssl_modes = std::to_array<Choice<SslMode>>({
    {"disable", SslMode::disable},
    {"allow", SslMode::allow},
    {"prefer", SslMode::prefer},
    {"require", SslMode::require},
    {"verify-ca", SslMode::verify_ca},
    {"verify-full", SslMode::verify_full},
});

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

/// The roots of the system prove a name only if the name is compared: libpq's rule since 16.
SslMode read_sslmode(const ParameterReader& reader, const Parameters& parameters) {
  const bool system_roots = reader.text("sslrootcert") == "system";
  const bool given = parameters.find("sslmode") != nullptr;
  const auto otherwise = system_roots ? SslMode::verify_full : SslMode::prefer;
  const auto mode = reader.choice<SslMode>("sslmode", ssl_modes, otherwise);
  if (system_roots && given && mode != SslMode::verify_full)
    reader.fail("sslmode", "must be verify-full with sslrootcert=system");
  return mode;
}

constexpr auto negotiations = std::to_array<Choice<SslNegotiation>>({
    {"postgres", SslNegotiation::postgres},
    {"direct", SslNegotiation::direct},
});

constexpr auto channel_bindings = std::to_array<Choice<ChannelBindingMode>>({
    {"disable", ChannelBindingMode::disable},
    {"prefer", ChannelBindingMode::prefer},
    {"require", ChannelBindingMode::require},
});

constexpr auto client_certificates = std::to_array<Choice<ClientCertificate>>({
    {"disable", ClientCertificate::disable},
    {"allow", ClientCertificate::allow},
    {"require", ClientCertificate::require},
});

constexpr auto tls_versions = std::to_array<Choice<TlsVersion>>({
    {"", TlsVersion::any},
    {"TLSv1", TlsVersion::tls_1_0},
    {"TLSv1.1", TlsVersion::tls_1_1},
    {"TLSv1.2", TlsVersion::tls_1_2},
    {"TLSv1.3", TlsVersion::tls_1_3},
});

constexpr auto switches = std::to_array<Choice<bool>>({{"0", false}, {"1", true}});

/// A file that is named, or the one in ~/.postgresql where that exists.
std::string tls_file(const ParameterReader& reader, std::string_view keyword, const char* name,
                     const Environment& environment) {
  auto named = reader.text(keyword);
  if (!named.empty()) return named;
  const auto home = environment.home_directory();
  if (home.empty()) return {};
  auto usual = home + "/.postgresql/" + name;
  return environment.exists(usual) ? usual : std::string();
}

TlsOptions read_tls(const ParameterReader& reader, const Environment& environment) {
  TlsOptions tls;
  tls.negotiation = reader.choice<SslNegotiation>("sslnegotiation", negotiations, tls.negotiation);
  tls.channel_binding =
      reader.choice<ChannelBindingMode>("channel_binding", channel_bindings, tls.channel_binding);
  tls.root_certificates = tls_file(reader, "sslrootcert", "root.crt", environment);
  tls.revocation_directory = reader.text("sslcrldir");
  tls.revocation_file = reader.text("sslcrl");
  if (tls.revocation_file.empty() && tls.revocation_directory.empty())
    tls.revocation_file = tls_file(reader, "sslcrl", "root.crl", environment);
  tls.client_certificate =
      reader.choice<ClientCertificate>("sslcertmode", client_certificates, tls.client_certificate);
  tls.certificate_file = tls_file(reader, "sslcert", "postgresql.crt", environment);
  if (!tls.certificate_file.empty())
    tls.key_file = tls_file(reader, "sslkey", "postgresql.key", environment);
  tls.key_password = Secret{reader.text("sslpassword")};
  tls.server_name = reader.choice<bool>("sslsni", switches, tls.server_name);
  tls.oldest = reader.choice<TlsVersion>("ssl_min_protocol_version", tls_versions, tls.oldest);
  tls.newest = reader.choice<TlsVersion>("ssl_max_protocol_version", tls_versions, tls.newest);
  tls.key_log_file = reader.text("sslkeylogfile");
  return tls;
}

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
  options.statement_cache_capacity =
      count("statement_cache_capacity", 65536).value_or(options.statement_cache_capacity);
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
    const PassfileQuery query{passfile_host(server), port, options.database, options.user};
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
  if (auto zone = variable(environment, "PGTZ"))
    options.session_settings.emplace_back("TimeZone", std::move(*zone));
  if (auto genetic = variable(environment, "PGGEQO"))
    options.session_settings.emplace_back("geqo", std::move(*genetic));

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
