#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "src/reactor/endpoint.hpp"

namespace pgreactor::testing_support {

/// An address of this machine that is free: nobody else's test can meet it.
enum class Where : std::uint8_t {
  unix_socket,  ///< a path in a folder of its own, removed at the end
  tcp,          ///< a port of 127.0.0.1 that the kernel chooses
};

/// Reserves the folder of a Unix socket; for TCP the port is known once somebody listens.
class LocalAddress {
 public:
  explicit LocalAddress(Where where);
  LocalAddress(const LocalAddress&) = delete;
  LocalAddress& operator=(const LocalAddress&) = delete;
  ~LocalAddress();

  /// What to listen on.
  net::Endpoint endpoint() const;
  /// What a client is told, as PGHOST: the folder, or 127.0.0.1.
  std::string host() const;
  /// PGPORT of the Unix socket; a client makes the path of it and the folder.
  static constexpr std::uint16_t unix_port = 5432;

 private:
  std::filesystem::path folder_;  // empty for TCP
};

}  // namespace pgreactor::testing_support
