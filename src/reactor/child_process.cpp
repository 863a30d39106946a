#include "src/reactor/child_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/reactor.hpp>
#include <utility>

#include "src/reactor/event_loop.hpp"
#include "src/reactor/system_error_text.hpp"
#include "src/reactor/uv_error.hpp"

namespace pgreactor::net {

namespace {

// As argv and envp: pointers into `texts`, then a null.
std::vector<char*> null_terminated(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::string describe(const ChildExit& how) {
  if (how.signal != 0) return "killed by signal " + std::to_string(how.signal);
  return "exit status " + std::to_string(how.status);
}

ChildOptions& ChildOptions::argument(std::string text) {
  arguments_.push_back(std::move(text));
  return *this;
}
ChildOptions& ChildOptions::variable(std::string_view name, std::string_view value) {
  environment_.push_back(std::string(name) + "=" + std::string(value));
  return *this;
}
ChildOptions& ChildOptions::directory(std::string path) {
  directory_ = std::move(path);
  return *this;
}
ChildOptions& ChildOptions::identity(uid_t uid, gid_t gid) {
  uid_ = uid;
  gid_ = gid;
  return *this;
}
ChildOptions& ChildOptions::input_from(int descriptor) {
  input_ = descriptor;
  return *this;
}
ChildOptions& ChildOptions::output_to(int descriptor) {
  output_ = descriptor;
  return *this;
}
ChildOptions& ChildOptions::capture_limit(std::size_t bytes) {
  capture_limit_ = bytes;
  return *this;
}
ChildOptions& ChildOptions::own_session() {
  own_session_ = true;
  return *this;
}
ChildOptions& ChildOptions::grace(std::chrono::milliseconds time) {
  grace_ = time;
  return *this;
}

FileDescriptor CapturedStream::open(EventLoop& loop, std::size_t limit) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw ChildError("pipe: " + system_error_text(errno));
  FileDescriptor write_end(ends[1]);
  descriptor_ = FileDescriptor(ends[0]);
  limit_ = limit;
  // uv_poll_init makes our end non-blocking; the child's must stay as programs expect it
  auto poll = std::make_unique<uv_poll_t>();
  check_uv(uv_poll_init(&loop.uv(), poll.get(), descriptor_.get()), "uv_poll_init");
  poll_ = poll.release();
  poll_->data = this;
  check_uv(uv_poll_start(poll_, UV_READABLE, &CapturedStream::on_poll), "uv_poll_start");
  return write_end;
}

void CapturedStream::on_poll(uv_poll_t* handle, int, int) noexcept {
  constexpr std::size_t rounds_per_turn = 16;  // a child that never stops must not hold the loop
  auto& self = *static_cast<CapturedStream*>(handle->data);
  if (!self.receive(rounds_per_turn)) self.close();
}

// False at the end of the stream, or when it cannot be read.
bool CapturedStream::receive(std::size_t rounds) noexcept {
  std::array<char, 16384> block;
  while (rounds-- > 0) {
    const ssize_t count = ::read(descriptor_.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (count == 0) return false;
    const auto received = static_cast<std::size_t>(count);
    const std::size_t kept = std::min(received, limit_ - text_.size());
    text_.append(block.data(), kept);
    truncated_ = truncated_ || kept < received;
  }
  return true;
}

void CapturedStream::drain() noexcept {
  constexpr std::size_t rounds_of_a_full_pipe = 64;  // 1 MiB, the largest size without privilege
  if (descriptor_) receive(rounds_of_a_full_pipe);
  close();
}

void CapturedStream::close() noexcept {
  if (poll_ != nullptr) {
    uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(poll_, nullptr)),
             [](uv_handle_t* closed) { delete reinterpret_cast<uv_poll_t*>(closed); });
  }
  descriptor_.reset();
}

ChildProcess::ChildProcess(EventLoop& loop, const ChildOptions& options)
    : own_session_(options.own_session_), grace_(options.grace_) {
  assert(options.arguments_.front().starts_with('/') && "programs are not searched for");
  const int status = spawn(loop, options);
  if (status == 0) {
    pid_ = process_->pid;
    return;
  }
  exit_.emplace();
  close();
  throw ChildError("cannot run " + options.arguments_.front() + ": " + uv_strerror(status));
}

int ChildProcess::spawn(EventLoop& loop, const ChildOptions& options) {
  std::vector<char*> arguments = null_terminated(options.arguments_);
  std::vector<char*> environment = null_terminated(options.environment_);

  FileDescriptor written_by_child[2];
  const auto stream = [](int descriptor) {
    uv_stdio_container_t given{};
    given.flags = descriptor < 0 ? UV_IGNORE : UV_INHERIT_FD;
    given.data.fd = descriptor;
    return given;
  };
  uv_stdio_container_t streams[3] = {stream(options.input_), stream(options.output_),
                                     stream(options.output_)};
  if (options.output_ < 0) {
    written_by_child[0] = output_.open(loop, options.capture_limit_);
    written_by_child[1] = error_output_.open(loop, options.capture_limit_);
    streams[1] = stream(written_by_child[0].get());
    streams[2] = stream(written_by_child[1].get());
  }

  uv_process_options_t request{};
  request.exit_cb = &ChildProcess::on_exit;
  request.file = arguments.front();
  request.args = arguments.data();
  request.env = environment.data();
  request.cwd = options.directory_.empty() ? nullptr : options.directory_.c_str();
  request.stdio_count = 3;
  request.stdio = streams;
  if (options.own_session_) request.flags |= UV_PROCESS_DETACHED;  // which is setsid()
  // libuv calls setgroups(0, NULL) with these. Who has no right to change identity needs no change.
  if (options.uid_ && (::geteuid() == 0 || *options.uid_ != ::geteuid())) {
    request.flags |= UV_PROCESS_SETUID | UV_PROCESS_SETGID;
    request.uid = *options.uid_;
    request.gid = options.gid_;
  }
  process_ = new uv_process_t{};
  process_->data = this;
  return uv_spawn(&loop.uv(), process_, &request);
}

ChildProcess::~ChildProcess() {
  assert(waiter_ == nullptr && "the child outlives those who wait for it");
  if (running()) {
    kill(SIGKILL);
    // Waited for here and now, since nobody promises that the loop runs again. libuv reaps in its
    // loop only, on this thread, so that the number is still this child's.
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  close();
}

void ChildProcess::close() noexcept {
  if (process_ == nullptr) return;
  // A handle that libuv refused was initialised nevertheless.
  uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(process_, nullptr)),
           [](uv_handle_t* closed) { delete reinterpret_cast<uv_process_t*>(closed); });
}

void ChildProcess::kill(int signal) noexcept {
  if (running()) ::kill(own_session_ ? -pid_ : pid_, signal);
}

void ChildProcess::on_exit(uv_process_t* handle, int64_t status, int signal) noexcept {
  auto& self = *static_cast<ChildProcess*>(handle->data);
  self.exit_ = ChildExit{static_cast<int>(status), signal};
  self.output_.drain();
  self.error_output_.drain();
  self.close();
  if (EndAwaiter* waiter = std::exchange(self.waiter_, nullptr)) waiter->finish();
}

void ChildProcess::EndAwaiter::start(EventLoop&) {
  if (!child_.running()) {
    finish();
    return;
  }
  assert(child_.waiter_ == nullptr && "one waiter at a time");
  child_.waiter_ = this;
}

void ChildProcess::EndAwaiter::abandon() noexcept {
  if (child_.waiter_ == this) child_.waiter_ = nullptr;
}

void ChildProcess::EndAwaiter::await_resume() const {
  if (stopped()) throw CancelledError("waiting for a child process: a stop was requested");
}

Task<ChildExit> ChildProcess::wait() {
  auto waited = co_await as_attempt(ended());
  if (!waited) {
    co_await terminate();
    waited.value();  // throws CancelledError
  }
  co_return exit();
}

Task<ChildExit> ChildProcess::terminate() {
  // A stop that was requested already would end every further wait at once: those of the ending
  // run in a context that has none.
  detail::TaskContext unstoppable = co_await detail::CurrentContext{};
  unstoppable.stop = {};
  Task<void> ending = end_within_grace();
  ending.frame().promise().set_context(&unstoppable);
  co_await std::move(ending);
  co_return exit();
}

Task<void> ChildProcess::end_within_grace() {
  kill(SIGTERM);
  const auto ended_itself = co_await as_attempt(with_timeout(grace_, ended()));
  if (ended_itself) co_return;
  kill(SIGKILL);
  co_await ended();
}

Task<ChildResult> run_child(ChildOptions options) {
  const detail::TaskContext& context = co_await detail::CurrentContext{};
  ChildProcess child(context.reactor->event_loop(), options);
  const ChildExit exit = co_await child.wait();
  co_return ChildResult{exit, child.output().text(), child.error_output().text(),
                        child.output().truncated() || child.error_output().truncated()};
}

}  // namespace pgreactor::net
