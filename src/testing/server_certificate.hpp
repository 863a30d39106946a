#pragma once
#include <pgreactor/task.hpp>
#include <string>

#include "src/testing/server_account.hpp"

namespace pgreactor::testing {

/// Makes server.crt and server.key in `directory`: self-signed, for "localhost" and 127.0.0.1,
/// valid for a month. Errors  ServerSetupError, not_installed without the program `openssl`.
Task<void> make_certificate(const ServerAccount& account, const std::string& directory);

}  // namespace pgreactor::testing
