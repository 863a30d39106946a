#include "src/connection/identity.hpp"

#include <algorithm>
#include <exception>

#include "protocol/base64.hpp"
#include "protocol/digest.hpp"
#include "src/reactor/off_loop.hpp"

namespace pgreactor::connection {
namespace {

/// What the callback came to.
class Answer {
 public:
  std::optional<Credentials> credentials;
  std::string problem;
};

/// On a thread of the pool: nothing but this is told of what is thrown.
Answer ask(const CredentialsCallback& callback, const ServerAddress& server) {
  Answer answer;
  try {
    answer.credentials = callback(server);
  } catch (const std::exception& error) {
    answer.problem = error.what();
  } catch (...) {
    answer.problem = "an exception that says nothing";
  }
  return answer;
}

bool read_key(const Secret& text, protocol::Sha256& key) {
  auto bytes = protocol::from_base64(text.reveal());
  if (!bytes) return false;
  const bool fits = bytes->size() == key.size();
  if (fits) std::copy(bytes->begin(), bytes->end(), key.begin());
  protocol::wipe(bytes->data(), bytes->size());
  return fits;
}

}  // namespace

std::optional<protocol::ScramKeys> read_scram_keys(const Secret& client_key,
                                                   const Secret& server_key) {
  protocol::ScramKeys keys;
  if (!read_key(client_key, keys.client_key) || !read_key(server_key, keys.server_key))
    return std::nullopt;
  keys.stored_key = protocol::sha256(keys.client_key);
  return keys;
}

Task<Identity> identity_at(const ServerAddress& server, const ConnectionOptions& options) {
  if (!options.credentials) {
    Identity identity(options.user, options.password_for(server));
    if (!options.scram_client_key.empty())
      identity.scram_keys = read_scram_keys(options.scram_client_key, options.scram_server_key);
    co_return identity;
  }
  // The work may outlive this task, so it owns what it uses.
  auto asking = [callback = options.credentials, server] { return ask(callback, server); };
  auto work = net::off_loop(asking);
  Answer answer = co_await std::move(work);
  if (!answer.credentials) throw CredentialsError(answer.problem);
  Credentials& given = *answer.credentials;
  if (given.user.empty()) given.user = options.user;
  co_return Identity(std::move(given.user), std::move(given.password));
}

}  // namespace pgreactor::connection
