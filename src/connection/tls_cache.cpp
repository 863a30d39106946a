#include "src/connection/tls_cache.hpp"

#include "src/reactor/off_loop.hpp"

namespace pgreactor::connection {

Task<std::shared_ptr<net::TlsContext>> TlsCache::get(const ConnectionOptions& options) {
  if (context_ == nullptr) {
    // The work may outlive this task, so it owns what it uses.
    auto make = [mode = options.sslmode, tls = options.tls] {
      return std::make_shared<net::TlsContext>(mode, tls);
    };
    auto work = net::off_loop(make);
    context_ = co_await std::move(work);
  }
  co_return context_;
}

}  // namespace pgreactor::connection
