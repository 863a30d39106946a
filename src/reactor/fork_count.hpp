#pragma once
#include <atomic>
#include <cstdint>

namespace pgreactor::net {

inline std::atomic<std::uint32_t> forks_counted{0};

/// How many forks lie between this process and the one that counted first. Whoever notes it when it
/// gets a descriptor sees by another number that it is a child's copy now, at the cost of a load;
/// asking for the process's number would be a system call.
inline std::uint32_t fork_count() noexcept { return forks_counted.load(std::memory_order_relaxed); }

/// Begins to count, if nobody has. Every event loop does; vfork and posix_spawn do not count, for
/// they end in another program.
/// Errors  std::bad_alloc.
void count_forks();

/// The number of forks when this was made.
class ForkMark {
 public:
  /// Was the process forked since, so that what this is part of belongs to the parent?
  bool is_inherited() const noexcept { return count_ != fork_count(); }
  /// It is this process's own now.
  void renew() noexcept { count_ = fork_count(); }

 private:
  std::uint32_t count_ = fork_count();
};

}  // namespace pgreactor::net
