#include "src/testing/server_certificate.hpp"

#include <fstream>
#include <iterator>

#include "src/testing/server_programs.hpp"

namespace pgreactor::testing {
namespace {

// Read with our rights, not the server's: the tests' files need not be open to it.
std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), {});
  if (!file || content.empty())
    throw ServerSetupError(ServerSetupError::Reason::bad_option, "cannot read " + path);
  return content;
}

}  // namespace

std::vector<GivenFile> read_given_certificates(const ThrowawayServerOptions& options) {
  std::vector<GivenFile> files;
  const auto read = [&](const char* name, const std::string& path) {
    if (!path.empty()) files.push_back({name, content_of(path)});
  };
  read("server.crt", options.tls_certificate_file());
  read("server.key", options.tls_key_file());
  read("clients.crt", options.tls_client_roots_file());
  return files;
}

Task<void> make_certificate(const ServerAccount& account, const std::string& directory) {
  const std::string program = find_in_path("openssl");
  if (program.empty())
    throw ServerSetupError(ServerSetupError::Reason::not_installed,
                           "the program \"openssl\", which makes the server's certificate, is not "
                           "in PATH; on Debian install the package openssl");
  net::ChildOptions openssl = run_as(account, program);
  openssl.arguments("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1");
  openssl.arguments("-nodes", "-days", "30", "-subj", "/CN=localhost");
  openssl.arguments("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1");
  openssl.arguments("-keyout", "server.key", "-out", "server.crt").directory(directory);
  const net::ChildResult result = co_await net::run_child(openssl);
  if (!result.exit.succeeded())
    throw ServerSetupError(ServerSetupError::Reason::failed,
                           "openssl: " + describe(result.exit) + "\n" + result.error_output);
}

}  // namespace pgreactor::testing
