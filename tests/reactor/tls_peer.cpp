#include "tests/reactor/tls_peer.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace pgreactor::net_testing {
namespace {

using net::FreeWith;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

const unsigned char* octets(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}

EVP_PKEY* new_key(Signing signing) {
  constexpr std::size_t rsa_bits = 2048;
  switch (signing) {
    case Signing::ecdsa_sha256:
      return EVP_EC_gen("P-256");
    case Signing::ed25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case Signing::rsa_pss_sha384:
      break;
  }
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", rsa_bits);
}

void sign(X509* certificate, EVP_PKEY* key, Signing signing) {
  if (signing != Signing::rsa_pss_sha384) {
    // Ed25519 comes with a digest of its own.
    const EVP_MD* const digest = signing == Signing::ed25519 ? nullptr : EVP_sha256();
    must(X509_sign(certificate, key, digest) != 0, "X509_sign");
    return;
  }
  const std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* of_key = nullptr;
  must(EVP_DigestSignInit(context.get(), &of_key, EVP_sha384(), nullptr, key) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING) == 1 &&
           X509_sign_ctx(certificate, context.get()) != 0,
       "X509_sign_ctx");
}

Certificate self_signed(EVP_PKEY* key, Signing signing) {
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
  sign(certificate, key, signing);
  return made;
}

/// What `write` writes as PEM.
template <class Write>
std::string pem(Write write) {
  const std::unique_ptr<BIO, FreeWith<BIO_free>> memory(BIO_new(BIO_s_mem()));
  must(write(memory.get()) == 1, "PEM_write_bio");
  std::string text(BIO_ctrl_pending(memory.get()), '\0');
  std::size_t count = 0;
  BIO_read_ex(memory.get(), text.data(), text.size(), &count);
  return text;
}

}  // namespace

TlsPeer::TlsPeer(Signing signing)
    : key_(new_key(signing)),
      own_(self_signed(key_.get(), signing)),
      certificate_(pem([this](BIO* out) { return PEM_write_bio_X509(out, own_.get()); })),
      context_(SSL_CTX_new(TLS_server_method())) {
  must(SSL_CTX_use_certificate(context_.get(), own_.get()) == 1 &&
           SSL_CTX_use_PrivateKey(context_.get(), key_.get()) == 1,
       "the certificate");
  SSL_CTX_set_client_hello_cb(context_.get(), &TlsPeer::on_hello, this);
  SSL_CTX_set_alpn_select_cb(context_.get(), &TlsPeer::select, this);
  ssl_.reset(SSL_new(context_.get()));
  from_client_ = BIO_new(BIO_s_mem());
  to_client_ = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl_.get(), from_client_, to_client_);
  SSL_set_accept_state(ssl_.get());
}

std::string TlsPeer::key(const std::string& password) const {
  return pem([&](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key_.get(), EVP_aes_256_cbc(), octets(password.c_str()),
                                    static_cast<int>(password.size()), nullptr, nullptr);
  });
}

std::string TlsPeer::revocations() const {
  const std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>> list(X509_CRL_new());
  const std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>> before(
      ASN1_TIME_adj(nullptr, std::time(nullptr), -1, 0)),
      after(ASN1_TIME_adj(nullptr, std::time(nullptr), 1, 0));
  X509_CRL_set_version(list.get(), 1);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(own_.get()));
  X509_CRL_set1_lastUpdate(list.get(), before.get());
  X509_CRL_set1_nextUpdate(list.get(), after.get());
  X509_REVOKED* const revoked = X509_REVOKED_new();
  X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(own_.get()));
  X509_REVOKED_set_revocationDate(revoked, before.get());
  must(X509_CRL_add0_revoked(list.get(), revoked) == 1 &&
           X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) != 0,
       "X509_CRL_sign");
  return pem([&](BIO* out) { return PEM_write_bio_X509_CRL(out, list.get()); });
}

std::string TlsPeer::name_of_revocations() const {
  std::array<char, 16> name{};
  const unsigned long hash =
      X509_NAME_hash_ex(X509_get_subject_name(own_.get()), nullptr, nullptr, nullptr);
  std::snprintf(name.data(), name.size(), "%08lx.r0", hash);
  return name.data();
}

std::string TlsPeer::digest(const EVP_MD* algorithm) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  must(X509_digest(own_.get(), algorithm, bytes.data(), &size) == 1, "X509_digest");
  return {bytes.begin(), bytes.begin() + size};
}

int TlsPeer::on_hello(SSL* ssl, int*, void* self) {
  const unsigned char* extension = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &extension, &size) == 1)
    static_cast<TlsPeer*>(self)->named_host_.assign(extension, extension + size);
  return SSL_CLIENT_HELLO_SUCCESS;
}

void TlsPeer::demand_certificate() {
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), own_.get());
  SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

void TlsPeer::speak_tls_1_2() { SSL_set_max_proto_version(ssl_.get(), TLS1_2_VERSION); }

void TlsPeer::ask_for_renegotiation() {
  must(SSL_renegotiate(ssl_.get()) == 1, "SSL_renegotiate");
  SSL_do_handshake(ssl_.get());
}

int TlsPeer::select(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* self) {
  const std::string& wanted = static_cast<TlsPeer*>(self)->protocol_;
  const std::string_view list(reinterpret_cast<const char*>(offered), offered_size);
  const auto at = wanted.empty() ? list.npos : list.find(wanted);
  if (at == list.npos) return SSL_TLSEXT_ERR_NOACK;
  *chosen = offered + at;
  *size = static_cast<unsigned char>(wanted.size());
  return SSL_TLSEXT_ERR_OK;
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
