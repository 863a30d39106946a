#include "bench/canned/server_loop.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "bench/canned/unix_listener.hpp"

namespace pgreactor::bench {
namespace {

constexpr std::size_t receive_size = std::size_t{256} * 1024;
constexpr int backlog = 1024;

}  // namespace

ServerLoop::ServerLoop(const std::string& directory, std::uint16_t port)
    : epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")), received_(receive_size) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  watch(Watched::Kind::signals,
        net::FileDescriptor(checked(signalfd(-1, &ends, SFD_CLOEXEC), "signalfd")));
  listen_on_tcp(port);
  listen_on_unix(directory);
}

ServerLoop::~ServerLoop() {
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

ServerLoop::Watched& ServerLoop::watch(Watched::Kind kind, net::FileDescriptor descriptor) {
  auto& added = watched_.emplace_back(std::make_unique<Watched>(kind, std::move(descriptor)));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = added.get();
  checked(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, added->descriptor.get(), &event), "epoll_ctl");
  return *added;
}

void ServerLoop::listen_on_tcp(std::uint16_t port) {
  auto listener = stream_socket(AF_INET);
  const int on = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);  // the sockets API's own way
  socklen_t size = sizeof address;
  checked(bind(listener.get(), generic, size), "bind to 127.0.0.1");
  checked(listen(listener.get(), backlog), "listen");
  checked(getsockname(listener.get(), generic, &size), "getsockname");
  port_ = ntohs(address.sin_port);
  watch(Watched::Kind::tcp_listener, std::move(listener));
}

void ServerLoop::listen_on_unix(const std::string& directory) {
  const std::string path = fmt::format("{}/.s.PGSQL.{}", directory, port_);
  unlink(path.c_str());  // of a server that was killed; a living one has the TCP port
  auto listener = bench::listen_on_unix(path, backlog);
  unix_path_ = path;
  watch(Watched::Kind::unix_listener, std::move(listener));
}

void ServerLoop::end_with_stdin() {
  watch(Watched::Kind::standard_input,
        net::FileDescriptor(checked(dup(STDIN_FILENO), "standard input")));
}

void ServerLoop::run() {
  std::array<epoll_event, 64> events{};
  for (;;) {
    const int ready = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    if (ready < 0 && errno == EINTR) continue;
    checked(ready, "epoll_wait");
    for (int i = 0; i < ready; ++i)
      if (!handle(*static_cast<Watched*>(events[static_cast<std::size_t>(i)].data.ptr))) return;
  }
}

// False when the server is to end.
bool ServerLoop::handle(Watched& ready) {
  switch (ready.kind) {
    case Watched::Kind::session:
      if (!serve(ready)) forget(ready);
      return true;
    case Watched::Kind::unix_listener:
    case Watched::Kind::tcp_listener:
      accept_one(ready);
      return true;
    case Watched::Kind::signals:
      return false;
    case Watched::Kind::standard_input: {
      const ssize_t count = read(ready.descriptor.get(), received_.data(), received_.size());
      return count > 0 || (count < 0 && errno == EINTR);
    }
  }
  return false;
}

void ServerLoop::accept_one(const Watched& listener) {
  net::FileDescriptor accepted(
      accept4(listener.descriptor.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted) return;  // the frontend has gone, or there are too many: it learns it by itself
  if (listener.kind == Watched::Kind::tcp_listener) {
    const int on = 1;
    setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  watch(Watched::Kind::session, std::move(accepted)).session =
      std::make_unique<CannedSession>(answers_);
}

// False when the session is over.
bool ServerLoop::serve(Watched& client) {
  if (client.writes) return flush(client);
  const ssize_t count =
      recv(client.descriptor.get(), received_.data(), received_.size(), MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  client.session->feed(Bytes{received_}.first(static_cast<std::size_t>(count)));
  return flush(client);
}

bool ServerLoop::flush(Watched& client) {
  CannedOutput& output = client.session->output();
  bool waits = false;
  while (!output.empty() && !waits) {
    const Bytes next = output.front();
    const ssize_t count = send(client.descriptor.get(), next.data(), next.size(), MSG_NOSIGNAL);
    if (count >= 0)
      output.consume(static_cast<std::size_t>(count));
    else if (errno == EAGAIN)
      waits = true;
    else if (errno != EINTR)
      return false;
  }
  if (!waits && client.session->ended()) return false;
  if (waits == client.writes) return true;
  // Nothing is read while an answer waits: the frontend has to take it first.
  client.writes = waits;
  epoll_event event{};
  event.events = waits ? EPOLLOUT : EPOLLIN;
  event.data.ptr = &client;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, client.descriptor.get(), &event) == 0;
}

void ServerLoop::forget(const Watched& client) {
  std::erase_if(watched_, [&](const auto& watched) { return watched.get() == &client; });
}

}  // namespace pgreactor::bench
