#include <pgreactor/testing/throwaway_server.hpp>
#include <utility>

namespace pgreactor::testing {

ThrowawayServerOptions& ThrowawayServerOptions::setting(std::string name, std::string value) {
  settings_.emplace_back(std::move(name), std::move(value));
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::unix_socket(bool listen) {
  unix_socket_ = listen;
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::tcp(bool listen) {
  tcp_ = listen;
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::tls(TlsOffer offer) {
  tls_ = offer;
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::tls_certificate(std::string certificate_file,
                                                                std::string key_file) {
  tls_certificate_file_ = std::move(certificate_file);
  tls_key_file_ = std::move(key_file);
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::tls_client_roots(std::string file) {
  tls_client_roots_file_ = std::move(file);
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::authentication(Authentication method) {
  authentication_ = method;
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::user(std::string name) {
  user_ = std::move(name);
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::password(Secret password) {
  password_ = std::move(password);
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::database(std::string name) {
  database_ = std::move(name);
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::program_directory(std::string path) {
  program_directory_ = std::move(path);
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::installation(std::string path) {
  installation_ = std::move(path);
  return *this;
}
ThrowawayServerOptions& ThrowawayServerOptions::start_timeout(std::chrono::milliseconds time) {
  start_timeout_ = time;
  return *this;
}

}  // namespace pgreactor::testing
