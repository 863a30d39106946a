#pragma once
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/values/big_endian.hpp>
#include <stop_token>
#include <utility>

namespace pgreactor::detail {

class StreamRequest;

/// A connection that one user has alone. Ending it gives the connection back, which is then made
/// fit for others.
class Lease {
 public:
  Lease() = default;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  virtual ~Lease() = default;

  virtual void submit(Request& request) = 0;
};

/// The connection's side of a stream that is under way; all on the loop thread.
class StreamSource {
 public:
  /// Gives the request its next item, or rows, if any are here or can be read without waiting.
  virtual void pull(StreamRequest& request) noexcept = 0;
  /// Puts a CopyData message on its way, and sends what the kernel takes: the data stands behind
  /// `push_room` bytes, which are overwritten.
  static constexpr std::size_t push_room = 5;
  virtual void push(std::span<std::byte> frame) = 0;
  /// CopyDone, or CopyFail when there is a reason.
  virtual void end_copy_in(std::string_view failure) = 0;
  /// Should no more be pushed now? The request is woken when that has changed.
  virtual bool is_full() const noexcept = 0;

 protected:
  ~StreamSource() = default;
};

/// A statement whose answer is taken piece by piece, as it comes: rows, or the data of a COPY. It
/// has a connection alone, and while its user does something else nothing is read from there: what
/// the server sends beyond a receive block waits in the kernel, and then in the server.
class PGREACTOR_API StreamRequest : public Request {
 public:
  enum class Form : std::uint8_t {
    rows,
    copy,  ///< by the simple protocol: its text has no parameters
  };

  /// What its user may have to wait for.
  enum class Until : std::uint8_t {
    item,   ///< the next item, or the end
    begun,  ///< a COPY: the server's consent, or the end
    room,   ///< a COPY in: little enough is unsent, or the end
    end,
  };

  /// Here and not in Request: its owner still asks a stream what it is about.
  virtual ~StreamRequest() {
    if (owner() != nullptr) drop();
  }
  Form form() const noexcept { return form_; }

  // What the connection tells.
  void set_source(StreamSource* source) noexcept { source_ = source; }
  /// A row's values or a piece of data; valid until the next pull().
  void give(Bytes item) noexcept {
    item_ = item;
    has_item_ = true;
    wake();
  }
  /// In answer to pull(), its user being awake: DataRow messages one behind the other, at least one
  /// and all found whole. Valid as one item.
  void give_rows(Bytes messages) noexcept {
    rows_ = messages.data();
    rows_end_ = rows_ + messages.size();
    take_row();
  }
  /// It ends while its user may still look at an item: the block that it stands in is ours now.
  void keep(std::unique_ptr<std::byte[]> block) noexcept { kept_ = std::move(block); }
  /// It was ended by others: what was received and not taken is not given out any more.
  void drop_items() noexcept {
    has_item_ = false;
    rows_ = rows_end_ = nullptr;
  }
  /// The server takes data, or gives it.
  void begin_copy(bool in) noexcept {
    copies_in_ = in;
    begun_ = true;
    wake();
  }
  /// Another COPY has begun in the same text: its data is dropped, and the end is an error.
  void refuse_copy() noexcept { several_ = true; }
  bool has_several_copies() const noexcept { return several_; }
  /// More may be pushed again.
  void on_room() noexcept {
    if (awaited_ == Until::room) wake();
  }
  void wake() noexcept;

  // What its user asks.
  /// Errors  CancelledError, TimeoutError and what submit() throws, before anything is sent.
  /// `left` is what is left of `timeout`.
  void start(Lease& lease, const TaskContext& context, std::chrono::nanoseconds timeout,
             std::chrono::nanoseconds left);
  bool ended() const noexcept { return owner() == nullptr; }
  bool has_item() const noexcept { return has_item_; }
  Bytes take_item() noexcept {
    has_item_ = false;
    return item_;
  }
  bool begun() const noexcept { return begun_; }
  bool copies_in() const noexcept { return copies_in_; }
  /// Of a stream that has not ended.
  StreamSource& source() noexcept { return *source_; }
  /// After the end: throws what it failed with, each time, so that no end looks like a good one.
  void throw_failure() const { throw_if_failed_again(); }
  /// What its user knows who does not wait for its end.
  Outcome outcome_if_left() const noexcept {
    return owner() == nullptr ? Outcome::unknown : owner()->outcome_if_left(*this);
  }

  bool is_over(Until until) noexcept;

 protected:
  StreamRequest(Form form, std::shared_ptr<StatementEntry> statement,
                const std::source_location& where) noexcept
      : Request(Keep::streamed), form_(form) {
    statement_ = std::move(statement);
    where_ = where;
  }

 private:
  friend class StreamWait;
  friend class Request;
  void on_deadline() noexcept;
  /// The first of rows_ becomes the item:  'D'  length u32, itself included  n u16  values
  void take_row() noexcept {
    constexpr std::size_t tag = 1, count = sizeof(std::uint16_t);
    const auto length = load_big_endian<std::uint32_t>(rows_ + tag);
    item_ = {rows_ + tag + sizeof(length) + count, length - sizeof(length) - count};
    has_item_ = true;
    rows_ += tag + length;
  }

  Form form_;
  bool has_item_ = false;
  bool begun_ = false;
  bool copies_in_ = false;
  bool several_ = false;
  bool overdue_ = false;  // its time is over, and its user still looks at an item
  Bytes item_;
  std::unique_ptr<std::byte[]> kept_;
  const std::byte* rows_ = nullptr;  // those that come after the item
  const std::byte* rows_end_ = nullptr;
  StreamSource* source_ = nullptr;
  Resumable reader_;
  Until awaited_ = Until::end;  // by the reader, when there is one
};

inline bool StreamRequest::is_over(Until until) noexcept {
  if (ended()) return true;
  switch (until) {
    case Until::item:
      if (!has_item_ && source_ != nullptr) {
        if (overdue_) [[unlikely]]
          give_up(true);
        else if (rows_ != rows_end_)
          take_row();
        else
          source_->pull(*this);
      }
      return has_item_ || ended();
    case Until::begun:
      return begun_;
    case Until::room:
      return !source_->is_full();
    case Until::end:
      return false;
  }
  return true;
}

/// Suspends a task until something is over. A stop ends the wait, not the stream.
class PGREACTOR_API StreamWait {
 public:
  StreamWait(StreamRequest& request, StreamRequest::Until until) noexcept
      : request_(request), until_(until) {}
  StreamWait(const StreamWait&) = delete;
  StreamWait& operator=(const StreamWait&) = delete;
  ~StreamWait() {
    if (suspended_) forget();
  }

  bool await_ready() noexcept { return request_.is_over(until_); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task) {
    suspend(task, *task.promise().context());
  }
  /// Errors  CancelledError after a stop, unless the end has come as well: that tells more.
  void await_resume() {
    // In a longer expression it lives on, while its task may wait for something else.
    if (std::exchange(suspended_, false)) forget();
    if (stopped_ && !request_.ended()) [[unlikely]]
      throw_stopped();
  }

 private:
  struct Stop {
    StreamWait* self;
    void operator()() const noexcept;
  };
  void suspend(std::coroutine_handle<> task, const TaskContext& context);
  void forget() noexcept;
  [[noreturn]] void throw_stopped() const;

  StreamRequest& request_;
  StreamRequest::Until until_;
  bool suspended_ = false;
  bool stopped_ = false;
  std::optional<std::stop_callback<Stop>> stop_;
};

}  // namespace pgreactor::detail
