#include "src/reactor/resolver.hpp"

#include <netdb.h>
#include <uv.h>

#include <memory>
#include <pgreactor/error.hpp>
#include <pgreactor/reactor.hpp>
#include <utility>

#include "src/reactor/event_loop.hpp"
#include "src/reactor/lookup_slots.hpp"
#include "src/reactor/stoppable_wait.hpp"

namespace pgreactor::net {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&uv_freeaddrinfo)>;

class LookupAwaiter final : public StoppableWait, private LookupWaiter {
 public:
  LookupAwaiter(const std::string& host, const std::string& port) noexcept
      : host_(host), port_(port) {}
  ~LookupAwaiter() { abandon(); }

  AddressList await_resume() {
    if (stopped()) throw CancelledError("resolving " + host_ + ": a stop was requested");
    if (status_ < 0) throw ConnectionError("resolving " + host_ + ": " + uv_strerror(status_));
    return std::move(found_);
  }

 private:
  // One call of uv_getaddrinfo: owns itself from its start to its callback, which frees it.
  struct Lookup {
    uv_getaddrinfo_t request{};
    std::shared_ptr<LookupSlots> slots;
    LookupAwaiter* waiter = nullptr;  // null: abandoned
  };

  void start(EventLoop& loop) override {
    loop_ = &loop;
    to_begin_ = std::make_unique<Lookup>();
    loop.lookup_slots()->acquire(*this);
  }

  void on_slot() noexcept override {
    std::unique_ptr<Lookup> lookup = std::move(to_begin_);
    lookup->slots = loop_->lookup_slots();
    lookup->waiter = this;
    lookup->request.data = lookup.get();
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    const int status = uv_getaddrinfo(&loop_->uv(), &lookup->request, &LookupAwaiter::on_found,
                                      host_.c_str(), port_.c_str(), &hints);
    if (status == 0) {
      lookup_ = lookup.release();
      return;
    }
    status_ = status;  // refused before it began, as an over-long name is
    finish();
    loop_->lookup_slots()->release();
  }

  void abandon() noexcept override {
    LookupWaiter::unlink();
    if (lookup_ == nullptr) return;
    lookup_->waiter = nullptr;
    // Works while it waits for a thread; once begun it ends in its own time. The callback comes.
    uv_cancel(reinterpret_cast<uv_req_t*>(&lookup_->request));
    lookup_ = nullptr;
  }

  static void on_found(uv_getaddrinfo_t* request, int status, addrinfo* found) noexcept {
    const std::unique_ptr<Lookup> lookup(static_cast<Lookup*>(request->data));
    AddressList list(found, &uv_freeaddrinfo);
    if (LookupAwaiter* waiter = lookup->waiter) {
      waiter->lookup_ = nullptr;
      waiter->status_ = status;
      waiter->found_ = std::move(list);
      waiter->finish();
    }
    lookup->slots->release();
  }

  const std::string& host_;
  const std::string& port_;
  EventLoop* loop_ = nullptr;
  std::unique_ptr<Lookup> to_begin_;  // made while a lack of memory can still be told of
  Lookup* lookup_ = nullptr;
  int status_ = 0;
  AddressList found_{nullptr, &uv_freeaddrinfo};
};

}  // namespace

Task<std::vector<Endpoint>> resolve(std::string host, std::uint16_t port) {
  if (host.empty() || host.find('\0') != host.npos)
    throw ConnectionError("resolving a host name that is empty or holds a zero byte");
  std::vector<Endpoint> endpoints;
  if (const auto numeric = Endpoint::numeric(host, port)) {
    endpoints.push_back(*numeric);
    co_return endpoints;
  }
  const std::string service = std::to_string(port);
  const AddressList found = co_await LookupAwaiter(host, service);
  for (const addrinfo* entry = found.get(); entry != nullptr; entry = entry->ai_next) {
    if (endpoints.size() == most_addresses) break;
    if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
      endpoints.push_back(Endpoint::tcp(*entry->ai_addr, entry->ai_addrlen));
  }
  if (endpoints.empty()) throw ConnectionError("resolving " + host + ": it has no address");
  co_return endpoints;
}

}  // namespace pgreactor::net
