#pragma once
#include <optional>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/task.hpp>
#include <string>
#include <utility>

#include "protocol/scram.hpp"

namespace pgreactor::connection {

/// Who logs in at one server, and how that is proved.
class Identity {
 public:
  Identity(std::string name, Secret proof) : user(std::move(name)), password(std::move(proof)) {}

  std::string user;
  Secret password;
  std::optional<protocol::ScramKeys> scram_keys{};  // stand in for the password
};

/// Asks the options' callback, if there is one; else takes what the options say.
/// Errors  CredentialsError with the reason alone; CancelledError on a stop.
/// Owner   both outlive the task.
Task<Identity> identity_at(const ServerAddress& server, const ConnectionOptions& options);

/// The two keys of the options, if both are keys: base64 of 32 bytes each.
std::optional<protocol::ScramKeys> read_scram_keys(const Secret& client_key,
                                                   const Secret& server_key);

}  // namespace pgreactor::connection
