#pragma once
#include <uv.h>

#include "src/reactor/file_descriptor.hpp"
#include "src/reactor/fork_count.hpp"
#include "src/reactor/stream.hpp"

namespace pgreactor::net {

class EventLoop;

/// A raw non-blocking socket. libuv only tells when it is ready; the sending and receiving is ours,
/// since measured that beats libuv's own streams. A listening socket is one too, with reports
/// alone. In a child made by fork() an inherited one fails with ESTALE and moves no byte; its end
/// closes the child's descriptor, which the parent and the peer do not notice.
class Socket final : public Stream {
 public:
  /// Owner  takes `descriptor`, a socket, non-blocking and close-on-exec. Throws std::runtime_error
  ///        when epoll does not take it.
  Socket(EventLoop& loop, FileDescriptor descriptor);
  ~Socket() override { close(); }

  IoResult receive(std::span<std::byte> into) noexcept override;
  IoResult send(Bytes bytes) noexcept override;
  /// Costs epoll calls when it changes what is watched, and nothing when it does not.
  void watch(StreamListener* listener, bool readable, bool writable) noexcept override;
  void close() noexcept override;
  int descriptor() const noexcept override { return descriptor_.get(); }

 private:
  static void on_poll(uv_poll_t* handle, int status, int events) noexcept;
  void poll_for(int events) noexcept;

  EventLoop& loop_;
  FileDescriptor descriptor_;
  const ForkMark mark_{};
  // Deletes itself a turn after uv_close(); its data is null from close() on.
  uv_poll_t* poll_;
  int watched_ = 0;  // UV_READABLE | UV_WRITABLE
  StreamListener* listener_ = nullptr;
};

}  // namespace pgreactor::net
