#include "src/reactor/tls_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <memory>
#include <pgreactor/combinators.hpp>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/reactor.hpp>
#include <string>
#include <utility>

#include "src/reactor/event_loop.hpp"
#include "tests/reactor/tls_peer.hpp"

namespace pgreactor::net_testing {
namespace {

using net::IoResult;
using net::IoStatus;
using net::TlsContext;
using net::TlsStream;
using ::testing::HasSubstr;
using ::testing::Not;
using Handshake = TlsStream::Handshake;

/// A stream to a TlsPeer that takes and gives so many bytes in a call, and refuses every other one:
/// a slow network.
class Trickle final : public net::Stream {
 public:
  Trickle(TlsPeer& peer, std::size_t most) : peer_(peer), most_(most) {}
  /// The kernel's buffer is full until this is called again.
  void block(bool blocked) noexcept { blocked_ = blocked; }
  /// Refuses nothing from now on.
  void run_smoothly() noexcept { smooth_ = true; }
  void fail_sending() noexcept { failing_ = true; }
  void fail_after(std::size_t bytes) noexcept { fails_at_ = sent_ + bytes; }
  bool watches_reading() const noexcept { return readable_; }
  bool watches_writing() const noexcept { return writable_; }
  void report_writable() { listener_->on_writable(); }
  /// After so many bytes from the peer the stream ends.
  void cut_after(std::size_t bytes) noexcept { left_ = bytes; }
  std::size_t received() const noexcept { return received_; }
  std::size_t sent() const noexcept { return sent_; }

  IoResult receive(std::span<std::byte> into) noexcept override {
    if (left_ == 0) return {IoStatus::end_of_stream, 0, 0};
    if (std::exchange(refuse_receive_, !refuse_receive_)) return {IoStatus::would_block, 0, 0};
    const std::size_t count = peer_.give(into.first(std::min({into.size(), most_, left_})));
    if (count == 0) return {IoStatus::would_block, 0, 0};
    left_ -= count;
    received_ += count;
    return {IoStatus::done, count, 0};
  }
  IoResult send(Bytes bytes) noexcept override {
    if (failing_ || sent_ >= fails_at_) return {IoStatus::failed, 0, ECONNRESET};
    if (blocked_) return {IoStatus::would_block, 0, 0};
    if (!smooth_ && std::exchange(refuse_send_, !refuse_send_))
      return {IoStatus::would_block, 0, 0};
    const Bytes taken = bytes.first(std::min(bytes.size(), most_));
    peer_.take(taken);
    sent_ += taken.size();
    return {IoStatus::done, taken.size(), 0};
  }
  void watch(net::StreamListener* listener, bool readable, bool writable) noexcept override {
    listener_ = listener;
    readable_ = readable;
    writable_ = writable;
  }
  void close() noexcept override { open_ = false; }
  int descriptor() const noexcept override { return open_ ? 1 : -1; }

 private:
  TlsPeer& peer_;
  std::size_t most_;
  std::size_t left_ = static_cast<std::size_t>(-1);
  std::size_t received_ = 0, sent_ = 0, fails_at_ = static_cast<std::size_t>(-1);
  net::StreamListener* listener_ = nullptr;
  bool refuse_receive_ = false, refuse_send_ = false, open_ = true;
  bool readable_ = false, writable_ = false, blocked_ = false, failing_ = false, smooth_ = false;
};

/// One client stream to one peer.
class Pair {
 public:
  explicit Pair(std::size_t most, SslMode mode = SslMode::require, const TlsOptions& options = {},
                const std::string& host = "server.test") {
    auto stream = std::make_unique<Trickle>(peer, most);
    trickle = stream.get();
    client = std::make_unique<TlsStream>(reactor_.event_loop(), std::move(stream),
                                         std::make_shared<TlsContext>(mode, options), host);
  }
  void shake_hands() {
    while (client->shake_hands() != Handshake::done) {
    }
  }
  /// What comes back of what is sent.
  std::string echoed(const std::string& text) {
    std::string back(text.size(), '\0');
    const auto into = std::as_writable_bytes(std::span(back));
    std::size_t sent = 0, received = 0;
    while (received < text.size()) {
      if (sent < text.size()) {
        const IoResult result = client->send(as_bytes(text).subspan(sent));
        if (result.status == IoStatus::failed) return client->problem(result.error);
        sent += result.bytes;
      } else {
        client->send({});  // pushes on what the stream did not take
      }
      const IoResult result = client->receive(into.subspan(received));
      if (result.status == IoStatus::failed) return client->problem(result.error);
      if (result.status == IoStatus::end_of_stream) return "the end";
      received += result.bytes;
    }
    return back;
  }

  void run_for_a_while() {
    const auto wait = []() -> Task<void> { co_await sleep_for(std::chrono::milliseconds(5)); };
    reactor_.run(wait());
  }

  TlsPeer peer;
  Trickle* trickle = nullptr;

 private:
  Reactor reactor_;

 public:
  std::unique_ptr<TlsStream> client;  // ends before its reactor
};

class Told final : public net::StreamListener {
 public:
  void on_readable() noexcept override { ++readable; }
  void on_writable() noexcept override { ++writable; }
  int readable = 0, writable = 0;
};

/// A file that is gone with its directory.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content, std::string name = "file")
      : name_(std::move(name)) {
    EXPECT_NE(::mkdtemp(directory_.data()), nullptr);
    std::ofstream(path()) << content;
  }
  ~TemporaryFile() {
    ::unlink(path().c_str());
    ::rmdir(directory_.c_str());
  }
  std::string path() const { return directory_ + "/" + name_; }
  const std::string& directory() const noexcept { return directory_; }

 private:
  std::string name_;
  std::string directory_ = ::testing::TempDir() + "tlsXXXXXX";
};

std::string outcome_of(TlsStream& client) {
  try {
    while (client.shake_hands() != Handshake::done) {
    }
  } catch (const ConnectionError& error) {
    return error.what();
  }
  return "done";
}

std::string text_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * i % 251);
  return text;
}

// A18, A19: whatever the network does, every byte arrives once.
// Requirement: A18, A19
TEST(TlsStream, BytesArriveThroughANetworkOfFewAtATime) {
  for (const auto& [most, size] :
       {std::pair(1, 20'000), std::pair(2, 40'000), std::pair(3, 60'000), std::pair(5, 100'000),
        std::pair(17, 400'000), std::pair(16'384, 10'000'000)}) {
    Pair pair(static_cast<std::size_t>(most));
    pair.shake_hands();
    const std::string text = text_of(static_cast<std::size_t>(size));
    EXPECT_TRUE(pair.echoed(text) == text) << most;
  }
}

// A22
// Requirement: A22
TEST(TlsStream, NewKeysAreTakenAndAnswered) {
  Pair pair(1000);
  pair.peer.update_keys_every(10'000);
  pair.shake_hands();
  const std::string text = text_of(500'000);
  EXPECT_TRUE(pair.echoed(text) == text);

  // And at once, though nothing is to be sent.
  const std::size_t sent = pair.trickle->sent();
  pair.peer.update_keys();
  std::array<std::byte, 100> block{};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(pair.client->receive(block).status, IoStatus::would_block);
  EXPECT_GT(pair.trickle->sent(), sent);
}

// A19: what is left in here after a read no socket reports again.
// Requirement: A19
TEST(TlsStream, WhatWasNotReadIsReportedInTheNextTurn) {
  Pair pair(100'000);
  pair.shake_hands();
  pair.client->send(as_bytes(text_of(1000)));
  pair.client->send({});
  std::array<std::byte, 100> block{};
  IoResult got;
  do {
    got = pair.client->receive(block);
  } while (got.status == IoStatus::would_block);
  EXPECT_EQ(got.bytes, block.size());
  Told told;
  pair.client->watch(&told, true, false);
  pair.run_for_a_while();
  EXPECT_EQ(told.readable, 1) << "which read nothing";
  std::array<std::byte, 2000> rest{};
  EXPECT_EQ(pair.client->receive(rest).bytes, 900u);
  pair.run_for_a_while();
  EXPECT_EQ(told.readable, 1) << "all has been read";
  pair.client->watch(nullptr, false, false);
}

TEST(TlsStream, WhatTheKernelDidNotTakeIsSentWhenItHasRoom) {
  Pair pair(100'000);
  pair.shake_hands();
  Told told;
  pair.client->watch(&told, true, false);
  EXPECT_FALSE(pair.trickle->watches_writing());
  pair.trickle->block(true);
  const std::string text = text_of(300'000);
  std::size_t taken = 0;
  for (IoResult sent;
       (sent = pair.client->send(as_bytes(text).subspan(taken))).status == IoStatus::done;)
    taken += sent.bytes;
  EXPECT_GT(taken, 0u);
  EXPECT_LE(taken, 128u * 1024) << "the rest stays the caller's";
  EXPECT_TRUE(pair.trickle->watches_writing()) << "though its user waits for reading alone";
  pair.client->watch(&told, true, true);
  pair.trickle->report_writable();
  EXPECT_EQ(told.writable, 0) << "there is no room yet";
  pair.trickle->block(false);
  for (int i = 0; i < 20 && told.writable == 0; ++i) pair.trickle->report_writable();
  EXPECT_EQ(told.writable, 1);
  pair.client->watch(&told, true, false);
  EXPECT_FALSE(pair.trickle->watches_writing());
  std::string back;
  std::array<std::byte, 4096> block{};
  while (back.size() < taken) {
    const IoResult got = pair.client->receive(block);
    ASSERT_NE(got.status, IoStatus::failed);
    back += as_text(Bytes(block).first(got.bytes));
  }
  EXPECT_TRUE(back == text.substr(0, taken));
  pair.client->watch(nullptr, false, false);
}

// A server that ends a session says why before it resets.
TEST(TlsStream, WhatArrivedCanBeReadAfterASendHasFailed) {
  Pair pair(100'000);
  pair.shake_hands();
  pair.client->send(as_bytes("the reason"));
  pair.client->send({});
  pair.trickle->fail_sending();
  EXPECT_EQ(pair.client->send(as_bytes("more")).error, ECONNRESET);
  std::array<std::byte, 100> block{};
  IoResult got;
  do {
    got = pair.client->receive(block);
  } while (got.status == IoStatus::would_block);
  EXPECT_EQ(as_text(Bytes(block).first(got.bytes)), "the reason");
}

// The server may have executed it: it must not be said that it was never sent.
TEST(TlsStream, WhatWasTakenBeforeASendFailedWasTaken) {
  Pair pair(30'000);
  pair.shake_hands();
  pair.trickle->run_smoothly();
  const std::string text = text_of(300'000);
  pair.trickle->fail_after(100'000);
  const IoResult sent = pair.client->send(as_bytes(text));
  EXPECT_EQ(sent.status, IoStatus::done);
  EXPECT_GE(sent.bytes, 99'000U);
  EXPECT_LT(sent.bytes, text.size());
  EXPECT_EQ(pair.client->send(as_bytes(text).subspan(sent.bytes)).error, ECONNRESET);
}

TEST(TlsStream, RecordsWithoutDataHoldNeitherTheLoopNorMemory) {
  Pair pair(1 << 20);
  pair.shake_hands();
  for (int i = 0; i < 20'000; ++i) pair.peer.update_keys();
  pair.trickle->block(true);  // our answers are not taken
  std::array<std::byte, 100> block{};
  int calls = 0;
  IoResult got{IoStatus::would_block, 0, 0};
  for (; got.status == IoStatus::would_block && calls < 1000; ++calls)
    got = pair.client->receive(block);
  EXPECT_GT(calls, 3) << "the other sockets had their turns";
  EXPECT_EQ(got.status, IoStatus::failed) << "rather than to hoard answers without end";
}

// A20
// Requirement: A20
TEST(TlsStream, AHandshakeThatIsCutAnywhereEndsWithThat) {
  Pair whole(100'000);
  whole.shake_hands();
  const std::size_t size = whole.trickle->received();
  ASSERT_GT(size, 500u);
  std::size_t failed = 0;
  for (std::size_t cut = 0; cut < size; cut += 7) {
    Pair pair(100'000);
    pair.trickle->cut_after(cut);
    try {
      pair.shake_hands();
    } catch (const ConnectionError& error) {
      ++failed;
      EXPECT_STREQ(error.what(), "the server closed the connection") << cut;
    }
  }
  // What comes behind the handshake (session tickets) may be cut without its knowing.
  EXPECT_GT(failed, size / 7 / 2);
}

// A21: with and without the peer's goodbye the stream is over, and what came before it is given.
// Requirement: A21
TEST(TlsStream, TheEndComesAfterTheBytesBeforeIt) {
  for (const bool goodbye : {true, false}) {
    Pair pair(100'000);
    pair.shake_hands();
    EXPECT_EQ(pair.client->send(as_bytes("last words")).status, IoStatus::done);
    pair.client->send({});
    if (goodbye) pair.peer.say_goodbye();
    std::array<std::byte, 64> block{};
    IoResult got;
    do {
      got = pair.client->receive(block);
    } while (got.status == IoStatus::would_block);
    EXPECT_EQ(as_text(Bytes(block).first(got.bytes)), "last words");
    if (!goodbye) pair.trickle->cut_after(0);
    do {
      got = pair.client->receive(block);
    } while (got.status == IoStatus::would_block);
    EXPECT_EQ(got.status, IoStatus::end_of_stream);
    EXPECT_EQ(pair.client->receive(block).status, IoStatus::end_of_stream) << "and stays over";
  }
}

// A1: what comes unencrypted where the handshake is awaited.
// Requirement: A1
TEST(TlsStream, PlainTextIsNoHandshake) {
  class Forged final : public net::Stream {
   public:
    IoResult receive(std::span<std::byte> into) noexcept override {
      std::fill_n(into.begin(), std::min<std::size_t>(into.size(), 64), std::byte{'E'});
      return {IoStatus::done, std::min<std::size_t>(into.size(), 64), 0};
    }
    IoResult send(Bytes bytes) noexcept override { return {IoStatus::done, bytes.size(), 0}; }
    void watch(net::StreamListener*, bool, bool) noexcept override {}
    void close() noexcept override {}
    int descriptor() const noexcept override { return 1; }
  };
  Reactor reactor;
  TlsStream client(reactor.event_loop(), std::make_unique<Forged>(),
                   std::make_shared<TlsContext>(SslMode::require, TlsOptions()), "server.test");
  EXPECT_EQ(outcome_of(client), "what the server answers is not TLS");
}

// A15
// Requirement: A15
TEST(TlsStream, VerifiesRootAndName) {
  const auto outcome = [](SslMode mode, const std::string& host, bool trusted) {
    TlsPeer trusted_peer, other_peer;
    const TemporaryFile root(trusted_peer.certificate());
    TlsOptions options;
    options.root_certificates = root.path();
    Reactor reactor;
    TlsStream client(reactor.event_loop(),
                     std::make_unique<Trickle>(trusted ? trusted_peer : other_peer, 100'000),
                     std::make_shared<TlsContext>(mode, options), host);
    return outcome_of(client);
  };
  EXPECT_EQ(outcome(SslMode::verify_full, "server.test", true), "done");
  EXPECT_EQ(outcome(SslMode::verify_ca, "another.test", true), "done");
  EXPECT_THAT(outcome(SslMode::verify_full, "another.test", true), HasSubstr("does not name"));
  EXPECT_THAT(outcome(SslMode::verify_full, "127.0.0.1", true), HasSubstr("does not name"));
  EXPECT_THAT(outcome(SslMode::verify_full, "sub.server.test", true), HasSubstr("does not name"));
  EXPECT_THAT(outcome(SslMode::verify_ca, "server.test", false), HasSubstr("refused"));
  EXPECT_THAT(outcome(SslMode::require, "server.test", false), HasSubstr("refused"));
}

/// A client of that peer, which has done nothing yet.
class Client {
 public:
  explicit Client(TlsPeer& peer, SslMode mode = SslMode::require, const TlsOptions& options = {})
      : stream(reactor_.event_loop(), std::make_unique<Trickle>(peer, 100'000),
               std::make_shared<TlsContext>(mode, options), "server.test") {}

 private:
  Reactor reactor_;

 public:
  TlsStream stream;  // ends before its reactor
};

// A5: RFC 5929 takes the digest of the certificate's signature. Ed25519 has none of its own, so
// that there is nothing to bind to.
TEST(TlsStream, BindsToTheDigestThatTheCertificateWasSignedWith) {
  for (const auto& [signing, algorithm] :
       {std::pair(Signing::ecdsa_sha256, EVP_sha256()),
        std::pair(Signing::rsa_pss_sha384, EVP_sha384()),
        std::pair(Signing::ed25519, static_cast<const EVP_MD*>(nullptr))}) {
    TlsPeer peer(signing);
    Client client(peer);
    EXPECT_TRUE(client.stream.end_point().empty()) << "before the handshake";
    EXPECT_EQ(outcome_of(client.stream), "done");
    EXPECT_EQ(as_text(client.stream.end_point()), algorithm ? peer.digest(algorithm) : "");
  }
}

TEST(TlsStream, NamesTheHostUnlessThatIsSwitchedOff) {
  for (const bool named : {true, false}) {
    TlsPeer peer;
    TlsOptions options;
    options.server_name = named;
    Client client(peer, SslMode::require, options);
    EXPECT_EQ(outcome_of(client.stream), "done");
    EXPECT_EQ(peer.named_host().find("server.test") != std::string::npos, named);
  }
}

TEST(TlsStream, VersionsAreBoundedFromBothSides) {
  const auto outcome = [](TlsVersion oldest, TlsVersion newest) {
    TlsPeer peer;
    peer.speak_tls_1_2();
    TlsOptions options;
    options.oldest = oldest;
    options.newest = newest;
    Client client(peer, SslMode::require, options);
    return outcome_of(client.stream);
  };
  EXPECT_EQ(outcome(TlsVersion::tls_1_2, TlsVersion::any), "done");
  EXPECT_EQ(outcome(TlsVersion::any, TlsVersion::tls_1_2), "done");
  EXPECT_NE(outcome(TlsVersion::tls_1_3, TlsVersion::any), "done");
  EXPECT_NE(outcome(TlsVersion::any, TlsVersion::tls_1_1), "done");
}

TEST(TlsStream, ADirectoryOfRevocationsIsLookedUpByName) {
  TlsPeer peer;
  const TemporaryFile root(peer.certificate());
  const TemporaryFile list(peer.revocations(), peer.name_of_revocations());
  TlsOptions options;
  options.root_certificates = root.path();
  options.revocation_directory = list.directory();
  Client revoked(peer, SslMode::verify_ca, options);
  EXPECT_EQ(outcome_of(revoked.stream), "the server's certificate is refused: certificate revoked");

  const TemporaryFile nothing("", "nothing");
  options.revocation_directory = nothing.directory();
  TlsPeer again;
  const TemporaryFile its_root(again.certificate());
  options.root_certificates = its_root.path();
  Client unknown(again, SslMode::verify_ca, options);
  EXPECT_EQ(outcome_of(unknown.stream),
            "the server's certificate is refused: unable to get certificate CRL");
}

TEST(TlsStream, WhatWasRevokedIsRefused) {
  TlsOptions options;
  Pair revoked(100'000);
  const TemporaryFile root(revoked.peer.certificate()), list(revoked.peer.revocations());
  options.root_certificates = root.path();
  options.revocation_file = list.path();
  Reactor reactor;
  TlsStream client(reactor.event_loop(), std::make_unique<Trickle>(revoked.peer, 100'000),
                   std::make_shared<TlsContext>(SslMode::verify_ca, options), "server.test");
  EXPECT_EQ(outcome_of(client), "the server's certificate is refused: certificate revoked");
}

TEST(TlsStream, ShowsItsCertificateWhereItIsAskedForIt) {
  const auto outcome = [](const std::string& password, bool asks, ClientCertificate mode) {
    TlsPeer peer;
    if (asks) peer.demand_certificate();
    const TemporaryFile certificate(peer.certificate()), key(peer.key("open sesame"));
    EXPECT_EQ(::chmod(key.path().c_str(), 0600), 0);
    TlsOptions options;
    options.client_certificate = mode;
    options.certificate_file = certificate.path();
    options.key_file = key.path();
    options.key_password = Secret(password);
    Reactor reactor;
    try {
      auto context = std::make_shared<TlsContext>(SslMode::require, options);
      EXPECT_TRUE(context->options().key_password.empty()) << "it is of no more use";
      TlsStream client(reactor.event_loop(), std::make_unique<Trickle>(peer, 100'000),
                       std::move(context), "server.test");
      std::string shaken = outcome_of(client);
      if (shaken != "done") return shaken;
      // With TLS 1.3 the server's refusal comes behind the handshake.
      client.send({});
      std::array<std::byte, 100> block{};
      for (int i = 0; i < 4; ++i) {
        const IoResult got = client.receive(block);
        if (got.status == IoStatus::failed) return client.problem(got.error);
      }
      return std::string("done");
    } catch (const ConfigurationError& error) {
      return std::string(error.parameter());
    }
  };
  EXPECT_EQ(outcome("open sesame", true, ClientCertificate::allow), "done");
  EXPECT_EQ(outcome("open sesame", true, ClientCertificate::require), "done");
  EXPECT_EQ(outcome("open sesame", false, ClientCertificate::allow), "done");
  EXPECT_THAT(outcome("open sesame", false, ClientCertificate::require),
              HasSubstr("does not ask for a certificate"));
  EXPECT_THAT(outcome("open sesame", true, ClientCertificate::disable),
              HasSubstr("certificate required"));
  EXPECT_EQ(outcome("wrong", true, ClientCertificate::allow), "sslkey");
  EXPECT_EQ(outcome("", true, ClientCertificate::allow), "sslkey");
}

TEST(TlsStream, DirectTlsWantsPostgresqlSpoken) {
  TlsOptions direct;
  direct.negotiation = SslNegotiation::direct;
  const auto outcome = [&](const std::string& spoken) {
    Pair pair(100'000, SslMode::require, direct);
    pair.peer.speak(spoken);
    return outcome_of(*pair.client);
  };
  EXPECT_EQ(outcome("postgresql"), "done");
  EXPECT_THAT(outcome(""), HasSubstr("does not speak PostgreSQL over direct TLS"));
}

// A22
// Requirement: A22
TEST(TlsStream, ARequestToBeginAgainIsDeclined) {
  Pair pair(100'000);
  pair.peer.speak_tls_1_2();
  pair.shake_hands();
  pair.peer.ask_for_renegotiation();
  const std::size_t sent = pair.trickle->sent();
  std::array<std::byte, 100> block{};
  for (int i = 0; i < 4; ++i) pair.client->receive(block);
  EXPECT_GT(pair.trickle->sent(), sent) << "an alert";
  EXPECT_LT(pair.trickle->sent(), sent + 60) << "and no ClientHello";
}

TEST(TlsStream, SaysGoodbye) {
  Pair pair(100'000);
  pair.shake_hands();
  pair.trickle->run_smoothly();
  pair.client->close();
  pair.client->close();
  pair.peer.take({});
  EXPECT_TRUE(pair.peer.heard_goodbye());
}

// A16
// Requirement: A16
TEST(TlsContext, AKeyThatOthersCanReadIsRefused) {
  const TemporaryFile file("no key");
  TlsOptions options;
  TlsPeer peer;
  const TemporaryFile certificate(peer.certificate());
  options.certificate_file = certificate.path();
  options.key_file = file.path();
  const auto refusal = [&](mode_t mode) {
    EXPECT_EQ(::chmod(file.path().c_str(), mode), 0);
    try {
      const TlsContext context(SslMode::require, options);
    } catch (const ConfigurationError& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  for (const mode_t mode : {mode_t{0644}, mode_t{0604}, mode_t{0660}, mode_t{0601}})
    EXPECT_THAT(refusal(mode), HasSubstr("can be read by others")) << mode;
  EXPECT_THAT(refusal(0600), Not(HasSubstr("can be read by others"))) << "but it is no key";
  options.key_file = ::testing::TempDir();
  EXPECT_THAT(refusal(0600), HasSubstr("is not a file"));
}

}  // namespace
}  // namespace pgreactor::net_testing
