#pragma once
#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <pgreactor/detail/stream_request.hpp>
#include <pgreactor/detail/with_values.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/row.hpp>
#include <pgreactor/task.hpp>
#include <string_view>
#include <tuple>
#include <utility>

namespace pgreactor {

/// The rows of one statement, one after the other, as the server sends them: a table larger than
/// memory can be read. Made by Executor::stream.
///
///   pg::RowStream rows = co_await db.stream("SELECT id, name FROM users");
///   while (const auto row = co_await rows.next()) {
///     auto [id, name] = row->to<int, std::string_view>();
///   }
///
/// Holds   one receive block (64 KiB, more only for a row that is larger), however slow its reader:
///         what was not asked for is not read, and the server waits.
/// Owner   has its connection alone until the end or its own; dropped earlier, the connection is
///         made fit again behind the scenes. In a transaction nothing else can run until then.
class PGREACTOR_API RowStream {
 public:
  /// For the library.
  RowStream(std::unique_ptr<detail::StreamRequest> request,
            std::unique_ptr<detail::Lease> lease) noexcept
      : lease_(std::move(lease)), request_(std::move(request)) {}
  RowStream(RowStream&&) noexcept = default;
  RowStream& operator=(RowStream&& other) noexcept {
    request_ = std::move(other.request_);  // before what it runs on
    lease_ = std::move(other.lease_);
    return *this;
  }
  ~RowStream() = default;

  /// What next() returns: movable until it is awaited.
  class Next {
   public:
    class Awaiter {
     public:
      explicit Awaiter(RowStream& rows) noexcept : rows_(rows) {}
      bool await_ready() noexcept { return rows_.request_->is_over(item); }
      template <class Promise>
      void await_suspend(std::coroutine_handle<Promise> task) {
        wait_.emplace(*rows_.request_, item).await_suspend(task);
      }
      std::optional<RowView> await_resume() {
        if (wait_) wait_->await_resume();
        detail::StreamRequest& request = *rows_.request_;
        if (!request.has_item()) [[unlikely]] {
          rows_.end();
          return std::nullopt;
        }
        return RowView{*request.shape(), request.take_item()};
      }

     private:
      static constexpr auto item = detail::StreamRequest::Until::item;
      RowStream& rows_;
      std::optional<detail::StreamWait> wait_;  // when there is need to
    };

    explicit Next(RowStream& rows) noexcept : rows_(&rows) {}
    Awaiter operator co_await() const noexcept { return Awaiter{*rows_}; }

   private:
    RowStream* rows_;
  };

  /// `co_await rows.next()`: the next row, which stays until the one after it is asked for, or
  /// nullopt when there are no more, and again after that. One call at a time.
  /// Errors  QueryError when the statement failed on the way, TimeoutError, ConnectionError; a stop
  ///         gives CancelledError, after which the stream can be read on.
  [[nodiscard]] Next next() noexcept { return Next{*this}; }

  /// The columns; none of a statement that returns no rows.
  const ResultShape& shape() const noexcept { return *request_->shape(); }
  /// "SELECT 12" once next() has given nullopt; empty before.
  std::string_view command_tag() const noexcept { return request_->tag(); }

 private:
  void end();

  std::unique_ptr<detail::Lease> lease_;
  std::unique_ptr<detail::StreamRequest> request_;
};

namespace detail {

template <class... Held>
std::unique_ptr<StreamRequest> make_stream(std::shared_ptr<StatementEntry> statement,
                                           const std::source_location& where,
                                           std::tuple<Held...> values) {
  return std::make_unique<WithValues<StreamRequest, Held...>>(
      std::move(values), StreamRequest::Form::rows, std::move(statement), where);
}

/// Acquires a connection, sends the statement, and waits for its first row or its end.
PGREACTOR_API Task<RowStream> open_stream(Executor& executor,
                                          std::unique_ptr<StreamRequest> request,
                                          std::chrono::nanoseconds timeout);

}  // namespace detail
}  // namespace pgreactor
