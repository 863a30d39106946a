#pragma once
#include <cstddef>
#include <memory>
#include <pgreactor/reactor.hpp>
#include <pgreactor/task.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "tests/support/acceptor.hpp"
#include "tests/support/script.hpp"

namespace pgreactor::testing_support {

/// A PostgreSQL backend that follows a script, written on protocol/ and the reactor alone: a
/// mistake of src/connection cannot hide in it. Owner   ends before its reactor, on the loop
/// thread; BackendThread gives it one of its own.
class ScriptedBackend {
 public:
  /// Every connection follows `script`.
  ScriptedBackend(Reactor& reactor, const Script& script, Delivery delivery = Delivery::whole(),
                  Where where = Where::unix_socket);
  /// The n-th connection follows the n-th script; what comes after the last is a failure.
  ScriptedBackend(Reactor& reactor, std::vector<Script> scripts,
                  Delivery delivery = Delivery::whole(), Where where = Where::unix_socket);
  ScriptedBackend(const ScriptedBackend&) = delete;
  ScriptedBackend& operator=(const ScriptedBackend&) = delete;
  ~ScriptedBackend() { stop_.request_stop(); }

  const net::Endpoint& endpoint() const noexcept { return acceptor_.endpoint(); }
  /// As PGHOST and PGPORT.
  std::string host() const { return acceptor_.host(); }
  std::uint16_t port() const noexcept { return acceptor_.port(); }

  /// How the next connections get their bytes: one backend serves for all the ways to break a
  /// stream.
  void deliver(Delivery delivery) noexcept { shared_->delivery = delivery; }

  /// Connections accepted, and those that have ended.
  std::size_t accepted() const noexcept { return shared_->accepted; }
  std::size_t ended() const noexcept { return shared_->ended; }
  /// Resumes when `connections` have ended.
  Task<void> wait_for_end(std::size_t connections = 1);
  /// What did not go by the script, a sentence each. A cut is none.
  const std::vector<std::string>& failures() const noexcept { return shared_->failures; }

 private:
  // Ours; shared with the tasks that serve, which end a turn after us.
  struct Shared {
    std::vector<Script> scripts;
    bool repeats = false;
    Delivery delivery = Delivery::whole();
    std::size_t accepted = 0;
    std::size_t ended = 0;
    std::vector<std::string> failures;
  };
  class Served;
  static Task<void> serve(std::shared_ptr<Shared> shared, std::size_t number,
                          std::unique_ptr<net::Stream> stream);
  void on_accept(Reactor& reactor, std::unique_ptr<net::Stream> stream);

  std::stop_source stop_;
  std::shared_ptr<Shared> shared_;
  Acceptor acceptor_;
};

}  // namespace pgreactor::testing_support
