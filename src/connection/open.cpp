#include "src/connection/open.hpp"

#include <algorithm>
#include <chrono>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <string>
#include <utility>
#include <vector>

#include "src/connection/open_address.hpp"
#include "src/reactor/connect_race.hpp"
#include "src/reactor/resolver.hpp"
#include "src/reactor/thread_random.hpp"

namespace pgreactor::connection {
namespace {

Task<std::vector<net::Endpoint>> look_up(const ServerAddress& server) {
  if (server.is_unix_socket())
    co_return std::vector{net::Endpoint::unix_socket(server.socket_path())};
  co_return co_await net::resolve(server.hostaddr.empty() ? server.host : server.hostaddr,
                                  server.port);
}

Task<std::vector<net::Endpoint>> endpoints_of(const ServerAddress& server,
                                              std::chrono::milliseconds timeout) {
  std::string problem;
  try {
    if (timeout == std::chrono::milliseconds::zero()) co_return co_await look_up(server);
    co_return co_await with_timeout(timeout, look_up(server));
  } catch (const TimeoutError&) {
    problem = "resolving its name: no answer within " + std::to_string(timeout.count()) + " ms";
  } catch (const ConnectionError& error) {
    problem = error.what();
  }
  throw ConnectionError("connecting to " + server.describe() + ": " + problem);
}

Task<Opened> open_server(const Destination& destination) {
  const ConnectionOptions& options = destination.options;
  auto found = co_await as_attempt(endpoints_of(destination.server, options.connect_timeout));
  if (!found)
    co_return Opened(found.thrown(),
                     may_succeed_elsewhere(found.error()) ? Onward::next_server : Onward::nothing);
  std::vector<net::Endpoint> addresses = std::move(found).value();
  if (options.load_balance_hosts == LoadBalanceHosts::random) {
    std::shuffle(addresses.begin(), addresses.end(), net::thread_random());
  } else {
    addresses = net::interleaved(addresses);
  }
  co_return co_await open_among(std::move(addresses), destination);
}

// At the first of the servers that lets us in and is of that kind.
Task<Opened> open_any(const ConnectionOptions& options, ConnectCache& cache,
                      TargetSessionAttrs wanted) {
  std::vector<const ServerAddress*> servers;
  for (const ServerAddress& server : options.servers) servers.push_back(&server);
  if (options.load_balance_hosts == LoadBalanceHosts::random)
    std::shuffle(servers.begin(), servers.end(), net::thread_random());
  std::exception_ptr first_failure;
  for (const ServerAddress* const server : servers) {
    const Destination destination(options, *server, cache, wanted);
    Opened opened = co_await open_server(destination);
    if (opened.connection || opened.onward == Onward::nothing) co_return opened;
    if (!first_failure) first_failure = opened.failure;
  }
  co_return Opened(std::move(first_failure), Onward::next_server);
}

}  // namespace

Task<std::unique_ptr<Connection>> open_connection(const ConnectionOptions& options,
                                                  ConnectCache& cache) {
  options.check();
  Opened opened = co_await open_any(options, cache, options.target_session_attrs);
  if (!opened.connection && opened.onward != Onward::nothing &&
      options.target_session_attrs == TargetSessionAttrs::prefer_standby)
    opened = co_await open_any(options, cache, TargetSessionAttrs::any);
  if (!opened.connection) std::rethrow_exception(opened.failure);
  co_return std::move(opened.connection);
}

}  // namespace pgreactor::connection
