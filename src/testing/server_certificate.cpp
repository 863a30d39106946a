#include "src/testing/server_certificate.hpp"

#include <pgreactor/testing/throwaway_server.hpp>

#include "src/testing/server_programs.hpp"

namespace pgreactor::testing {

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
