#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string>
#include <vector>

#include "protocol/frame.hpp"

namespace pgreactor::connection {

/// What went over a connection last: noted all the time, read when it is lost. It holds names,
/// sizes and times, never content.
///
/// Each direction has a ring of its own. So that a message costs a few instructions and no
/// allocation, what commonly follows a received message is added to its entry, and the clock is
/// asked for each receive and send: as the processor counts it, where that can be asked.
class EventTrace {
 public:
  /// What is put into the output together.
  enum class Sent : std::uint8_t {
    run,
    batch,
    prepare_and_run,
    prepare,
    close,
    query,
    sync,
    copy,
    copy_end,
    execute,
  };

  EventTrace() noexcept;
  EventTrace(const EventTrace&) = delete;
  EventTrace& operator=(const EventTrace&) = delete;

  /// A receive has brought bytes; the messages that follow are of it.
  void on_receive() noexcept { last_ = &received_.add_time(); }
  void received(protocol::BackendTag tag, std::size_t body) noexcept {
    last_ = &received_.add(static_cast<std::uint8_t>(tag), body + protocol::header_size);
  }
  /// The message that `input` begins with, whole or not.
  void received_first_of(Bytes input) noexcept;
  /// A DataRow or CopyData, or some in a row.
  void received_piece(std::size_t bytes) noexcept {
    last_->head += one_piece;
    last_->bytes += static_cast<std::uint32_t>(bytes);
  }
  void received_command_complete(std::size_t body) noexcept {
    last_->head |= command_complete;
    last_->bytes += static_cast<std::uint32_t>(body + protocol::header_size);
  }
  void received_ready() noexcept {
    last_->head |= ready;
    last_->bytes += protocol::header_size + 1;
  }
  /// Put into the output: sent by the next send.
  void queued(Sent what, std::size_t bytes) noexcept {
    sent_.add(static_cast<std::uint8_t>(what), bytes);
  }
  void queued_copy_data(std::size_t bytes) noexcept;
  /// The kernel is given what was queued.
  void on_send() noexcept { sent_.add_time(); }

  /// A line each, oldest first. `unsent` bytes at the end of the output are still here.
  /// Errors  std::bad_alloc.
  std::string text(std::size_t unsent) const;

 private:
  static constexpr std::uint32_t most = 64;  // of each direction
  // Of an entry's head: bits 0-7 say which message, 8-28 how many pieces came behind it.
  static constexpr std::uint32_t one_piece = 1u << 8, pieces_mask = 0x1fffff;
  static constexpr std::uint32_t time_only = 1u << 29, command_complete = 1u << 30,
                                 ready = 1u << 31;

  struct Entry {
    std::uint32_t head = 0;
    std::uint32_t bytes = 0;  // altogether
  };
  class Ring {
   public:
    Entry& add(std::uint8_t what, std::size_t bytes) noexcept {
      Entry& entry = entries[next++ % most];
      entry = {what, static_cast<std::uint32_t>(bytes)};
      return entry;
    }
    Entry& add_time() noexcept {
      times[next % most] = ticks();
      Entry& entry = entries[next++ % most];
      entry = {time_only, 0};
      return entry;
    }
    std::uint32_t next = 0;  // wraps round, which `most` divides
    std::array<Entry, most> entries{};
    std::array<std::uint64_t, most> times{};  // of those that are a time only
  };
  struct Line {
    std::uint64_t ticks = 0;  // 0: before the oldest that is known
    std::string text;
  };

  static std::uint64_t ticks() noexcept;
  std::vector<Line> received_lines() const;
  std::vector<Line> sent_lines() const;

  Ring received_;
  Ring sent_;
  Entry* last_;  // received
  std::uint64_t first_ticks_;
  std::int64_t first_time_;  // nanoseconds, at the same moment
};

#if defined(__x86_64__)
inline std::uint64_t EventTrace::ticks() noexcept { return __builtin_ia32_rdtsc(); }
#endif

}  // namespace pgreactor::connection
