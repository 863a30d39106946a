#include "src/connection/options_tls.hpp"

#include <array>

namespace pgreactor::conninfo {
namespace {

constexpr auto ssl_modes = std::to_array<Choice<SslMode>>({
    {"disable", SslMode::disable},
    {"allow", SslMode::allow},
    {"prefer", SslMode::prefer},
    {"require", SslMode::require},
    {"verify-ca", SslMode::verify_ca},
    {"verify-full", SslMode::verify_full},
});

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

}  // namespace

SslMode read_sslmode(const ParameterReader& reader, const Parameters& parameters) {
  const bool system_roots = reader.text("sslrootcert") == "system";
  const bool given = parameters.find("sslmode") != nullptr;
  const auto otherwise = system_roots ? SslMode::verify_full : SslMode::prefer;
  const auto mode = reader.choice<SslMode>("sslmode", ssl_modes, otherwise);
  if (system_roots && given && mode != SslMode::verify_full)
    reader.fail("sslmode", "must be verify-full with sslrootcert=system");
  return mode;
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

}  // namespace pgreactor::conninfo
