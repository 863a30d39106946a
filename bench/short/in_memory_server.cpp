#include "bench/short/in_memory_server.hpp"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "bench/canned/unix_listener.hpp"
#include "bench/short/interposition.hpp"

namespace pgreactor::bench {
namespace {

constexpr std::size_t receive_size = std::size_t{256} * 1024;
constexpr int backlog = 128;

}  // namespace

InMemoryServer::InMemoryServer() : received_(receive_size) {
  directory_ = (std::filesystem::temp_directory_path() / "pgreactor-short-XXXXXX").string();
  if (mkdtemp(directory_.data()) == nullptr) checked(-1, directory_.c_str());
  path_ = directory_ + "/.s.PGSQL.5432";
  listener_ = listen_on_unix(path_, backlog);
  give_turns_to(this);
}

InMemoryServer::~InMemoryServer() {
  give_turns_to(nullptr);
  unlink(path_.c_str());
  rmdir(directory_.c_str());
}

void InMemoryServer::on_connect(int client) {
  net::FileDescriptor accepted(
      accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted) return;  // it was another server that the client has connected to
  backends_.insert_or_assign(
      client, Backend{std::move(accepted), std::make_unique<CannedSession>(answers_)});
}

void InMemoryServer::on_send(int client) {
  const auto found = backends_.find(client);
  if (found == backends_.end()) return;
  Backend& backend = found->second;
  // Bounded: what the client has sent lies in the socket.
  for (;;) {
    const ssize_t count = read(backend.descriptor.get(), received_.data(), received_.size());
    if (count < 0 && errno != EAGAIN) std::abort();
    if (count <= 0) break;
    backend.session->feed(Bytes{received_}.first(static_cast<std::size_t>(count)));
    if (static_cast<std::size_t>(count) < received_.size()) break;
  }
  flush(backend);
}

void InMemoryServer::on_receive(int client) {
  const auto found = backends_.find(client);
  if (found != backends_.end() && !found->second.session->output().empty()) flush(found->second);
}

void InMemoryServer::flush(Backend& backend) {
  CannedOutput& output = backend.session->output();
  while (!output.empty()) {
    const Bytes next = output.front();
    const ssize_t count = write(backend.descriptor.get(), next.data(), next.size());
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) std::abort();
    output.consume(static_cast<std::size_t>(count));
  }
}

}  // namespace pgreactor::bench
