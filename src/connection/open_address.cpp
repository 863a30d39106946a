#include "src/connection/open_address.hpp"

#include <algorithm>
#include <pgreactor/combinators.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>

#include "src/connection/identity.hpp"
#include "src/connection/idle_limit.hpp"
#include "src/connection/login.hpp"
#include "src/connection/suitability.hpp"

namespace pgreactor::connection {
namespace {

using Clock = net::Connected::Clock;
using std::chrono::milliseconds;

/// When to give up; nullopt is never.
using Limit = std::optional<Clock::time_point>;

/// One attempt to begin a session, and what to say of it when it fails.
class Trial {
 public:
  Trial(const net::Endpoint& at, Encryption how, const Destination& to)
      : endpoint(at),
        encryption(how),
        destination(to),
        with_idle_limit(names_idle_limit(to.options) &&
                        !to.cache.without_idle_limit.contains(to.server.describe())) {}

  /// From the start, with what the server refused left out.
  void begin_without_idle_limit() {
    destination.cache.without_idle_limit.insert(destination.server.describe());
    with_idle_limit = false;
    stage = "connecting";
    login.reset();
  }

  std::string_view phase() const noexcept { return stage.empty() ? login->phase() : stage; }

  net::Endpoint endpoint;
  Encryption encryption;
  const Destination& destination;
  bool with_idle_limit;
  std::string_view stage = "connecting";  // empty: as the login says
  bool encrypted = false;
  bool encryption_refused = false;
  std::string_view unsuitable;  // why
  std::optional<Login> login;
  std::chrono::nanoseconds round_trip{0};
};

std::string place(const ServerAddress& server, const net::Endpoint& endpoint) {
  const std::string name = server.describe();
  const std::string address = endpoint.text();
  return name == address ? name : name + " (" + address + ")";
}

std::string no_answer(const ConnectionOptions& options) {
  return "no answer within " + std::to_string(options.connect_timeout.count()) + " ms";
}

/// `task`, stopped at the limit.
template <class T>
Task<T> within(Limit limit, Task<T> task) {
  if (limit) co_return co_await with_timeout(*limit - Clock::now(), std::move(task));
  co_return co_await std::move(task);
}

/// `stream` is connected, or null: then that comes first.
Task<void> log_in(Trial& trial, std::unique_ptr<net::Stream> stream) {
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  const ConnectionOptions& options = trial.destination.options;
  const ServerAddress& server = trial.destination.server;
  ConnectCache& cache = trial.destination.cache;
  if (stream == nullptr) stream = co_await connect_to(trial.endpoint, options);
  trial.round_trip = net::round_trip(stream->descriptor());
  trial.stage = "checking who the server is";
  co_await check_peer(*stream, options, server);
  trial.stage = "beginning TLS";
  Transport transport =
      co_await secure(std::move(stream), trial.encryption, options, server, cache.tls);
  trial.encrypted = transport.encrypted;
  trial.stage = "asking for credentials";
  Identity identity = co_await identity_at(server, options);
  trial.login.emplace(std::move(transport), options, trial.with_idle_limit, std::move(identity),
                      cache.scram_keys, context.reactor->event_loop().receive_blocks());
  trial.stage = {};
  co_await trial.login->run();
  trial.stage = "target_session_attrs";
  trial.unsuitable = co_await why_unsuitable(*trial.login, trial.destination.wanted);
}

/// The failure of a trial in full: where, in which phase, and why.
[[noreturn]] void fail(const Trial& trial, const std::string& problem,
                       const std::shared_ptr<const ServerReport>& report = nullptr) {
  throw ConnectionError("connecting to " + place(trial.destination.server, trial.endpoint) + ": " +
                            std::string(trial.phase()) + ": " + problem,
                        Outcome::not_sent, report);
}

Task<std::unique_ptr<Connection>> attempt(Trial& trial, std::unique_ptr<net::Stream> stream,
                                          Limit limit) {
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  const ConnectionOptions& options = trial.destination.options;
  try {
    co_await within(limit, log_in(trial, std::move(stream)));
  } catch (const TimeoutError&) {
    fail(trial, no_answer(options));
  } catch (const ConfigurationError&) {
    throw;
  } catch (const CredentialsError& error) {
    throw CredentialsError("connecting to " + place(trial.destination.server, trial.endpoint) +
                           ": " + std::string(trial.stage) + ": " + error.what());
  } catch (const ConnectionError& error) {
    trial.encryption_refused = dynamic_cast<const EncryptionRefused*>(&error) != nullptr;
    fail(trial, error.what(),
         error.report() ? std::make_shared<const ServerReport>(*error.report()) : nullptr);
  }
  Login& login = *trial.login;
  auto opened = std::make_unique<Connection>(context.reactor->event_loop(), std::move(login.stream),
                                             std::move(login.session), std::move(login.received),
                                             options.describe(), options.statement_cache_capacity,
                                             options.statement_mode);
  if (!trial.unsuitable.empty()) {
    opened->close("it is not the server that is wanted");
    fail(trial, std::string(trial.unsuitable));
  }
  opened->set_notice_handler(options.on_notice);
  opened->set_most_result_bytes(options.max_result_bytes);
  opened->set_round_trip(trial.round_trip);
  opened->set_origin(SessionOrigin(trial.endpoint, trial.destination.server,
                                   trial.encrypted ? Encryption::required : Encryption::none));
  co_return opened;
}

/// attempt(), and once more when what we named unasked was all that kept the server from it.
Task<std::unique_ptr<Connection>> attempt_with_or_without_limit(Trial& trial,
                                                                std::unique_ptr<net::Stream> stream,
                                                                Limit limit) {
  auto first = co_await as_attempt(attempt(trial, std::move(stream), limit));
  if (first) co_return std::move(first).value();
  if (!trial.with_idle_limit || !refuses_idle_limit(first.error()))
    std::rethrow_exception(first.thrown());
  trial.begin_without_idle_limit();
  co_return co_await attempt(trial, nullptr, limit);
}

// Might the server take us with, or without, TLS? 28000 is "no pg_hba.conf entry for ...", which
// names the encryption too; a wrong password is 28P01.
bool is_about_encryption(const Trial& trial, const Error& failure) {
  return dynamic_cast<const ConnectionError*>(&failure) != nullptr &&
         (trial.encryption_refused || failure.sqlstate() == "28000");
}

Onward after(const Trial& trial, const Error& failure) {
  if (!may_succeed_elsewhere(failure) || (trial.login && trial.login->refused()))
    return Onward::nothing;
  return trial.unsuitable.empty() ? Onward::next_address : Onward::next_server;
}

Task<Opened> open_at(net::Connected connected, const Destination& destination, Limit limit) {
  std::exception_ptr first_failure;
  Onward onward = Onward::nothing;
  for (const Encryption encryption : encryptions(destination.options, destination.server)) {
    Trial trial(connected.endpoint, encryption, destination);
    auto opened = co_await as_attempt(
        attempt_with_or_without_limit(trial, std::move(connected.stream), limit));
    if (opened) co_return Opened(std::move(opened).value());
    onward = after(trial, opened.error());
    const bool other_may_do = is_about_encryption(trial, opened.error());
    // Refused both ways: the first is what was wanted.
    if (!first_failure || !other_may_do) first_failure = opened.thrown();
    const bool tried_the_other =
        encryption == Encryption::if_offered && !trial.encrypted && !trial.encryption_refused;
    if (!other_may_do || tried_the_other) break;
  }
  co_return Opened(std::move(first_failure), onward);
}

/// Connects to one of the candidates, as net::connect_first() does.
Task<net::Connected> reach(std::vector<net::Endpoint>& candidates, const Destination& destination,
                           Limit limit) {
  std::string where = "connecting to " + place(destination.server, candidates.front());
  if (candidates.size() > 1) where += " and other addresses";
  const ConnectionOptions& options = destination.options;
  std::string problem;
  try {
    co_return co_await within(limit, net::connect_first(candidates, socket_options(options),
                                                        options.connection_attempt_delay));
  } catch (const TimeoutError&) {
    problem = no_answer(options);
  } catch (const ConnectionError& error) {
    problem = error.what();
  }
  throw ConnectionError(where + ": connecting: " + problem);
}

/// A moment from now; beyond a year the clock's range would end.
Limit after(milliseconds time) {
  constexpr std::chrono::hours longest{24 * 365};
  if (time <= milliseconds::zero()) return std::nullopt;
  return Clock::now() + std::min<milliseconds>(time, longest);
}

}  // namespace

bool may_succeed_elsewhere(const Error& failure) {
  return dynamic_cast<const ConnectionError*>(&failure) != nullptr &&
         dynamic_cast<const ConfigurationError*>(&failure) == nullptr &&
         dynamic_cast<const CredentialsError*>(&failure) == nullptr;
}

Task<Opened> open_among(std::vector<net::Endpoint> addresses, const Destination& destination) {
  const ConnectionOptions& options = destination.options;
  const milliseconds timeout = options.connect_timeout;
  const Limit end = after(2 * timeout);
  std::exception_ptr first_failure;
  while (!addresses.empty()) {
    // The last of them is begun this late, and has its time too.
    const milliseconds late = options.connection_attempt_delay * (addresses.size() - 1);
    const Limit limit = std::min(end, after(timeout + (end ? late : milliseconds::zero())));
    auto connected = co_await as_attempt(reach(addresses, destination, limit));
    if (!connected) {
      const auto onward =
          may_succeed_elsewhere(connected.error()) ? Onward::next_address : Onward::nothing;
      co_return Opened(first_failure ? first_failure : connected.thrown(), onward);
    }
    const Limit its_end = end ? Limit(connected.value().began + timeout) : std::nullopt;
    auto opened =
        co_await open_at(std::move(connected).value(), destination, std::min(end, its_end));
    if (opened.connection || opened.onward != Onward::next_address) co_return opened;
    if (!first_failure) first_failure = opened.failure;
    if (end && Clock::now() >= *end) break;
  }
  co_return Opened(std::move(first_failure), Onward::next_address);
}

}  // namespace pgreactor::connection
