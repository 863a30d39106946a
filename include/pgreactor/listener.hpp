#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/export.hpp>
#include <pgreactor/task.hpp>
#include <string>
#include <utility>

namespace pgreactor {

namespace pool {
class ListenerState;
}

/// What somebody sent to a channel, or the word that more may have been sent than was received.
class PGREACTOR_API Notification {
 public:
  /// A message.
  Notification(std::string channel, std::string payload, std::uint32_t process_id)
      : channel_(std::move(channel)), text_(std::move(payload)), process_id_(process_id) {}
  /// A gap.
  explicit Notification(std::string reason) : text_(std::move(reason)), gap_(true) {}

  /// Messages may be missing here: read anew what they are about.
  bool is_gap() const noexcept { return gap_; }
  /// Why there is a gap; empty when there is none.
  const std::string& reason() const noexcept { return gap_ ? text_ : channel_; }
  /// Empty for a gap, as is the payload.
  const std::string& channel() const noexcept { return channel_; }
  const std::string& payload() const noexcept { return gap_ ? channel_ : text_; }
  /// Of the server process in which NOTIFY was executed; 0 for a gap.
  std::uint32_t process_id() const noexcept { return process_id_; }

 private:
  std::string channel_;
  std::string text_;
  std::uint32_t process_id_ = 0;
  bool gap_ = false;
};

/// Hears what is sent to channels (LISTEN, NOTIFY), on a connection of its own beside the pool's.
/// Made by DBConnector::listen.
///
///   pg::Listener listener = co_await db.listen("orders");
///   for (;;) {
///     const pg::Notification heard = co_await listener.next();
///     if (heard.is_gap()) co_await read_all_orders_again();
///     else co_await read_order(heard.payload());
///   }
///
/// A lost connection is made anew, with pauses that grow to five seconds, and listens to all the
/// channels again before next() gives a gap: whoever then reads the tables misses nothing.
/// Limits  10,000 messages or 16 MiB wait to be asked for; what comes beyond is dropped, and a gap
///         stands in its place.
/// Owner   the reactor outlives it, the connector need not. close(), or its end, ends the
/// connection.
class PGREACTOR_API Listener {
 public:
  static constexpr std::size_t most_messages = 10'000;
  static constexpr std::size_t most_bytes = std::size_t{16} << 20;  // of channels and payloads

  /// For the library.
  explicit Listener(std::shared_ptr<pool::ListenerState> state) noexcept;
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  ~Listener();

  /// Also listens to this channel: at once, or when the connection is back.
  /// Units   a name is taken as it is, upper case and all, and has 1 to 63 bytes.
  /// Errors  QueryError: no such name is possible, or the server refuses it.
  Task<void> listen(std::string channel);
  /// No longer. What was sent before may still come.
  Task<void> unlisten(std::string channel);

  /// The next message or gap; waits for it. One call at a time.
  /// Errors  CancelledError after a stop; ConnectionError once it is closed and all was given.
  Task<Notification> next();
  /// The same without waiting; nullopt when there is none.
  std::optional<Notification> try_next();

  /// As many wait as can: what comes now is dropped.
  bool is_full() const noexcept;
  /// False while the connection is lost.
  bool is_connected() const noexcept;
  /// Why the latest attempt to connect again failed; empty when connected.
  const std::string& last_problem() const noexcept;
  /// Ends the connection. A task that waits in next() gets ConnectionError.
  void close() noexcept;

 private:
  std::shared_ptr<pool::ListenerState> state_;
};

}  // namespace pgreactor
