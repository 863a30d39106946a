#pragma once
#include <pgreactor/task.hpp>
#include <pgreactor/testing/throwaway_server.hpp>
#include <string>
#include <vector>

#include "src/testing/server_account.hpp"

namespace pgreactor::testing {

/// A file for the server's directory.
struct GivenFile {
  std::string name;
  std::string content;
};

/// What the options name: server.crt and server.key, clients.crt, or none of them.
/// Errors  ServerSetupError::bad_option for a file that cannot be read.
std::vector<GivenFile> read_given_certificates(const ThrowawayServerOptions& options);

/// Makes server.crt and server.key in `directory`: self-signed, for "localhost" and 127.0.0.1,
/// valid for a month. Errors  ServerSetupError, not_installed without the program `openssl`.
Task<void> make_certificate(const ServerAccount& account, const std::string& directory);

}  // namespace pgreactor::testing
