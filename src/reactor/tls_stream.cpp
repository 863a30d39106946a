#include "src/reactor/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/reactor.hpp>
#include <utility>

#include "src/reactor/endpoint.hpp"
#include "src/reactor/event_loop.hpp"
#include "src/reactor/stream_wait.hpp"
#include "src/reactor/system_error_text.hpp"

namespace pgreactor::net {
namespace {

// As the wire has it: a length and the name (PostgreSQL's, since 17).
constexpr std::array<unsigned char, 11> application_protocol{10,  'p', 'o', 's', 't', 'g',
                                                             'r', 'e', 's', 'q', 'l'};

bool is_address(const std::string& host) { return Endpoint::numeric(host, 0).has_value(); }

// "db.example.com." is the same name as without the dot, and certificates and SNI have none.
std::string without_root_dot(const std::string& host) {
  return host.size() > 1 && host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

// What SSL_set_tlsext_host_name() is, without its C cast: OpenSSL copies the text.
bool set_server_name(SSL* ssl, const std::string& host) noexcept {
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                  const_cast<char*>(host.c_str())) == 1;
}

}  // namespace

// A BIO whose bytes come from, and go to, a TlsStream.
class TlsStream::Io {
 public:
  static BIO* make(TlsStream& stream) {
    static BIO_METHOD* const method = make_method();
    BIO* const made = method == nullptr ? nullptr : BIO_new(method);
    if (made == nullptr) throw std::bad_alloc();
    BIO_set_data(made, &stream);
    BIO_set_init(made, 1);
    return made;
  }

 private:
  static BIO_METHOD* make_method() {
    BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    if (method == nullptr) return nullptr;
    BIO_meth_set_read_ex(method, &Io::read);
    BIO_meth_set_write_ex(method, &Io::write);
    BIO_meth_set_ctrl(method, &Io::control);
    return method;
  }
  static TlsStream& stream_of(BIO* bio) noexcept {
    return *static_cast<TlsStream*>(BIO_get_data(bio));
  }

  static int read(BIO* bio, char* into, std::size_t size, std::size_t* count) noexcept {
    TlsStream& self = stream_of(bio);
    BIO_clear_retry_flags(bio);
    *count = 0;
    if (self.ended_ || size == 0) return 0;
    IoResult got{IoStatus::would_block, 0, 0};
    if (self.raw_receives_ == most_raw_receives) {
      self.unread_ = true;
    } else if (!self.drained_) {
      ++self.raw_receives_;
      got = self.raw_->receive(std::as_writable_bytes(std::span(into, size)));
    }
    switch (got.status) {
      case IoStatus::done:
        self.drained_ = got.bytes < size;
        *count = got.bytes;
        return 1;
      case IoStatus::would_block:
        self.drained_ = true;
        BIO_set_retry_read(bio);
        return 0;
      case IoStatus::end_of_stream:
        self.ended_ = true;
        return 0;
      case IoStatus::failed:
        self.receive_error_ = got.error;
        return 0;
    }
    return 0;
  }
  static int write(BIO* bio, const char* from, std::size_t size, std::size_t* count) noexcept {
    TlsStream& self = stream_of(bio);
    BIO_clear_retry_flags(bio);
    // A peer that asks for answers without reading them, as with KeyUpdate.
    if (self.sealed_.size() > 2 * most_sealed) {
      self.send_error_ = EPROTO;
      return 0;
    }
    try {
      self.sealed_.append(from, size);
    } catch (const std::bad_alloc&) {
      self.send_error_ = ENOMEM;
      return 0;
    }
    *count = size;
    return 1;
  }
  static long control(BIO* bio, int command, long, void*) noexcept {
    if (command == BIO_CTRL_EOF) return stream_of(bio).ended_ ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
};

TlsStream::TlsStream(EventLoop& loop, std::unique_ptr<Stream> raw,
                     std::shared_ptr<TlsContext> context, const std::string& host)
    : loop_(loop),
      raw_(std::move(raw)),
      context_(std::move(context)),
      ssl_(SSL_new(context_->get())),
      host_(without_root_dot(host)) {
  if (ssl_ == nullptr) throw std::bad_alloc();
  BIO* const io = Io::make(*this);
  SSL_set_bio(ssl_.get(), io, io);
  SSL_set_connect_state(ssl_.get());
  SSL_set_cert_cb(ssl_.get(), &TlsStream::on_certificate_request, this);
  name_host();
  if (SSL_set_alpn_protos(ssl_.get(), application_protocol.data(),
                          static_cast<unsigned>(application_protocol.size())) != 0)
    throw std::bad_alloc();
}

int TlsStream::on_certificate_request(SSL*, void* self) noexcept {
  static_cast<TlsStream*>(self)->certificate_was_asked_ = true;
  return 1;
}

void TlsStream::name_host() {
  if (context_->mode() == SslMode::verify_full && host_.empty())
    throw ConfigurationError("sslmode",
                             "connection options: sslmode: verify-full needs a host's name or "
                             "address to compare the certificate with");
  if (host_.empty() || is_address(host_) || !context_->options().server_name) return;
  if (!set_server_name(ssl_.get(), host_))
    throw ConnectionError("a host's name that cannot be sent: sslsni=0 leaves it out");
}

// Here and not while the chain is verified: OpenSSL would take the common name where there are
// alternative names of another kind alone (A15).
void TlsStream::check_host() const {
  if (context_->mode() != SslMode::verify_full) return;
  const std::unique_ptr<X509, FreeWith<X509_free>> certificate(
      SSL_get1_peer_certificate(ssl_.get()));
  bool named = false;
  if (certificate != nullptr) {
    X509* const shown = certificate.get();
    const bool alternatives = X509_get_ext_by_NID(shown, NID_subject_alt_name, -1) >= 0;
    const unsigned flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                           (alternatives ? X509_CHECK_FLAG_NEVER_CHECK_SUBJECT : 0U);
    const std::string without_zone = host_.substr(0, host_.find('%'));  // fe80::1%eth0
    named = (is_address(host_)
                 ? X509_check_ip_asc(shown, without_zone.c_str(), flags)
                 : X509_check_host(shown, host_.data(), host_.size(), flags, nullptr)) == 1;
  }
  if (!named)
    throw ConnectionError("the server's certificate is refused: it does not name \"" + host_ +
                          "\"");
}

void TlsStream::check_agreement() const {
  check_host();
  if (context_->options().client_certificate == ClientCertificate::require &&
      !certificate_was_asked_)
    throw ConnectionError("the server does not ask for a certificate, and sslcertmode demands it");
  if (context_->options().negotiation != SslNegotiation::direct) return;
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  if (size == 0) throw ConnectionError("the server does not speak PostgreSQL over direct TLS");
}

TlsStream::Handshake TlsStream::shake_hands() {
  drained_ = false;
  raw_receives_ = 0;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  const int why = SSL_get_error(ssl_.get(), result);
  const int first = ERR_GET_REASON(ERR_peek_error());
  const std::string reason = result == 1 ? "" : take_tls_error("the handshake failed");
  send_sealed();  // an alert says to the server what was wrong
  if (result == 1 || why == SSL_ERROR_WANT_READ) {
    if (send_error_ != 0) throw ConnectionError(problem(send_error_));
    if (result == 1) check_agreement();
    if (!sealed_.empty()) return Handshake::wants_writing;
    return result == 1 ? Handshake::done : Handshake::wants_reading;
  }
  broken_ = true;
  if (first == SSL_R_CERTIFICATE_VERIFY_FAILED)
    throw ConnectionError(std::string("the server's certificate is refused: ") +
                          X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get())));
  if (receive_error_ != 0) throw ConnectionError(system_error_text(receive_error_));
  if (ended_) throw ConnectionError("the server closed the connection");
  // A server of another protocol, or somebody between us and ours (A1).
  if (first == SSL_R_WRONG_VERSION_NUMBER)
    throw ConnectionError("what the server answers is not TLS");
  throw ConnectionError(reason);
}

std::vector<std::byte> TlsStream::end_point() const {
  const std::unique_ptr<X509, FreeWith<X509_free>> certificate(
      SSL_get1_peer_certificate(ssl_.get()));
  int digest_id = NID_undef;
  if (certificate == nullptr ||
      X509_get_signature_info(certificate.get(), &digest_id, nullptr, nullptr, nullptr) != 1)
    return {};
  if (digest_id == NID_md5 || digest_id == NID_sha1) digest_id = NID_sha256;
  const EVP_MD* const digest = EVP_get_digestbynid(digest_id);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  if (digest == nullptr || X509_digest(certificate.get(), digest, bytes.data(), &size) != 1)
    return {};
  const auto all = std::as_bytes(std::span(bytes)).first(size);
  return {all.begin(), all.end()};
}

// A record holds up to 16 KiB: as many as there are and fit, for one answer.
IoResult TlsStream::receive(std::span<std::byte> into) noexcept {
  if (receive_error_ != 0) return {IoStatus::failed, 0, receive_error_};
  if (broken_) return {IoStatus::end_of_stream, 0, 0};
  drained_ = unread_ = false;
  raw_receives_ = 0;
  std::size_t total = 0;
  while (total < into.size()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &count);
    total += count;
    if (result == 1) continue;
    const int why = SSL_get_error(ssl_.get(), result);
    if (why == SSL_ERROR_WANT_READ) break;
    // The bytes before it are given first; the next call tells what ended them.
    broken_ = true;
    if (receive_error_ == 0 && why != SSL_ERROR_ZERO_RETURN && !ended_) {
      try {
        tls_problem_ = "TLS: " + take_tls_error("the connection is broken");
      } catch (const std::bad_alloc&) {
        tls_problem_.clear();  // then in the system's words
      }
      receive_error_ = EPROTO;
    }
    break;
  }
  send_sealed();  // the answer to a KeyUpdate
  unread_ = unread_ || total == into.size();
  wake_if_unread();
  if (total != 0) return {IoStatus::done, total, 0};
  if (receive_error_ != 0) return {IoStatus::failed, 0, receive_error_};
  return {broken_ ? IoStatus::end_of_stream : IoStatus::would_block, 0, 0};
}

IoResult TlsStream::send(Bytes bytes) noexcept {
  send_sealed();
  std::size_t total = 0;
  while (send_error_ == 0 && total < bytes.size() && sealed_.empty()) {
    std::size_t now = 0;
    while (send_error_ == 0 && total + now < bytes.size() && sealed_.size() < most_sealed) {
      ERR_clear_error();
      std::size_t count = 0;
      const Bytes left = bytes.subspan(total + now);
      if (SSL_write_ex(ssl_.get(), left.data(), left.size(), &count) != 1 && send_error_ == 0)
        send_error_ = EPIPE;
      now += count;
    }
    // What the kernel took the server may know: that has not failed, and the next call will.
    if (send_sealed() || send_error_ == 0) total += now;
  }
  if (send_error_ != 0 && total == 0) return {IoStatus::failed, 0, send_error_};
  if (total == 0 && !bytes.empty()) return {IoStatus::would_block, 0, 0};
  return {IoStatus::done, total, 0};
}

// Whether the kernel took any. What it does not take waits for room; after a failure nothing does.
bool TlsStream::send_sealed() noexcept {
  bool any = false;
  while (!sealed_.empty()) {
    IoResult sent{IoStatus::failed, 0, send_error_};
    if (send_error_ == 0) sent = raw_->send(sealed_.bytes());
    if (sent.status == IoStatus::would_block) break;
    if (sent.status == IoStatus::failed) {
      send_error_ = sent.error;
      sealed_.truncate(0);
    } else {
      sealed_.consume(sent.bytes);
      any = true;
    }
  }
  if (sealed_.empty()) sealed_.shrink(most_sealed);
  watch_raw();
  return any;
}

void TlsStream::watch(StreamListener* listener, bool readable, bool writable) noexcept {
  listener_ = listener;
  readable_ = readable;
  writable_ = writable;
  watch_raw();
  wake_if_unread();
}

void TlsStream::watch_raw() noexcept {
  if (listener_ == nullptr && !readable_ && !writable_ && sealed_.empty())
    return raw_->watch(nullptr, false, false);
  raw_->watch(this, readable_, writable_ || !sealed_.empty());
}

// The socket is silent about what has left it.
void TlsStream::wake_if_unread() noexcept {
  if (readable_ && unread_) {
    if (!wake_.armed()) loop_.arm(wake_, std::chrono::nanoseconds(0));
  } else if (wake_.armed()) {
    wake_.disarm();
  }
}

void TlsStream::on_readable() noexcept {
  if (readable_ && listener_ != nullptr) listener_->on_readable();
}

void TlsStream::on_writable() noexcept {
  send_sealed();
  // A failure is told by the listener's next call, whichever it waits for.
  if (listener_ == nullptr || !sealed_.empty()) return;
  if (writable_) return listener_->on_writable();
  if (send_error_ != 0 && readable_) listener_->on_readable();
}

void TlsStream::close() noexcept {
  if (raw_->descriptor() < 0) return;
  if (!broken_ && send_error_ == 0 && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    send_sealed();
  }
  if (wake_.armed()) wake_.disarm();
  listener_ = nullptr;
  readable_ = writable_ = false;
  raw_->close();
}

std::string TlsStream::problem(int error) const {
  return error == EPROTO && !tls_problem_.empty() ? tls_problem_ : raw_->problem(error);
}

Task<std::unique_ptr<TlsStream>> start_tls(std::unique_ptr<Stream> raw,
                                           std::shared_ptr<TlsContext> context, std::string host) {
  EventLoop& loop = (co_await detail::CurrentContext{}).reactor->event_loop();
  auto tls = std::make_unique<TlsStream>(loop, std::move(raw), std::move(context), host);
  for (;;) {
    switch (tls->shake_hands()) {
      case TlsStream::Handshake::done:
        co_return tls;
      case TlsStream::Handshake::wants_reading:
        co_await wait_readable(tls->raw());
        break;
      case TlsStream::Handshake::wants_writing:
        co_await wait_writable(tls->raw());
        break;
    }
  }
}

}  // namespace pgreactor::net
