#include "tests/reactor/tls_peer.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace pgreactor::net_testing {
namespace {

using net::FreeWith;
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

const unsigned char* octets(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}

Certificate self_signed(EVP_PKEY* key) {
  constexpr long day = 24 * 60 * 60;
  Certificate made(X509_new());
  must(made != nullptr, "X509_new");
  X509* const certificate = made.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -day);
  X509_gmtime_adj(X509_getm_notAfter(certificate), day);
  X509_set_pubkey(certificate, key);
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, octets("server.test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* const alternative =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:server.test");
  must(alternative != nullptr && X509_add_ext(certificate, alternative, -1) == 1, "the name");
  X509_EXTENSION_free(alternative);
  must(X509_sign(certificate, key, EVP_sha256()) != 0, "X509_sign");
  return made;
}

std::string pem(X509* certificate) {
  const std::unique_ptr<BIO, FreeWith<BIO_free>> memory(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(memory.get(), certificate) == 1, "PEM_write_bio_X509");
  std::string text(BIO_ctrl_pending(memory.get()), '\0');
  std::size_t count = 0;
  BIO_read_ex(memory.get(), text.data(), text.size(), &count);
  return text;
}

}  // namespace

TlsPeer::TlsPeer() : context_(SSL_CTX_new(TLS_server_method())) {
  const Key key(EVP_EC_gen("P-256"));
  must(key != nullptr, "EVP_EC_gen");
  const Certificate certificate = self_signed(key.get());
  certificate_ = pem(certificate.get());
  must(SSL_CTX_use_certificate(context_.get(), certificate.get()) == 1 &&
           SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1,
       "the certificate");
  ssl_.reset(SSL_new(context_.get()));
  from_client_ = BIO_new(BIO_s_mem());
  to_client_ = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl_.get(), from_client_, to_client_);
  SSL_set_accept_state(ssl_.get());
}

void TlsPeer::take(Bytes bytes) {
  std::size_t count = 0;
  must(bytes.empty() || BIO_write_ex(from_client_, bytes.data(), bytes.size(), &count) == 1,
       "BIO_write_ex");
  work();
}

std::size_t TlsPeer::give(std::span<std::byte> into) {
  std::size_t count = 0;
  BIO_read_ex(to_client_, into.data(), into.size(), &count);
  return count;
}

void TlsPeer::work() {
  if (SSL_is_init_finished(ssl_.get()) != 1 && SSL_do_handshake(ssl_.get()) != 1) return;
  std::array<char, 4096> block{};
  std::size_t count = 0;
  while (SSL_read_ex(ssl_.get(), block.data(), block.size(), &count) == 1) {
    must(SSL_write_ex(ssl_.get(), block.data(), count, &count) == 1, "SSL_write_ex");
    since_update_ += count;
    if (update_every_ == 0 || since_update_ < update_every_) continue;
    since_update_ = 0;
    must(SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1, "SSL_key_update");
  }
}

void TlsPeer::update_keys() {
  must(SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED) == 1 &&
           SSL_do_handshake(ssl_.get()) == 1,
       "SSL_key_update");
}

void TlsPeer::say_goodbye() { SSL_shutdown(ssl_.get()); }

}  // namespace pgreactor::net_testing
