#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "tests/support/thread_sanitizer.hpp"

namespace pgreactor::testing_support {

/// ThreadSanitizer ends a child that starts one.
inline constexpr bool children_may_start_threads = PGREACTOR_THREAD_SANITIZER == 0;

/// Says what went wrong in a child, whose expectations nobody counts.
inline void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

/// A child made by fork() that runs `work` and ends without running anything of the parent's.
class Child {
 public:
  template <class F>
  explicit Child(F work) : pid_(::fork()) {
    if (pid_ < 0) throw std::runtime_error("fork() failed");
    if (pid_ == 0) ::_exit(run(work));
  }
  /// Whether it has ended; then see succeeded().
  bool has_ended() {
    if (!ended_) ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return ended_;
  }
  /// Waits for it. Its complaint is on stderr.
  bool succeeded() {
    if (!ended_) ended_ = ::waitpid(pid_, &status_, 0) == pid_;
    return ended_ && WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
  }

 private:
  template <class F>
  static int run(F& work) noexcept {
    constexpr unsigned longest_life = 30;  // seconds
    ::alarm(longest_life);
    try {
      work();
      return 0;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "in the child: %s\n", error.what());
      return 1;
    }
  }

  pid_t pid_;
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace pgreactor::testing_support
