#include "src/pool/listener_state.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <pgreactor/attempt.hpp>
#include <pgreactor/error.hpp>
#include <random>
#include <utility>

#include "src/connection/errors.hpp"
#include "src/connection/open.hpp"
#include "src/connection/quoted_identifier.hpp"
#include "src/pool/connection_executor.hpp"
#include "src/pool/text_of.hpp"
#include "src/pool/try_spawn.hpp"
#include "src/reactor/thread_random.hpp"

namespace pgreactor::pool {
namespace {

using connection::quoted_identifier;

constexpr std::size_t longest_name = 63;  // bytes; the server cuts what is longer
constexpr std::chrono::milliseconds first_pause{50}, longest_pause{5000};

void check(const std::string& channel) {
  if (channel.empty()) throw QueryError("a channel without a name");
  if (channel.size() > longest_name)
    throw QueryError("the channel name '" + channel.substr(0, longest_name) + "...' has " +
                     std::to_string(channel.size()) + " bytes; the server would cut it to " +
                     std::to_string(longest_name));
}

std::size_t size_of(const Notification& heard) noexcept {
  return heard.channel().size() + heard.payload().size();
}

}  // namespace

/// Suspends a task until there is something to take.
class ListenerState::Wait final : public net::StoppableWait {
 public:
  explicit Wait(ListenerState& state) noexcept : state_(state) {}
  ~Wait() { abandon(); }

  void await_resume() const {
    if (stopped()) throw CancelledError("a stop was requested while waiting for a notification");
  }
  void wake() noexcept { finish(); }

 private:
  void start(net::EventLoop&) override {
    if (state_.waiting_ != nullptr)
      throw QueryError("two tasks wait for the notifications of one listener");
    state_.waiting_ = this;
  }
  void abandon() noexcept override {
    if (state_.waiting_ == this) state_.waiting_ = nullptr;
  }
  ListenerState& state_;
};

Task<void> ListenerState::open(std::shared_ptr<ListenerState> self,
                               std::set<std::string> channels) {
  self->refuse_inherited();
  for (const std::string& channel : channels) check(channel);
  for (const std::string& channel : channels) self->want(channel);
  co_await connect(self);
}

// Connects, and listens to all channels, also to those that are added meanwhile.
Task<void> ListenerState::connect(std::shared_ptr<ListenerState> self) {
  self->connection_ =
      co_await connection::open_connection(self->target_->options, self->target_->cache);
  self->connection_->set_exclusive(true);
  self->connection_->set_owner(self.get());
  std::uint64_t changes = 0;
  bool said = false;
  do {
    // What was changed while it was asked for is said anew.
    std::string script = std::exchange(said, true) ? "UNLISTEN *;" : "";
    changes = self->changes_;
    for (const auto& [channel, who] : self->channels_)
      script += "LISTEN " + quoted_identifier(channel) + ";";
    co_await run(self, std::move(script));
    if (self->closed_) throw ConnectionError("the listener was closed");
  } while (changes != self->changes_);
  if (!self->connection_->is_open()) throw ConnectionError("the connection was lost again");
  self->listening_ = true;
  self->last_problem_.clear();
}

Task<void> ListenerState::connect_again(std::shared_ptr<ListenerState> self) {
  std::chrono::milliseconds pause = first_pause;
  while (!self->closed_ && !self->mark_.is_inherited()) {
    // Full jitter, so that the clients of a server that restarts do not come back at once (P18).
    std::uniform_int_distribution<std::int64_t> spread(1, pause.count());
    try {
      const auto slept =
          co_await as_attempt(sleep_for(std::chrono::milliseconds(spread(net::thread_random()))));
      if (!slept || self->closed_) break;
      co_await connect(self);
      self->add(Notification("the connection was lost: messages may be missing"));
      break;
    } catch (const std::exception& error) {  // a lack of memory, too, is a reason to try later
      self->last_problem_ = text_of(error);
    }
    // It may be one that was opened and then failed; it is no longer in the middle of anything.
    self->listening_ = false;
    if (self->connection_ != nullptr) self->connection_->set_owner(nullptr);
    self->connection_.reset();
    pause = std::min(2 * pause, longest_pause);
  }
}

Task<void> ListenerState::run(std::shared_ptr<ListenerState> self, std::string script) {
  if (script.empty()) co_return;
  ConnectionExecutor executor(*self->connection_, self->statements_);
  co_await executor.execute_script(script);
}

Task<void> ListenerState::listen(std::shared_ptr<ListenerState> self, std::string channel) {
  self->refuse_inherited();
  check(channel);
  if (self->closed_) throw ConnectionError("the listener is closed");
  std::string script = "LISTEN " + quoted_identifier(channel);
  const std::uint64_t since = self->want(channel);
  if (!self->listening_) co_return;  // it will be when the connection is back
  std::exception_ptr thrown;
  try {
    // Another may have asked for it and not be answered yet: said twice it does no harm.
    co_await run(self, std::move(script));
    // NOLINTNEXTLINE(bugprone-empty-catch): as above
  } catch (const ConnectionError&) {
  } catch (...) {
    thrown = std::current_exception();
  }
  if (thrown == nullptr) co_return;
  self->want_no_longer(channel, since);
  std::rethrow_exception(thrown);
}

std::uint64_t ListenerState::want(const std::string& channel) {
  const auto [found, is_new] = channels_.try_emplace(channel);
  if (is_new) found->second.since = ++changes_;
  ++found->second.wanted_by;
  return found->second.since;
}

// Unless another has asked for it too, or it was asked for anew meanwhile.
void ListenerState::want_no_longer(const std::string& channel, std::uint64_t since) noexcept {
  const auto found = channels_.find(channel);
  if (found == channels_.end() || found->second.since != since) return;
  if (--found->second.wanted_by != 0) return;
  channels_.erase(found);
  ++changes_;
  // The server may have begun with it all the same. Without memory it goes on: what it sends of
  // that is dropped, as all of channels that nobody wants.
  if (listening_)
    static_cast<void>(try_spawn(reactor_, stop_.get_token(),
                                [&] { return end_listening(shared_from_this(), channel); }));
}

// Nobody waits for it, so that an exception would end the process.
Task<void> ListenerState::end_listening(std::shared_ptr<ListenerState> self, std::string channel) {
  try {
    const bool is_wanted = self->channels_.find(channel) != self->channels_.end();
    if (!self->listening_ || is_wanted) co_return;
    std::string script = "UNLISTEN " + quoted_identifier(channel);
    co_await run(self, std::move(script));
    // NOLINTNEXTLINE(bugprone-empty-catch): what comes of it is dropped
  } catch (...) {
  }
}

Task<void> ListenerState::unlisten(std::shared_ptr<ListenerState> self, std::string channel) {
  self->refuse_inherited();
  check(channel);
  if (self->channels_.erase(channel) == 0) co_return;
  ++self->changes_;
  if (!self->listening_) co_return;
  const auto ended = co_await as_attempt(run(self, "UNLISTEN " + quoted_identifier(channel)));
  if (ended || dynamic_cast<const ConnectionError*>(&ended.error()) != nullptr) co_return;
  std::rethrow_exception(ended.thrown());
}

void ListenerState::refuse_inherited() const {
  if (mark_.is_inherited())
    throw connection::inherited("listener at " + target_->options.describe());
}

Task<Notification> ListenerState::next(std::shared_ptr<ListenerState> self) {
  for (;;) {
    if (auto heard = self->take()) co_return *std::move(heard);
    self->refuse_inherited();
    if (self->closed_) throw ConnectionError("the listener is closed");
    co_await Wait(*self);
  }
}

std::optional<Notification> ListenerState::take() {
  if (heard_.empty()) return std::nullopt;
  std::optional<Notification> heard(std::move(heard_.front()));
  heard_.pop_front();
  heard_bytes_ -= size_of(*heard);
  return heard;
}

void ListenerState::add(Notification notification) {
  if (notification.is_gap() && !heard_.empty() && heard_.back().is_gap()) return;
  if (is_full() && !notification.is_gap()) {
    if (heard_.back().is_gap()) return;
    notification = Notification("more messages came than were asked for: some were dropped");
  }
  heard_bytes_ += size_of(notification);
  heard_.push_back(std::move(notification));
  wake();
}

void ListenerState::wake() noexcept {
  if (Wait* const waiting = std::exchange(waiting_, nullptr)) waiting->wake();
}

void ListenerState::on_notification(std::string_view channel, std::string_view payload,
                                    std::uint32_t process_id) {
  // Of one that is listened to no longer, and the server does not know it yet.
  if (channels_.find(std::string(channel)) == channels_.end()) return;
  add(Notification(std::string(channel), std::string(payload), process_id));
}

// A LISTEN that nobody waits for any more: its answer will come, or the connection will end.
void ListenerState::on_given_up(connection::Connection& connection) noexcept {
  try {
    connection.end_fence();
    // NOLINTNEXTLINE(bugprone-empty-catch): the fence stays, and what is asked next waits behind it
  } catch (const std::bad_alloc&) {
  }
}

void ListenerState::on_closed(connection::Connection&) noexcept {
  // While connect() is at work, it sees that for itself.
  if (!std::exchange(listening_, false) || closed_) return;
  assign_text(last_problem_, "the connection was lost");
  if (mark_.is_inherited()) return wake();
  if (!try_spawn(reactor_, stop_.get_token(), [this] { return connect_again(shared_from_this()); }))
    close();
}

void ListenerState::close() noexcept {
  if (std::exchange(closed_, true)) return;
  listening_ = false;
  stop_.request_stop();
  if (connection_ != nullptr) connection_->close("the listener was closed");
  wake();
}

}  // namespace pgreactor::pool

namespace pgreactor {

Listener::Listener(std::shared_ptr<pool::ListenerState> state) noexcept
    : state_(std::move(state)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&& other) noexcept {
  if (state_ != nullptr && this != &other) state_->close();
  state_ = std::move(other.state_);
  return *this;
}
Listener::~Listener() {
  if (state_ != nullptr) state_->close();
}

Task<void> Listener::listen(std::string channel) {
  return pool::ListenerState::listen(state_, std::move(channel));
}
Task<void> Listener::unlisten(std::string channel) {
  return pool::ListenerState::unlisten(state_, std::move(channel));
}
Task<Notification> Listener::next() { return pool::ListenerState::next(state_); }
std::optional<Notification> Listener::try_next() { return state_->take(); }
bool Listener::is_full() const noexcept { return state_->is_full(); }
bool Listener::is_connected() const noexcept { return state_->is_connected(); }
const std::string& Listener::last_problem() const noexcept { return state_->last_problem(); }
void Listener::close() noexcept { state_->close(); }

}  // namespace pgreactor
