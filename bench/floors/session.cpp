#include "bench/floors/session.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "bench/binary_row.hpp"
#include "bench/measured_program.hpp"

namespace pgreactor::bench {
namespace {

constexpr std::string_view statement = "s";
constexpr std::size_t receive_buffer = 256 * 1024;  // more than a socket holds by default
constexpr std::uint32_t protocol_version = 0x0003'0000;

[[noreturn]] void system_failure(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

int connect_to(int family, const sockaddr* address, socklen_t size) {
  const int made = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) system_failure("socket");
  if (::connect(made, address, size) != 0) {
    const int error = errno;
    ::close(made);
    errno = error;
    system_failure("connect");
  }
  return made;
}

int connect_in_folder(const std::string& folder, const std::string& port) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + "/.s.PGSQL." + port;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("PGHOST is too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

int connect_to_host(const std::string& host, const std::string& port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
    throw std::runtime_error(host + ": " + gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &freeaddrinfo);
  const int made = connect_to(found->ai_family, found->ai_addr, found->ai_addrlen);
  const int on = 1;
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return made;
}

int connect_as_environment_says() {
  if (environment("PGSSLMODE", "disable") == "require")
    throw std::runtime_error("a floor has no TLS: PGSSLMODE=disable");
  const std::string host = environment("PGHOST", "/var/run/postgresql");
  const std::string port = environment("PGPORT", "5432");
  return host.starts_with('/') ? connect_in_folder(host, port) : connect_to_host(host, port);
}

// ErrorResponse is a list of fields, each a letter, a text and a zero byte; M is the message.
std::string message_of(std::string_view error_body) {
  for (std::size_t at = 0; at < error_body.size() && error_body[at] != '\0';) {
    const std::string_view value(error_body.data() + at + 1);
    if (error_body[at] == 'M') return std::string(value);
    at += value.size() + 2;
  }
  return "an error without a message";
}

}  // namespace

FrontendMessage& FrontendMessage::text(std::string_view value) {
  bytes_.append(value).push_back('\0');
  return *this;
}
FrontendMessage& FrontendMessage::u16(std::uint16_t value) {
  char bytes[sizeof value];
  store(bytes, value);
  return raw({bytes, sizeof bytes});
}
FrontendMessage& FrontendMessage::u32(std::uint32_t value) {
  char bytes[sizeof value];
  store(bytes, value);
  return raw({bytes, sizeof bytes});
}
FrontendMessage& FrontendMessage::raw(std::string_view value) {
  bytes_.append(value);
  return *this;
}
std::string FrontendMessage::bytes() const {
  std::string framed = bytes_;
  store(framed.data() + 1, static_cast<std::uint32_t>(framed.size() - 1));
  return framed;
}

// Bind: portal\0 statement\0  n format[n]  n (length value)[n]  n format[n]
// Execute: portal\0  most rows (u32)
std::string bind_and_execute() {
  return FrontendMessage('B').text("").text(statement).u16(0).u16(0).u16(1).u16(1).bytes() +
         FrontendMessage('E').text("").u32(0).bytes();
}
std::string bind_and_execute(std::int32_t parameter) {
  FrontendMessage bind('B');
  bind.text("").text(statement).u16(1).u16(1).u16(1).u32(sizeof parameter);
  bind.u32(static_cast<std::uint32_t>(parameter)).u16(1).u16(1);
  return bind.bytes() + FrontendMessage('E').text("").u32(0).bytes();
}
std::string sync_message() { return FrontendMessage('S').bytes(); }

void MessageWalk::begin_body(const char* header) {
  type_ = *header;
  const std::uint32_t length = load<std::uint32_t>(header + 1);
  if (length < sizeof length) throw std::runtime_error("a message is shorter than its length");
  body_ = length - sizeof length;
  if (type_ == 'E') throw std::runtime_error("the server answered with an error");
}

Session::Session() : socket_(connect_as_environment_says()), buffer_(receive_buffer) {
  try {
    start();
  } catch (...) {
    ::close(socket_);
    throw;
  }
}
Session::Session(Session&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}
Session::~Session() {
  if (socket_ < 0) return;
  constexpr std::string_view terminate("X\0\0\0\4", 5);
  static_cast<void>(::send(socket_, terminate.data(), terminate.size(), MSG_NOSIGNAL));
  ::close(socket_);
}

void Session::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) system_failure("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::span<const char> Session::receive(int flags) {
  const ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), flags);
  if (got == 0) throw std::runtime_error("the server closed the connection");
  if (got < 0 && errno != EAGAIN) system_failure("recv");
  return {buffer_.data(), got < 0 ? 0 : static_cast<std::size_t>(got)};
}

void Session::read_exactly(char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket_, to, size, 0);
    if (got == 0) throw std::runtime_error("the server closed the connection");
    if (got < 0) system_failure("recv");
    to += got;
    size -= static_cast<std::size_t>(got);
  }
}

std::string Session::read_until(char type) {
  for (;;) {
    char header[5];
    read_exactly(header, sizeof header);
    const std::uint32_t length = load<std::uint32_t>(header + 1);
    if (length < sizeof length || length > receive_buffer)
      throw std::runtime_error("a message has an impossible length");
    std::string body(length - sizeof length, '\0');
    read_exactly(body.data(), body.size());
    if (header[0] == 'E') throw std::runtime_error("the server says: " + message_of(body));
    if (header[0] == 'R' && load<std::uint32_t>(body.data()) != 0)
      throw std::runtime_error("the server wants a password, and a floor has none");
    if (header[0] == type) return body;
  }
}

void Session::start() {
  // StartupMessage has no type byte.
  FrontendMessage startup('\0');
  startup.u32(protocol_version).text("user").text(environment("PGUSER", "postgres"));
  startup.text("database").text(environment("PGDATABASE", "postgres")).raw({"", 1});
  const std::string framed = startup.bytes();
  send(std::string_view(framed).substr(1));
  static_cast<void>(read_until('Z'));
}

void Session::prepare(std::string_view sql) {
  send(FrontendMessage('P').text(statement).text(sql).u16(0).bytes() + sync_message());
  static_cast<void>(read_until('Z'));
}

void Session::query_until(std::string_view sql, char type) {
  send(FrontendMessage('Q').text(sql).bytes());
  static_cast<void>(read_until(type));
}

}  // namespace pgreactor::bench
