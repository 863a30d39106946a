#include <pgreactor/testing/throwaway_server.hpp>
#include <utility>

#include "src/testing/installation.hpp"
#include "src/testing/server_configuration.hpp"

namespace pgreactor::testing {

ThrowawayServer::ThrowawayServer(const ThrowawayServerOptions& options)
    : installation_(std::make_unique<Installation>(options)) {
  installation_->set_up();
}

ThrowawayServer::ThrowawayServer(ThrowawayServer&& other) noexcept = default;

ThrowawayServer& ThrowawayServer::operator=(ThrowawayServer&& other) noexcept {
  ThrowawayServer ended(std::move(*this));
  installation_ = std::move(other.installation_);
  return *this;
}

ThrowawayServer::~ThrowawayServer() {
  if (installation_ == nullptr || installation_->made_by_this_process()) return;
  // In a forked child: the server is the parent's, and so are the kernel objects of the loop, which
  // fork shares. Neither is touched.
  [[maybe_unused]] Installation* const the_parents = installation_.release();
}

std::string ThrowawayServer::uri() const {
  if (!installation_->options().has_unix_socket()) return uri_tcp();
  return connection_uri(installation_->options(), port(), socket_directory());
}

std::string ThrowawayServer::uri_tcp() const {
  if (!installation_->options().has_tcp())
    throw ServerSetupError(ServerSetupError::Reason::bad_option,
                           "the server was made without a port");
  return connection_uri(installation_->options(), port(), "");
}

std::string ThrowawayServer::socket_directory() const { return installation_->directory().path(); }
std::uint16_t ThrowawayServer::port() const noexcept { return installation_->port(); }
std::string ThrowawayServer::data_directory() const { return installation_->directory().data(); }

std::string ThrowawayServer::certificate_file() const {
  if (installation_->options().tls_offer() == TlsOffer::none) return {};
  return installation_->directory().path() + "/server.crt";
}

std::string ThrowawayServer::log() const { return installation_->log_since(0, 1 << 20); }
pid_t ThrowawayServer::pid() { return installation_->pid(); }
void ThrowawayServer::stop(StopMode mode) { installation_->stop(mode); }
void ThrowawayServer::restart(StopMode mode) { installation_->restart(mode); }
void ThrowawayServer::kill(int signal) { installation_->kill(signal); }

}  // namespace pgreactor::testing
