#include "tests/testing/raw_client.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cstring>

namespace {

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((number >> shift) & 255);
  return bytes;
}

std::uint32_t number_at(std::string_view bytes, std::size_t offset) {
  std::uint32_t number = 0;
  for (std::size_t i = offset; i < offset + 4 && i < bytes.size(); ++i)
    number = (number << 8) | static_cast<unsigned char>(bytes[i]);
  return number;
}

// The field 'M' of an ErrorResponse: type byte and a C string each.
std::string words_of(std::string_view body) {
  while (!body.empty() && body.front() != '\0') {
    const std::size_t end = std::min(body.find('\0'), body.size());
    if (body.front() == 'M') return "E" + std::string(body.substr(1, end - 1));
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return "E";
}

}  // namespace

RawClient::RawClient(const std::string& host, std::uint16_t port) {
  const bool local = host.starts_with('/');
  pgreactor::net::FileDescriptor made(
      ::socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{10, 0};
  ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  int status = -1;
  if (local) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = host + "/.s.PGSQL." + std::to_string(port);
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    status = ::connect(made.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    status = ::connect(made.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  if (status == 0) socket_ = std::move(made);
}

bool RawClient::send(std::string_view bytes) {
  return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

bool RawClient::receive(char* into, std::size_t size) {
  return ::recv(socket_.get(), into, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

RawClient::Message RawClient::next() {
  char header[5];
  if (!receive(header, sizeof header)) return {};
  const std::uint32_t length = number_at(std::string_view(header, sizeof header), 1);
  if (length < 4 || length > 1'000'000) return {};
  std::string body(length - 4, '\0');
  if (!body.empty() && !receive(body.data(), body.size())) return {};
  return {header[0], body};
}

char RawClient::ask_for_tls() {
  char answer = 0;
  send(big_endian(8) + big_endian(80877103));
  return receive(&answer, 1) ? answer : '\0';
}

std::string RawClient::start(const std::string& user, const std::string& database) {
  const std::string nul(1, '\0');
  const std::string body =
      big_endian(196608) + "user" + nul + user + nul + "database" + nul + database + nul + nul;
  send(big_endian(static_cast<std::uint32_t>(body.size() + 4)) + body);
  const Message message = next();
  if (message.type == 'E') return words_of(message.body);
  if (message.type != 'R') return "";
  const std::uint32_t code = number_at(message.body, 0);
  if (code != 0) return "R" + std::to_string(code);
  for (;;) {  // to ReadyForQuery; each receive is bounded in time
    const Message further = next();
    if (further.type == 'Z') return "R0";
    if (further.type == 'E') return words_of(further.body);
    if (further.type == 0) return "";
  }
}

std::string RawClient::query(const std::string& sql) {
  send("Q" + big_endian(static_cast<std::uint32_t>(sql.size() + 5)) + sql + '\0');
  std::string result;
  for (;;) {
    const Message message = next();
    if (message.type == 'Z') return result;
    if (message.type == 'E') result = words_of(message.body);
    if (message.type == 'D') {
      const std::uint32_t size = number_at(message.body, 2);
      if (!result.empty()) result += '\n';
      if (message.body.size() > 6) result += message.body.substr(6, size);
    }
    if (message.type == 0) return "hung up";
  }
}
