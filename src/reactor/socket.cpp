#include "src/reactor/socket.hpp"

#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <memory>
#include <utility>

#include "src/reactor/event_loop.hpp"
#include "src/reactor/uv_error.hpp"

namespace pgreactor::net {
namespace {

IoResult failure(int error) noexcept {
  if (error == EAGAIN || error == EWOULDBLOCK) return {IoStatus::would_block, 0, 0};
  return {IoStatus::failed, 0, error};
}

}  // namespace

Socket::Socket(EventLoop& loop, FileDescriptor descriptor)
    : loop_(loop), descriptor_(std::move(descriptor)) {
  auto poll = std::make_unique<uv_poll_t>();
  check_uv(uv_poll_init(&loop.uv(), poll.get(), descriptor_.get()), "uv_poll_init");
  poll_ = poll.release();
  poll_->data = this;
}

IoResult Socket::receive(std::span<std::byte> into) noexcept {
  assert(!into.empty());  // a recv of nothing returns 0, as at the end of the stream
  if (mark_.is_inherited()) [[unlikely]]
    return failure(ESTALE);
  ssize_t count;
  do {
    count = ::recv(descriptor_.get(), into.data(), into.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return failure(errno);
  if (count == 0) return {IoStatus::end_of_stream, 0, 0};
  return {IoStatus::done, static_cast<std::size_t>(count), 0};
}

IoResult Socket::send(Bytes bytes) noexcept {
  if (mark_.is_inherited()) [[unlikely]]
    return failure(ESTALE);
  ssize_t count;
  do {
    count = ::send(descriptor_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return failure(errno);
  return {IoStatus::done, static_cast<std::size_t>(count), 0};
}

void Socket::watch(StreamListener* listener, bool readable, bool writable) noexcept {
  const int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
  assert(listener != nullptr || events == 0);
  listener_ = listener;
  if (poll_ == nullptr || events == watched_) return;
  loop_.leave_parent();
  poll_for(events);
}

void Socket::poll_for(int events) noexcept {
  watched_ = events;
  [[maybe_unused]] const int status =
      events == 0 ? uv_poll_stop(poll_) : uv_poll_start(poll_, events, &Socket::on_poll);
  assert(status == 0);
}

void Socket::on_poll(uv_poll_t* handle, int status, int events) noexcept {
  auto& self = *static_cast<Socket*>(handle->data);
  if (status < 0) {
    // The socket has an error (POLLERR) and libuv has stopped watching. The listener learns it from
    // its next call, perhaps after bytes that arrived before: so go on, and report all it watches.
    events = self.watched_;
    self.poll_for(events);
  }
  if ((events & UV_READABLE) != 0) self.listener_->on_readable();
  // The listener may have closed or destroyed the socket; the handle stays until the turn ends.
  if ((events & UV_WRITABLE) != 0 && handle->data != nullptr && (self.watched_ & UV_WRITABLE) != 0)
    self.listener_->on_writable();
}

void Socket::close() noexcept {
  if (poll_ == nullptr) return;
  loop_.leave_parent();  // else the parent's epoll would forget the socket
  poll_->data = nullptr;
  // Takes the descriptor out of epoll at once, so that it can be closed at once.
  uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(poll_, nullptr)),
           [](uv_handle_t* closed) { delete reinterpret_cast<uv_poll_t*>(closed); });
  descriptor_.reset();
  watched_ = 0;
  listener_ = nullptr;
}

}  // namespace pgreactor::net
