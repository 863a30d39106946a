#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <pgreactor/listener.hpp>
#include <pgreactor/reactor.hpp>
#include <set>
#include <stop_token>
#include <string>

#include "src/connection/connection.hpp"
#include "src/connection/statement_registry.hpp"
#include "src/pool/target.hpp"
#include "src/reactor/stoppable_wait.hpp"

namespace pgreactor::pool {

/// A listener's connection, its channels, and what was heard. Shared with the tasks that work on
/// it, which may outlive the Listener.
class ListenerState final : public std::enable_shared_from_this<ListenerState>,
                            private connection::ConnectionOwner {
 public:
  ListenerState(Reactor& reactor, std::shared_ptr<Target> target)
      : reactor_(reactor), target_(std::move(target)) {}
  ~ListenerState() { close(); }

  /// Connects for the first time.
  static Task<void> open(std::shared_ptr<ListenerState> self, std::set<std::string> channels);
  static Task<void> listen(std::shared_ptr<ListenerState> self, std::string channel);
  static Task<void> unlisten(std::shared_ptr<ListenerState> self, std::string channel);
  static Task<Notification> next(std::shared_ptr<ListenerState> self);
  std::optional<Notification> take();
  bool is_full() const noexcept {
    return heard_.size() >= Listener::most_messages || heard_bytes_ >= Listener::most_bytes;
  }
  bool is_connected() const noexcept { return listening_; }
  const std::string& last_problem() const noexcept { return last_problem_; }
  void close() noexcept;

 private:
  class Wait;

  struct Channel {
    std::uint64_t since = 0;    // no two of a listener have the same
    std::size_t wanted_by = 0;  // who asked for it and was not refused
  };

  static Task<void> connect(std::shared_ptr<ListenerState> self);
  static Task<void> connect_again(std::shared_ptr<ListenerState> self);
  void refuse_inherited() const;
  static Task<void> run(std::shared_ptr<ListenerState> self, std::string script);
  static Task<void> end_listening(std::shared_ptr<ListenerState> self, std::string channel);
  std::uint64_t want(const std::string& channel);
  void want_no_longer(const std::string& channel, std::uint64_t since) noexcept;
  void add(Notification notification);
  void wake() noexcept;

  void on_progress(connection::Connection&) noexcept override {}
  void on_given_up(connection::Connection& connection) noexcept override;
  void on_closed(connection::Connection& connection) noexcept override;
  void on_notification(std::string_view channel, std::string_view payload,
                       std::uint32_t process_id) override;

  Reactor& reactor_;
  const net::ForkMark mark_{};
  std::shared_ptr<Target> target_;
  connection::StatementRegistry statements_;  // unused by scripts, but an executor has one
  std::unique_ptr<connection::Connection> connection_;
  std::map<std::string, Channel> channels_;
  std::uint64_t changes_ = 0;  // of channels_
  bool listening_ = false;     // the connection is there and listens to all of them
  bool closed_ = false;
  std::string last_problem_;
  std::stop_source stop_;

  std::deque<Notification> heard_;
  std::size_t heard_bytes_ = 0;
  Wait* waiting_ = nullptr;
};

}  // namespace pgreactor::pool
