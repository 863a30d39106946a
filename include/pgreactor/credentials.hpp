#pragma once
#include <functional>
#include <pgreactor/error.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/vocabulary/secret.hpp>
#include <string>
#include <utility>

namespace pgreactor {

class ServerAddress;

/// Who logs in, and with what.
class PGREACTOR_API Credentials {
 public:
  explicit Credentials(Secret proof, std::string name = {})
      : password(std::move(proof)), user(std::move(name)) {}

  Secret password;
  std::string user;  ///< empty: ConnectionOptions::user
};

/// Gives the credentials for one attempt to log in at that server: for passwords that are rotated,
/// and tokens that expire. Called anew for each attempt, once the connection stands and is
/// encrypted; what it gives is overwritten once that is over, and of a password only the keys are
/// kept that SCRAM makes of it. May block: it runs on another thread than the loop's, perhaps one
/// that ends with the call, and for several connections at a time, so it must be safe to call from
/// several threads. It counts towards connect_timeout; when that passes, its answer is no longer
/// awaited.
/// Errors  what it throws becomes a CredentialsError.
/// Owner   copied with the options; what it refers to outlives the pool, and a call that was given
///         up.
using CredentialsCallback = std::function<Credentials(const ServerAddress& server)>;

/// A CredentialsCallback threw. Its own words are a part of the message, so they must not name a
/// secret. No further server is tried; outcome() is not_sent.
class PGREACTOR_API CredentialsError : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

}  // namespace pgreactor
