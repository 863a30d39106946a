#pragma once
#include <sys/types.h>
#include <uv.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <pgreactor/error.hpp>
#include <pgreactor/task.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "src/reactor/file_descriptor.hpp"
#include "src/reactor/stoppable_wait.hpp"

namespace pgreactor::net {

class EventLoop;

/// A program could not be started: missing, not executable, no such directory, not allowed.
class ChildError : public Error {
 public:
  explicit ChildError(const std::string& message) : Error(message, Outcome::not_sent, true) {}
};

/// How a child ended: by itself with `status`, or by `signal` when that is not 0.
struct ChildExit {
  int status = 0;
  int signal = 0;
  bool succeeded() const noexcept { return status == 0 && signal == 0; }
};
/// "exit status 1" or "killed by signal 9".
std::string describe(const ChildExit& how);

/// What to run, as whom and with what. There is no shell and no search along PATH, and nothing of
/// our environment reaches the child but what variable() names (T5).
class ChildOptions {
 public:
  /// An absolute path; it is also argv[0].
  explicit ChildOptions(std::string program) : arguments_{std::move(program)} {}

  ChildOptions& argument(std::string text);
  template <class... Texts>
  ChildOptions& arguments(const Texts&... texts) {
    (argument(std::string(texts)), ...);
    return *this;
  }
  ChildOptions& variable(std::string_view name, std::string_view value);
  /// Where it starts; our own working directory unless given.
  ChildOptions& directory(std::string path);
  /// Whose rights it has. Needs root, unless it is who we are already; all supplementary groups are
  /// dropped.
  ChildOptions& identity(uid_t uid, gid_t gid);
  /// Standard input; /dev/null unless given. The descriptor stays the caller's, as in output_to.
  ChildOptions& input_from(int descriptor);
  /// Both output streams go here instead of being captured.
  ChildOptions& output_to(int descriptor);
  /// Captured are the first bytes of each stream, 64 KiB unless given; the rest is read and
  /// dropped.
  ChildOptions& capture_limit(std::size_t bytes);
  /// In a session and process group of its own, away from our terminal; kill() reaches the group.
  ChildOptions& own_session();
  /// Time between SIGTERM and SIGKILL; 5 s unless given.
  ChildOptions& grace(std::chrono::milliseconds time);

 private:
  friend class ChildProcess;
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::string directory_;
  std::optional<uid_t> uid_;
  gid_t gid_ = 0;
  int input_ = -1;
  int output_ = -1;
  std::size_t capture_limit_ = std::size_t{64} * 1024;
  bool own_session_ = false;
  std::chrono::milliseconds grace_ = std::chrono::seconds{5};
};

/// The first bytes that a child wrote to one stream.
class CapturedStream {
 public:
  CapturedStream() = default;
  CapturedStream(const CapturedStream&) = delete;
  CapturedStream& operator=(const CapturedStream&) = delete;
  ~CapturedStream() { close(); }

  /// Makes the pipe and gives the end that the child writes to.
  FileDescriptor open(EventLoop& loop, std::size_t limit);
  /// Takes what is left in the pipe, and ends. A grandchild may hold the pipe open for as long as
  /// it likes; what it writes later is not waited for.
  void drain() noexcept;
  void close() noexcept;

  const std::string& text() const noexcept { return text_; }
  bool truncated() const noexcept { return truncated_; }

 private:
  static void on_poll(uv_poll_t* handle, int status, int events) noexcept;
  bool receive(std::size_t rounds) noexcept;

  FileDescriptor descriptor_;
  uv_poll_t* poll_ = nullptr;
  std::size_t limit_ = 0;
  std::string text_;
  bool truncated_ = false;
};

/// A running program. It is always reaped: destroying this while it runs kills it with SIGKILL and
/// waits for its end.
/// Owner   the event loop outlives it.
class ChildProcess {
 public:
  /// Starts it. Errors  ChildError, with the system's reason, also when the program itself could
  /// not be executed.
  ChildProcess(EventLoop& loop, const ChildOptions& options);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// Not reused by the system while running().
  pid_t pid() const noexcept { return pid_; }
  bool running() const noexcept { return !exit_; }
  /// How it ended; it has.
  const ChildExit& exit() const noexcept { return *exit_; }
  /// Without effect when it has ended.
  void kill(int signal) noexcept;

  /// Waits for its end. Errors  after a stop CancelledError, once the child is gone: it gets
  /// SIGTERM, and SIGKILL when it is still there after the grace time.
  Task<ChildExit> wait();
  /// Ends it as a stop of wait() does, but returns; itself not to be stopped.
  Task<ChildExit> terminate();

  const CapturedStream& output() const noexcept { return output_; }
  const CapturedStream& error_output() const noexcept { return error_output_; }

  class EndAwaiter final : public StoppableWait {
   public:
    explicit EndAwaiter(ChildProcess& child) noexcept : child_(child) {}
    ~EndAwaiter() { abandon(); }
    void await_resume() const;

   private:
    friend class ChildProcess;
    void start(EventLoop& loop) override;
    void abandon() noexcept override;
    ChildProcess& child_;
  };
  class End {
   public:
    explicit End(ChildProcess& child) noexcept : child_(&child) {}
    EndAwaiter operator co_await() const noexcept { return EndAwaiter{*child_}; }

   private:
    ChildProcess* child_;
  };
  /// Waits for its end, by one waiter at a time. A stop leaves the child alone: CancelledError.
  [[nodiscard]] End ended() noexcept { return End{*this}; }

 private:
  static void on_exit(uv_process_t* handle, int64_t status, int signal) noexcept;
  int spawn(EventLoop& loop, const ChildOptions& options);
  Task<void> end_within_grace();
  void close() noexcept;

  uv_process_t* process_ = nullptr;
  pid_t pid_ = 0;
  bool own_session_;
  std::chrono::milliseconds grace_;
  std::optional<ChildExit> exit_;
  EndAwaiter* waiter_ = nullptr;
  CapturedStream output_;
  CapturedStream error_output_;
};

/// What run_child() gives: the end of the child and what it wrote, up to the limit.
struct ChildResult {
  ChildExit exit;
  std::string output;
  std::string error_output;
  bool truncated = false;
};

/// Runs a program to its end, whatever that is. Errors  as the constructor and wait().
Task<ChildResult> run_child(ChildOptions options);

}  // namespace pgreactor::net
