#include "tests/support/acceptor.hpp"

#include <pgreactor/attempt.hpp>
#include <utility>

#include "src/reactor/event_loop.hpp"

namespace pgreactor::testing_support {

Acceptor::Shared::Shared(Reactor& reactor, Where where, const net::SocketOptions& options,
                         OnAccept function)
    : address(where),
      listener(reactor.event_loop(), address.endpoint(), options),
      on_accept(std::move(function)) {}

Acceptor::Acceptor(Reactor& reactor, Where where, const net::SocketOptions& options,
                   OnAccept on_accept)
    : shared_(std::make_shared<Shared>(reactor, where, options, std::move(on_accept))) {
  reactor.spawn(accept_all(shared_), stop_.get_token());
}

std::uint16_t Acceptor::port() const noexcept {
  return endpoint().is_unix() ? LocalAddress::unix_port : endpoint().port();
}

Task<void> Acceptor::accept_all(std::shared_ptr<Shared> shared) {
  const std::stop_token stop = (co_await detail::CurrentContext{}).stop;
  while (!stop.stop_requested()) {
    auto accepted = co_await as_attempt(shared->listener.accept());
    if (!accepted || stop.stop_requested()) break;
    shared->on_accept(std::move(accepted).value());
  }
}

}  // namespace pgreactor::testing_support
