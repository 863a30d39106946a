#include "src/testing/installation.hpp"

#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <pgreactor/combinators.hpp>
#include <string_view>
#include <utility>

#include "src/reactor/system_error_text.hpp"
#include "src/testing/postmaster_file.hpp"
#include "src/testing/server_certificate.hpp"
#include "src/testing/server_configuration.hpp"
#include "src/testing/server_programs.hpp"
#include "src/testing/server_template.hpp"

namespace pgreactor::testing {
namespace {

using namespace std::chrono_literals;
using Reason = ServerSetupError::Reason;

// A port of the loopback interface that is free now; the server may find it taken a moment later.
std::uint16_t free_port() {
  const net::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), generic, size) != 0 || ::getsockname(socket.get(), generic, &size) != 0)
    throw ServerSetupError(Reason::failed,
                           "no free port of 127.0.0.1: " + net::system_error_text(errno));
  return ntohs(address.sin_port);
}

// A file without a name for a child's standard input: a password must not stand in a directory.
net::FileDescriptor input_of(const std::string& text) {
  net::FileDescriptor file(::memfd_create("statements", MFD_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::lseek(file.get(), 0, SEEK_SET) != 0)
    throw ServerSetupError(Reason::failed, "memfd: " + net::system_error_text(errno));
  return file;
}

std::string last_lines(const std::string& text, int lines) {
  std::size_t begin = text.size();
  while (begin > 0 && lines-- >= 0) {
    const std::size_t line = text.rfind('\n', begin - 1);
    begin = line == std::string::npos ? 0 : line;
  }
  return text.substr(begin);
}

Task<void> pass() { co_await sleep_for(0ms); }

}  // namespace

ThrowawayServer::Installation::~Installation() {
  try {
    reactor_.run(stop_within_deadlines(StopMode::immediate));
    if (directory_) reactor_.run(remove_server_directory(directory_->path(), account_));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pgreactor: a throw-away server is left to the next start: %s\n",
                 error.what());
  }
}

bool ThrowawayServer::Installation::made_by_this_process() const noexcept {
  return made_by_ == ::getpid();
}

void ThrowawayServer::Installation::run_start(Task<void> steps) {
  try {
    reactor_.run(with_timeout(options_.start_timeout(), std::move(steps)));
  } catch (const ServerSetupError&) {
    throw;
  } catch (const std::exception& error) {
    throw ServerSetupError(Reason::failed, std::string(step_) + ": " + error.what());
  }
}

void ThrowawayServer::Installation::set_up() {
  check_options(options_);
  made_by_ = ::getpid();
  account_ = server_account();
  base_ = base_directory(account_);
  run_start(install());
}

Task<void> ThrowawayServer::Installation::install() {
  step_ = "looking for PostgreSQL's programs";
  programs_ = co_await find_server_programs(options_, account_);
  step_ = "removing left-over servers";
  co_await sweep_left_over_servers(base_, account_);

  step_ = "reading the certificates";
  const auto certificates = read_given_certificates(options_);
  step_ = "writing the server's configuration";
  directory_.emplace(base_, account_);
  const std::string& path = directory_->path();
  directory_->create_file("postgresql.conf", server_settings(options_, path));
  directory_->create_file("pg_hba.conf", client_authentication(options_));
  log_ = directory_->create_file("server.log", "");
  for (const auto& [name, content] : certificates) directory_->create_file(name, content);
  directory_->hand_over();
  guard_.emplace(path, account_, directory_->lock());

  step_ = "making the database cluster";
  co_await make_cluster(account_, programs_, base_, directory_->data());
  step_ = "making the user and the database";
  co_await make_user_and_database();
  step_ = "making the certificate";
  if (options_.tls_offer() != TlsOffer::none && options_.tls_certificate_file().empty())
    co_await make_certificate(account_, path);
  co_await start();
}

Task<void> ThrowawayServer::Installation::make_user_and_database() {
  const std::string statements = first_statements(options_);
  if (statements.empty()) co_return;
  const net::FileDescriptor input = input_of(statements);
  net::ChildOptions postgres = run_program(account_, programs_, "postgres");
  postgres.arguments("--single", "-D", directory_->data());
  postgres.arguments("-c", "exit_on_error=on", "-c", "fsync=off");
  postgres.arguments("-c", "shared_memory_type=mmap", "-c", "dynamic_shared_memory_type=mmap");
  const std::string encryption =
      "password_encryption=" + std::string(password_encryption(options_));
  postgres.arguments("-c", encryption);
  postgres.arguments("-c", "log_min_error_statement=panic");  // a statement holds the password
  postgres.argument("postgres").input_from(input.get()).directory("/");
  const net::ChildResult result = co_await net::run_child(postgres);
  if (!result.exit.succeeded())
    throw ServerSetupError(Reason::failed, std::string(step_) + ": " + describe(result.exit) +
                                               last_lines(result.error_output, 10));
}

Task<void> ThrowawayServer::Installation::start() {
  constexpr int most_ports = 10;
  step_ = "starting the server";
  int ports_tried = 0;
  for (;;) {  // ends with the deadline of the start
    if (options_.has_tcp() && !port_is_known_) port_ = free_port();
    switch (co_await start_once()) {
      case Start::ready:
        port_is_known_ = true;
        co_return;
      case Start::port_taken:
        if (port_is_known_ || ++ports_tried == most_ports) throw_failed_start();
        break;
      case Start::memory_in_use:
        co_await sleep_for(50ms);
        break;
      case Start::failed:
        throw_failed_start();
    }
  }
}

Task<ThrowawayServer::Installation::Start> ThrowawayServer::Installation::start_once() {
  struct stat log{};
  ::fstat(log_.get(), &log);
  start_of_log_ = log.st_size;
  net::ChildOptions postgres = run_program(account_, programs_, "postgres");
  postgres.arguments("-D", directory_->data(), "-p", std::to_string(port_));
  postgres.arguments("-c", "config_file=" + directory_->path() + "/postgresql.conf");
  postgres.output_to(log_.get()).directory("/").own_session();
  postmaster_ = std::make_unique<net::ChildProcess>(reactor_.event_loop(), postgres);
  guard_->watch(postmaster_->pid());

  while (postmaster_->running()) {
    const auto file = read_postmaster_file(directory_->data());
    // that of a server that was killed stays until the next one replaces it
    if (file && file->pid == postmaster_->pid() && file->ready) co_return Start::ready;
    co_await sleep_for(5ms);
  }
  guard_->watch(0);
  const std::string text = log_since(start_of_log_, 1 << 20);
  const auto logged = [&](std::string_view words) { return text.find(words) != text.npos; };
  if (logged("could not create any TCP/IP sockets")) co_return Start::port_taken;
  // backends of a server that was killed need a moment to notice
  if (logged("pre-existing shared memory block")) co_return Start::memory_in_use;
  co_return Start::failed;
}

void ThrowawayServer::Installation::throw_failed_start() const {
  throw ServerSetupError(
      Reason::failed, "the server did not start: " + describe(postmaster_->exit()) +
                          ", its log ends:\n" + last_lines(log_since(start_of_log_, 1 << 20), 10));
}

Task<bool> ThrowawayServer::Installation::ended_within(std::chrono::milliseconds time) {
  const auto ended = co_await as_attempt(with_timeout(time, postmaster_->ended()));
  co_return static_cast<bool>(ended);
}

// From the mode that was asked for down to SIGKILL, each with a deadline.
Task<void> ThrowawayServer::Installation::stop_within_deadlines(StopMode mode) {
  struct Step {
    StopMode mode;
    int signal;
    std::chrono::seconds deadline;
  };
  constexpr Step steps[] = {{StopMode::smart, SIGTERM, 60s},
                            {StopMode::fast, SIGINT, 60s},
                            {StopMode::immediate, SIGQUIT, 10s}};
  if (postmaster_ == nullptr || !postmaster_->running()) co_return;
  bool ended = false;
  for (const Step& step : steps) {
    if (ended || step.mode < mode) continue;
    postmaster_->kill(step.signal);
    postmaster_->kill(SIGCONT);  // a stopped process acts on nothing else
    ended = co_await ended_within(step.deadline);
  }
  if (!ended) {
    postmaster_->kill(SIGKILL);
    co_await postmaster_->ended();
  }
  guard_->watch(0);
}

void ThrowawayServer::Installation::stop(StopMode mode) {
  reactor_.run(stop_within_deadlines(mode));
}

void ThrowawayServer::Installation::restart(StopMode mode) {
  stop(mode);
  run_start(start());
}

void ThrowawayServer::Installation::kill(int signal) {
  if (pid() == 0) return;
  postmaster_->kill(signal);
  if (signal != SIGKILL) return;
  static_cast<void>(reactor_.run(ended_within(10s)));
  if (!postmaster_->running()) guard_->watch(0);
}

pid_t ThrowawayServer::Installation::pid() {
  reactor_.run(pass());  // a turn of the loop, in which an end is noticed
  if (postmaster_ == nullptr || !postmaster_->running()) return 0;
  return postmaster_->pid();
}

std::string ThrowawayServer::Installation::log_since(std::int64_t offset, std::int64_t most) const {
  struct stat file{};
  if (::fstat(log_.get(), &file) != 0) return {};
  offset = std::max(offset, file.st_size - most);
  std::string text(static_cast<std::size_t>(file.st_size - offset), '\0');
  const ssize_t count = ::pread(log_.get(), text.data(), text.size(), offset);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  return text;
}

}  // namespace pgreactor::testing
