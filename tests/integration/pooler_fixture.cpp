#include "tests/integration/pooler_fixture.hpp"

#include <unistd.h>

#include <array>
#include <pgreactor/combinators.hpp>
#include <stdexcept>

#include "src/testing/server_programs.hpp"
#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

constexpr int port = 6432;  // names the socket, in a directory of its own

std::string configuration(PoolMode mode, int server_connections, const std::string& directory,
                          const testing::ThrowawayServer& server) {
  return "[databases]\n* = host=" + server.socket_directory() +
         " port=" + std::to_string(server.port()) +
         "\n[pgbouncer]\n"
         "listen_port = " +
         std::to_string(port) + "\nunix_socket_dir = " + directory +
         "\nauth_type = trust\n"
         "auth_file = " +
         directory +
         "/users.txt\npool_mode = " + (mode == PoolMode::session ? "session" : "transaction") +
         "\ndefault_pool_size = " + std::to_string(server_connections) + "\n";
}

}  // namespace

std::string find_pgbouncer() {
  const std::string debians = "/usr/sbin/pgbouncer";
  return ::access(debians.c_str(), X_OK) == 0 ? debians : testing::find_in_path("pgbouncer");
}

Pooler::Pooler(PoolMode mode, int server_connections, const testing::ThrowawayServer& server)
    : account_(testing::server_account()), directory_(testing::base_directory(account_), account_) {
  reactor_.run(with_timeout(patience, start(mode, server_connections, server)));
}

Task<void> Pooler::start(PoolMode mode, int server_connections,
                         const testing::ThrowawayServer& server) {
  const std::string& path = directory_.path();
  directory_.create_file("pgbouncer.ini", configuration(mode, server_connections, path, server));
  directory_.create_file("users.txt", "\"postgres\" \"\"\n");
  log_ = directory_.create_file("pgbouncer.log", "");
  directory_.hand_over();
  guard_.emplace(path, account_, directory_.lock());

  net::ChildOptions pgbouncer = testing::run_as(account_, find_pgbouncer());
  pgbouncer.argument(path + "/pgbouncer.ini");
  pgbouncer.output_to(log_.get()).directory("/").own_session();
  process_ = std::make_unique<net::ChildProcess>(reactor_.event_loop(), pgbouncer);
  guard_->watch(process_->pid());
  while (log().find("process up") == std::string::npos) {
    if (!process_->running()) throw std::runtime_error("PgBouncer did not start: " + log());
    co_await sleep_for(std::chrono::milliseconds(5));
  }
}

Pooler::~Pooler() {
  try {
    if (process_) reactor_.run(process_->terminate());
    reactor_.run(testing::remove_server_directory(directory_.path(), account_));
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
}

std::string Pooler::uri() const {
  return "postgresql://postgres@/postgres?host=" + directory_.path() +
         "&port=" + std::to_string(port);
}

std::string Pooler::log() const {
  std::string text;
  std::array<char, 4096> block;
  while (true) {
    const ssize_t count =
        ::pread(log_.get(), block.data(), block.size(), static_cast<off_t>(text.size()));
    if (count <= 0) return text;
    text.append(block.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace pgreactor::integration
