#include "src/testing/server_configuration.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace pgreactor::testing {
namespace {

// What ThrowawayServer decides itself and its callers rely on.
constexpr std::array<std::string_view, 8> reserved_settings{
    "config_file", "data_directory", "external_pid_file",       "hba_file",
    "ident_file",  "port",           "unix_socket_directories", "listen_addresses"};

// mmap for shared memory works where /dev/shm is small or missing, and leaves nothing behind.
constexpr std::string_view fixed_settings = R"(shared_memory_type = mmap
dynamic_shared_memory_type = mmap
huge_pages = off
max_connections = 50
fsync = off
full_page_writes = off
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
default_text_search_config = 'pg_catalog.english'
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] %q%u@%d '
)";

[[noreturn]] void refuse(const std::string& message) {
  throw ServerSetupError(ServerSetupError::Reason::bad_option, message);
}

bool is_setting_name(std::string_view name) {
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

bool has_control_character(std::string_view text) {
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  return std::any_of(text.begin(), text.end(), control);
}

std::string in_quotes(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote) result += quote;
    result += c;
  }
  return result += quote;
}

// Unlike SQL, configuration files know backslash escapes.
std::string setting_line(std::string_view name, std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\') escaped += '\\';
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return std::string(name) + " = " + in_quotes(escaped, '\'') + "\n";
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~')) {
      result += c;
    } else {
      result += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return result;
}

std::string_view method_name(Authentication method) {
  switch (method) {
    case Authentication::trust:
      return "trust";
    case Authentication::scram_sha_256:
      return "scram-sha-256";
    case Authentication::md5:
      return "md5";
    case Authentication::password:
      return "password";
  }
  return "reject";
}

}  // namespace

void check_options(const ThrowawayServerOptions& options) {
  if (!options.has_unix_socket() && !options.has_tcp())
    refuse("the server has neither a Unix socket nor a port");
  if (options.tls_offer() != TlsOffer::none && !options.has_tcp())
    refuse("TLS is for the port: ask for tcp() too");
  if (options.tls_offer() == TlsOffer::none &&
      !(options.tls_certificate_file() + options.tls_client_roots_file()).empty())
    refuse("certificates are for TLS: ask for tls() too");
  if (options.tls_certificate_file().empty() != options.tls_key_file().empty())
    refuse("a certificate and its key come together");
  if (options.authentication() != Authentication::trust && options.password().empty())
    refuse("the authentication method needs a password");
  if (options.user().empty() || options.user().size() > 63 || has_control_character(options.user()))
    refuse("the user name must have 1 to 63 bytes without control characters");
  if (options.database().empty() || options.database().size() > 63 ||
      has_control_character(options.database()))
    refuse("the database name must have 1 to 63 bytes without control characters");
  if (!options.installation().empty() && !options.program_directory().empty())
    refuse("the programs are either in an installation or in a program directory");
  if (has_control_character(options.password().reveal()))
    refuse("the password must not have control characters");
  for (const auto& [name, value] : options.settings()) {
    if (!is_setting_name(name)) refuse("not the name of a server setting: " + name);
    if (value.find('\0') != std::string::npos) refuse("the setting " + name + " holds a zero byte");
    const auto reserved =
        std::find(reserved_settings.begin(), reserved_settings.end(), lower(name));
    if (reserved != reserved_settings.end())
      refuse("the setting " + name + " is the throw-away server's own");
  }
}

std::string server_settings(const ThrowawayServerOptions& options, const std::string& directory) {
  std::string text(fixed_settings);
  text += setting_line("listen_addresses", options.has_tcp() ? "127.0.0.1" : "");
  text += setting_line("unix_socket_directories", options.has_unix_socket() ? directory : "");
  text += setting_line("hba_file", directory + "/pg_hba.conf");
  text += setting_line("password_encryption", password_encryption(options));
  if (options.tls_offer() != TlsOffer::none) {
    text += setting_line("ssl", "on");
    text += setting_line("ssl_cert_file", directory + "/server.crt");
    text += setting_line("ssl_key_file", directory + "/server.key");
    if (!options.tls_client_roots_file().empty())
      text += setting_line("ssl_ca_file", directory + "/clients.crt");
  }
  for (const auto& [name, value] : options.settings()) text += setting_line(name, value);
  return text;
}

std::string client_authentication(const ThrowawayServerOptions& options) {
  const std::string method(method_name(options.authentication()));
  const std::string host = options.tls_offer() == TlsOffer::required ? "hostssl" : "host";
  return "local all all " + method + "\n" +                 //
         "local replication all " + method + "\n" +         //
         host + " all all 127.0.0.1/32 " + method + "\n" +  //
         host + " replication all 127.0.0.1/32 " + method + "\n";
}

std::string first_statements(const ThrowawayServerOptions& options) {
  std::string text;
  const std::string user = in_quotes(options.user(), '"');
  if (options.user() != "postgres") text += "CREATE ROLE " + user + " LOGIN SUPERUSER\n";
  if (!options.password().empty())
    text +=
        "ALTER ROLE " + user + " PASSWORD " + in_quotes(options.password().reveal(), '\'') + "\n";
  if (options.database() != "postgres")
    text += "CREATE DATABASE " + in_quotes(options.database(), '"') + " OWNER " + user + "\n";
  return text;
}

std::string_view password_encryption(const ThrowawayServerOptions& options) {
  return options.authentication() == Authentication::md5 ? "md5" : "scram-sha-256";
}

std::string connection_uri(const ThrowawayServerOptions& options, std::uint16_t port,
                           const std::string& socket_directory) {
  std::string uri = "postgresql://" + percent_encoded(options.user());
  if (!options.password().empty())
    uri.append(":").append(percent_encoded(options.password().reveal()));
  const std::string number = std::to_string(port);
  const std::string database = percent_encoded(options.database());
  if (socket_directory.empty()) return uri + "@127.0.0.1:" + number + "/" + database;
  return uri + "@/" + database + "?host=" + percent_encoded(socket_directory) + "&port=" + number;
}

}  // namespace pgreactor::testing
