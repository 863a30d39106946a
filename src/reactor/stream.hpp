#pragma once
#include <cstddef>
#include <cstdint>
#include <pgreactor/vocabulary/bytes.hpp>
#include <span>
#include <string>

#include "src/reactor/system_error_text.hpp"

namespace pgreactor::net {

enum class IoStatus : std::uint8_t { done, would_block, end_of_stream, failed };

/// What one receive or send came to. `error` is an errno, set with `failed` alone.
struct IoResult {
  IoStatus status = IoStatus::done;
  std::size_t bytes = 0;
  int error = 0;
};

/// Told by the loop, on its thread, what a stream is ready for. Must not close the stream's
/// listener away from under itself other than through Stream::close().
class StreamListener {
 public:
  virtual void on_readable() noexcept = 0;
  virtual void on_writable() noexcept = 0;

 protected:
  ~StreamListener() = default;
};

/// An ordered stream of bytes to a peer: a raw non-blocking socket, or TLS over one.
/// Neither call blocks, and reading goes on whether or not writing is pending (P10).
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  /// One recv. After fewer bytes than `into` holds there is no more for now: no call that only
  /// learns that it would block.
  virtual IoResult receive(std::span<std::byte> into) noexcept = 0;
  /// Sends, without SIGPIPE. After fewer bytes than were given there is no room for now.
  virtual IoResult send(Bytes bytes) noexcept = 0;
  /// Reports to `listener` from the next turn on; false, false watches nothing.
  virtual void watch(StreamListener* listener, bool readable, bool writable) noexcept = 0;
  /// Ends it at once; no report comes after this. May be called more than once.
  virtual void close() noexcept = 0;
  /// What the error of a failed result means, as the end of a sentence.
  virtual std::string problem(int error) const { return system_error_text(error); }
  /// The file descriptor, for host loops; -1 once closed.
  virtual int descriptor() const noexcept = 0;
};

}  // namespace pgreactor::net
