#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/canned/canned_session.hpp"
#include "src/reactor/file_descriptor.hpp"

namespace pgreactor::bench {

/// The canned server within the client's own process and thread: it works when the client's calls
/// give it the turn (interposition.cpp), and has answered before they return. So no clock, other
/// process or scheduler has a say in what the client does.
/// Owner   one at a time; outlives the client.
/// Errors  std::system_error from the constructor. What fails later is our mistake and aborts.
class InMemoryServer {
 public:
  InMemoryServer();
  InMemoryServer(const InMemoryServer&) = delete;
  InMemoryServer& operator=(const InMemoryServer&) = delete;
  ~InMemoryServer();

  /// As PGHOST, with port 5432.
  const std::string& host() const noexcept { return directory_; }

  /// The client's descriptor has connected: accepts the other end.
  void on_connect(int client);
  /// The client has sent: reads all of it, and answers as far as the socket takes it.
  void on_send(int client);
  /// The client has received: goes on with what the socket did not take.
  void on_receive(int client);

 private:
  struct Backend {
    net::FileDescriptor descriptor;
    std::unique_ptr<CannedSession> session;
  };
  void flush(Backend& backend);

  CannedAnswers answers_;
  std::string directory_, path_;
  net::FileDescriptor listener_;
  std::map<int, Backend> backends_;  // by the client's descriptor
  std::vector<std::byte> received_;
};

}  // namespace pgreactor::bench
