#include "tests/support/fault_proxy.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <pgreactor/attempt.hpp>
#include <span>
#include <utility>

#include "src/reactor/connect.hpp"

namespace pgreactor::testing_support {

struct FaultProxy::State {
  explicit State(const net::Endpoint& its_server) : server(its_server) {}

  net::Endpoint server;
  std::list<std::unique_ptr<Line>> lines;
  std::optional<Way> cut;
  std::size_t left = 0;   // bytes, until the cut
  std::size_t slice = 0;  // bytes
  bool ended = false;
};

/// One client and its connection to the server.
class FaultProxy::Line {
 public:
  Line(State& state, std::unique_ptr<net::Stream> client, std::unique_ptr<net::Stream> server)
      : state_(state), client_(*this, std::move(client)), server_(*this, std::move(server)) {
    watch();
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { close(); }

  bool is_open() const noexcept { return open_; }
  void close() noexcept {
    open_ = false;
    client_.stream->close();
    server_.stream->close();
  }

 private:
  // One end, with the bytes that came from it and are not passed on yet.
  struct End final : net::StreamListener {
    End(Line& its_line, std::unique_ptr<net::Stream> its_stream)
        : line(its_line), stream(std::move(its_stream)) {}
    void on_readable() noexcept override { line.read(*this); }
    void on_writable() noexcept override {
      line.pass_on(line.other(*this));
      line.watch();
    }
    Bytes waiting() const noexcept { return Bytes(buffer).subspan(begin, size - begin); }

    Line& line;
    std::unique_ptr<net::Stream> stream;
    std::array<std::byte, 16384> buffer{};
    std::size_t begin = 0, size = 0;
  };

  End& other(const End& end) noexcept { return &end == &client_ ? server_ : client_; }
  bool is_cut(const End& from) const noexcept {
    return state_.cut == (&from == &client_ ? Way::to_server : Way::to_client);
  }

  void read(End& from) noexcept {
    if (!from.waiting().empty()) return;
    const net::IoResult result = from.stream->receive(from.buffer);
    if (result.status == net::IoStatus::would_block) return;
    if (result.status != net::IoStatus::done) return close();
    from.begin = 0;
    from.size = result.bytes;
    pass_on(from);
    watch();
  }

  void pass_on(End& from) noexcept {
    while (open_ && !from.waiting().empty()) {
      std::size_t most = from.waiting().size();
      if (state_.slice != 0) most = std::min(most, state_.slice);
      if (is_cut(from)) {
        if (state_.left == 0) {
          state_.cut.reset();
          return close();
        }
        most = std::min(most, state_.left);
      }
      const net::IoResult result = other(from).stream->send(from.waiting().first(most));
      if (result.status == net::IoStatus::would_block) return;
      if (result.status != net::IoStatus::done) return close();
      from.begin += result.bytes;
      if (is_cut(from)) state_.left -= result.bytes;
    }
  }

  // What is not passed on yet keeps its sender from sending more.
  void watch() noexcept {
    if (!open_) return;
    for (End* end : {&client_, &server_})
      end->stream->watch(end, end->waiting().empty(), !other(*end).waiting().empty());
  }

  State& state_;
  End client_, server_;
  bool open_ = true;
};

FaultProxy::FaultProxy(Reactor& reactor, net::Endpoint server)
    : state_(std::make_shared<State>(server)),
      acceptor_(reactor, Where::unix_socket, {},
                [&reactor, state = state_](std::unique_ptr<net::Stream> client) {
                  reactor.spawn(connect(state, std::move(client)));
                }) {}

FaultProxy::~FaultProxy() {
  state_->ended = true;
  state_->lines.clear();
}

Task<void> FaultProxy::connect(std::shared_ptr<State> state, std::unique_ptr<net::Stream> client) {
  state->lines.remove_if([](const auto& line) { return !line->is_open(); });
  auto server = co_await as_attempt(net::connect_stream(state->server, {}));
  if (!server || state->ended) co_return;
  state->lines.push_back(
      std::make_unique<Line>(*state, std::move(client), std::move(server).value()));
}

void FaultProxy::cut_after(Way way, std::size_t bytes) {
  state_->cut = way;
  state_->left = bytes;
}

bool FaultProxy::let_pass() noexcept {
  return std::exchange(state_->cut, std::nullopt).has_value();
}

void FaultProxy::slice(std::size_t bytes) noexcept { state_->slice = bytes; }

}  // namespace pgreactor::testing_support
