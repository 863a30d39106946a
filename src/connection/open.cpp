#include "src/connection/open.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <utility>
#include <vector>

#include "src/connection/cancel.hpp"
#include "src/connection/login.hpp"
#include "src/connection/suitability.hpp"
#include "src/reactor/resolver.hpp"
#include "src/reactor/socket_options.hpp"
#include "src/reactor/thread_random.hpp"

namespace pgreactor::connection {
namespace {

using Clock = std::chrono::steady_clock;

/// One address being tried: what to say of it when it fails.
class Trial {
 public:
  std::string_view phase() const noexcept { return login ? login->phase() : stage; }
  bool refused() const noexcept { return login && login->refused(); }
  std::string_view stage = "connecting";
  bool encrypted = false;
  bool encryption_refused = false;
  std::optional<Login> login;
  std::chrono::nanoseconds round_trip{0};
};

std::string place(const ServerAddress& server, const net::Endpoint& endpoint) {
  const std::string name = server.describe();
  const std::string address = endpoint.text();
  return name == address ? name : name + " (" + address + ")";
}

Task<void> try_endpoint(Trial& trial, net::Endpoint endpoint, Encryption encryption,
                        const ConnectionOptions& options, const ServerAddress& server,
                        ConnectCache& cache) {
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  auto stream = co_await connect_to(endpoint, options);
  trial.round_trip = net::round_trip(stream->descriptor());
  trial.stage = "beginning TLS";
  Transport transport = co_await secure(std::move(stream), encryption, options, server, cache.tls);
  trial.encrypted = transport.encrypted;
  trial.login.emplace(std::move(transport), options, server, cache.scram_keys,
                      context.reactor->event_loop().receive_blocks());
  co_await trial.login->run();
}

Task<std::vector<net::Endpoint>> endpoints_of(const ServerAddress& server) {
  if (server.is_unix_socket())
    co_return std::vector{net::Endpoint::unix_socket(server.socket_path())};
  auto resolved = co_await as_attempt(
      net::resolve(server.hostaddr.empty() ? server.host : server.hostaddr, server.port));
  if (!resolved && dynamic_cast<const ConnectionError*>(&resolved.error()) != nullptr)
    throw ConnectionError("connecting to " + server.describe() + ": " + resolved.error().what());
  co_return std::move(resolved).value();
}

Task<std::unique_ptr<Connection>> attempt_at(net::Endpoint endpoint, Encryption encryption,
                                             const ConnectionOptions& options,
                                             const ServerAddress& server, ConnectCache& cache,
                                             Trial& trial, Clock::time_point deadline) {
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  std::string problem;
  std::shared_ptr<const ServerReport> report;
  try {
    Task<void> attempt = try_endpoint(trial, endpoint, encryption, options, server, cache);
    if (options.connect_timeout > std::chrono::milliseconds::zero()) {
      co_await with_timeout(deadline - Clock::now(), std::move(attempt));
    } else {
      co_await std::move(attempt);
    }
  } catch (const TimeoutError&) {
    problem = "no answer within " + std::to_string(options.connect_timeout.count()) + " ms";
  } catch (const ConfigurationError&) {
    throw;
  } catch (const ConnectionError& error) {
    problem = error.what();
    trial.encryption_refused = dynamic_cast<const EncryptionRefused*>(&error) != nullptr;
    if (error.report() != nullptr) report = std::make_shared<const ServerReport>(*error.report());
  }
  if (!problem.empty()) {
    throw ConnectionError("connecting to " + place(server, endpoint) + ": " +
                              std::string(trial.phase()) + ": " + problem,
                          Outcome::not_sent, report);
  }
  Login& login = *trial.login;
  auto opened = std::make_unique<Connection>(context.reactor->event_loop(), std::move(login.stream),
                                             std::move(login.session), std::move(login.received),
                                             options.describe(), options.statement_cache_capacity);
  opened->set_round_trip(trial.round_trip);
  opened->set_origin(
      SessionOrigin(endpoint, server, trial.encrypted ? Encryption::required : Encryption::none));
  co_return opened;
}

// Might the server take us with, or without, TLS? 28000 is "no pg_hba.conf entry for ...", which
// names the encryption too; a wrong password is 28P01.
bool is_about_encryption(const Trial& trial, const std::exception& failure) {
  const auto* error = dynamic_cast<const ConnectionError*>(&failure);
  return error != nullptr && (trial.encryption_refused || error->sqlstate() == "28000");
}

Task<std::unique_ptr<Connection>> open_at(net::Endpoint endpoint, const ConnectionOptions& options,
                                          const ServerAddress& server, ConnectCache& cache,
                                          bool& refused) {
  // Of all attempts together; beyond a year the clock's range would end.
  constexpr std::chrono::hours longest{24 * 365};
  const auto deadline =
      Clock::now() + std::min<std::chrono::milliseconds>(options.connect_timeout, longest);
  std::exception_ptr first_failure;
  for (const Encryption encryption : encryptions(options, server)) {
    Trial trial;
    auto opened = co_await as_attempt(
        attempt_at(endpoint, encryption, options, server, cache, trial, deadline));
    refused = !opened && trial.refused();
    if (opened) co_return std::move(opened).value();
    const bool other_may_do = is_about_encryption(trial, opened.error());
    if (first_failure) {
      // Refused both ways: the first is what was wanted.
      if (other_may_do) break;
      static_cast<void>(opened.value());  // throws it
    }
    first_failure = opened.thrown();
    const bool tried_the_other =
        encryption == Encryption::if_offered && !trial.encrypted && !trial.encryption_refused;
    if (!other_may_do || tried_the_other) break;
  }
  std::rethrow_exception(first_failure);
}

// Options that cannot be used are no better at another address.
bool may_succeed_elsewhere(const std::exception& failure) {
  return dynamic_cast<const ConnectionError*>(&failure) != nullptr &&
         dynamic_cast<const ConfigurationError*>(&failure) == nullptr;
}

// The numbers from 0 to count - 1, in the order in which to try what they stand for.
std::vector<std::size_t> order_of(std::size_t count, LoadBalanceHosts balance) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (balance == LoadBalanceHosts::random)
    std::shuffle(order.begin(), order.end(), net::thread_random());
  return order;
}

// At the first of the servers that lets us in and is of that kind. `refused`: one of them said that
// it is not us whom it lets in.
Task<std::unique_ptr<Connection>> open_any(const ConnectionOptions& options, ConnectCache& cache,
                                           TargetSessionAttrs wanted, bool& refused) {
  std::exception_ptr first_failure;
  for (const std::size_t which : order_of(options.servers.size(), options.load_balance_hosts)) {
    const ServerAddress& server = options.servers[which];
    refused = false;
    try {
      const std::vector<net::Endpoint> endpoints = co_await endpoints_of(server);
      for (const std::size_t at : order_of(endpoints.size(), options.load_balance_hosts)) {
        auto opened = co_await as_attempt(open_at(endpoints[at], options, server, cache, refused));
        if (opened) {
          auto connection = std::move(opened).value();
          const std::string_view problem = why_unsuitable(connection->session(), wanted);
          if (problem.empty()) co_return connection;
          connection->close("it is not the server that is wanted");
          throw ConnectionError("connecting to " + place(server, endpoints[at]) +
                                ": target_session_attrs: " + std::string(problem));
        }
        if (refused || !may_succeed_elsewhere(opened.error()))
          static_cast<void>(opened.value());  // throws it
        if (!first_failure) first_failure = opened.thrown();
      }
    } catch (const ConnectionError& error) {
      if (refused || !may_succeed_elsewhere(error)) throw;
      if (!first_failure) first_failure = std::current_exception();
    }
  }
  std::rethrow_exception(first_failure);
}

}  // namespace

Task<std::unique_ptr<Connection>> open_connection(const ConnectionOptions& options,
                                                  ConnectCache& cache) {
  options.check();
  bool refused = false;
  if (options.target_session_attrs == TargetSessionAttrs::prefer_standby) {
    auto standby =
        co_await as_attempt(open_any(options, cache, TargetSessionAttrs::prefer_standby, refused));
    if (standby) co_return std::move(standby).value();
    if (refused || !may_succeed_elsewhere(standby.error()))
      static_cast<void>(standby.value());  // throws it
    co_return co_await open_any(options, cache, TargetSessionAttrs::any, refused);
  }
  co_return co_await open_any(options, cache, options.target_session_attrs, refused);
}

}  // namespace pgreactor::connection
