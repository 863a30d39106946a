#pragma once
#include <cstdint>

namespace pgreactor::bench {

class InMemoryServer;

/// From now on the calls of this process give the turn to this server; nullptr: to none.
void give_turns_to(InMemoryServer* server) noexcept;

/// What the client alone has cost.
struct ClientCost {
  std::uint64_t system_calls = 0;
  std::uint64_t allocations = 0;
};

/// Counts from its construction on, the server's turns left out; under callgrind it is only then
/// that instructions are collected.
class Measurement {
 public:
  Measurement();
  Measurement(const Measurement&) = delete;
  Measurement& operator=(const Measurement&) = delete;
  /// Stops collecting instructions.
  ~Measurement();

  ClientCost so_far() const noexcept;

 private:
  std::uint64_t system_calls_;
  std::uint64_t allocations_;
};

}  // namespace pgreactor::bench
