#pragma once
#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <pgreactor/detail/timer_entry.hpp>
#include <pgreactor/task.hpp>
#include <pgreactor/values/byte_buffer.hpp>
#include <string>
#include <vector>

#include "src/reactor/stream.hpp"
#include "src/reactor/tls_context.hpp"

namespace pgreactor::net {

class EventLoop;

/// TLS over another stream, from the client's side. OpenSSL sees no socket: what it wants to send
/// is collected and goes out in large sends, and a short receive ends a round of reading, so that
/// no call is made only to learn that it would block.
class TlsStream final : public Stream, private StreamListener {
 public:
  /// The handshake is still to come. `host` is named in it and, with verify_full, has to be in the
  /// server's certificate. Errors  ConfigurationError for a host that no certificate can name.
  TlsStream(EventLoop& loop, std::unique_ptr<Stream> raw, std::shared_ptr<TlsContext> context,
            const std::string& host);
  ~TlsStream() override { close(); }

  enum class Handshake : std::uint8_t { done, wants_reading, wants_writing };
  /// One step of it. Errors  ConnectionError with the reason alone.
  Handshake shake_hands();
  /// What to wait on between the steps.
  Stream& raw() noexcept { return *raw_; }
  /// The server's certificate as SCRAM binds to it (tls-server-end-point); empty where the
  /// certificate has no digest to do it with. Source  RFC 5929, section 4.1
  std::vector<std::byte> end_point() const;

  IoResult receive(std::span<std::byte> into) noexcept override;
  /// Takes nothing while the kernel has not taken what was sealed before. Otherwise seals and
  /// sends, `most_sealed` bytes at a time, for as long as the kernel takes all of it.
  IoResult send(Bytes bytes) noexcept override;
  void watch(StreamListener* listener, bool readable, bool writable) noexcept override;
  void close() noexcept override;
  int descriptor() const noexcept override { return raw_->descriptor(); }
  std::string problem(int error) const override;

 private:
  class Io;  // OpenSSL's way to `raw_`
  /// Reports in the loop's next turn what no socket will report: bytes that are already in here.
  class Wake final : public detail::TimerEntry {
   public:
    explicit Wake(TlsStream& stream) noexcept : TimerEntry(&Wake::on_due), stream_(stream) {}

   private:
    static void on_due(TimerEntry& entry) noexcept {
      static_cast<Wake&>(entry).stream_.on_readable();
    }
    TlsStream& stream_;
  };

  static int on_certificate_request(SSL* ssl, void* self) noexcept;
  void name_host();
  void check_host() const;
  void check_agreement() const;
  void on_readable() noexcept override;
  void on_writable() noexcept override;
  void watch_raw() noexcept;
  void wake_if_unread() noexcept;
  bool send_sealed() noexcept;

  static constexpr std::size_t most_sealed = 64 * 1024;  // bytes
  // In one receive(): records that carry no data must not hold the loop.
  static constexpr int most_raw_receives = 8;

  EventLoop& loop_;
  std::unique_ptr<Stream> raw_;
  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<SSL, FreeWith<SSL_free>> ssl_;
  ByteBuffer sealed_;     // for the kernel
  bool drained_ = false;  // the socket has no more for now
  bool ended_ = false;    // the peer sends no more
  bool unread_ = false;   // the last receive() left something, perhaps in here alone
  bool broken_ = false;   // OpenSSL is not to be asked again
  int raw_receives_ = 0;  // in this receive() or step of the handshake
  bool certificate_was_asked_ = false;
  // Of the socket, or EPROTO for one of TLS. What has arrived can be read after a send has failed.
  int receive_error_ = 0, send_error_ = 0;
  const std::string host_;
  std::string tls_problem_;
  StreamListener* listener_ = nullptr;
  bool readable_ = false, writable_ = false;  // what the listener waits for
  Wake wake_{*this};
};

/// Shakes hands over a stream that is connected, and whose peer has agreed to TLS or is expected to
/// (`direct`).
/// Errors  ConnectionError with the reason alone; CancelledError on a stop.
Task<std::unique_ptr<TlsStream>> start_tls(std::unique_ptr<Stream> raw,
                                           std::shared_ptr<TlsContext> context, std::string host);

}  // namespace pgreactor::net
