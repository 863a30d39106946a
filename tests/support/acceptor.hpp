#pragma once
#include <functional>
#include <memory>
#include <pgreactor/reactor.hpp>
#include <stop_token>
#include <string>

#include "src/reactor/listener.hpp"
#include "tests/support/local_address.hpp"

namespace pgreactor::testing_support {

/// Listens on an address of its own and hands each connection to a function, on the loop thread.
/// Owner   ends before its reactor, on the loop thread.
class Acceptor {
 public:
  using OnAccept = std::function<void(std::unique_ptr<net::Stream>)>;

  Acceptor(Reactor& reactor, Where where, const net::SocketOptions& options, OnAccept on_accept);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor() { stop_.request_stop(); }

  const net::Endpoint& endpoint() const noexcept { return shared_->listener.endpoint(); }
  std::string host() const { return shared_->address.host(); }
  std::uint16_t port() const noexcept;

 private:
  // Ours; shared with the accepting task, which ends a turn after us.
  struct Shared {
    Shared(Reactor& reactor, Where where, const net::SocketOptions& options, OnAccept function);
    LocalAddress address;
    net::Listener listener;
    OnAccept on_accept;
  };
  static Task<void> accept_all(std::shared_ptr<Shared> shared);

  std::stop_source stop_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace pgreactor::testing_support
