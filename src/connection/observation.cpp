#include "src/connection/observation.hpp"

#include <pgreactor/detail/batch_request.hpp>
#include <pgreactor/error.hpp>

namespace pgreactor::detail {

void QueryWatch::began(const QueryBegin& query) noexcept {
  try {
    observer_.began(query);
  } catch (...) {
    ++failures_;
  }
}

void QueryWatch::ended(const QueryEnd& query) noexcept {
  try {
    observer_.ended(query);
  } catch (...) {
    ++failures_;
  }
}

void Observation::end(std::string_view command_tag, std::uint64_t rows,
                      const std::exception_ptr& failure) noexcept {
  QueryEnd end{begin_};
  end.duration = std::chrono::steady_clock::now() - begin_.at;
  end.command_tag = command_tag;
  end.rows = rows;
  end.succeeded = failure == nullptr;
  if (end.succeeded) return watch_->ended(end);
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    end.error = &error;
    end.outcome = error.outcome();
    watch_->ended(end);
  } catch (...) {
    watch_->ended(end);
  }
}

void Request::observe(const std::shared_ptr<QueryWatch>& watch, std::uint64_t connection) {
  auto* const batch = is_batched() ? static_cast<BatchRequest*>(this) : nullptr;
  const auto& named = batch != nullptr && !batch->empty() ? batch->first()->statement_ : statement_;
  QueryBegin begin;
  begin.query = watch->next_query();
  begin.connection = connection;
  if (named != nullptr) begin.sql = named->text();
  if (batch != nullptr) begin.statements = batch->size();
  begin.where = where_;
  begin.at = std::chrono::steady_clock::now();
  observation_ = new Observation(watch, named, begin);
}

void Request::end_observation(const std::exception_ptr& failure) noexcept {
  const std::unique_ptr<Observation> ended(std::exchange(observation_, nullptr));
  if (ended == nullptr) return;
  std::string_view last = tag();
  std::uint64_t rows = affected_;
  if (is_batched()) {
    static_cast<BatchRequest*>(this)->all_of([&](Request& item) {
      rows += item.affected_;
      if (item.tag_size_ != 0) last = item.tag();
      return true;
    });
  }
  ended->end(last, rows, failure);
}

// Its task was destroyed: of a batch, its statements are gone already.
void Request::drop() noexcept {
  const Outcome outcome = owner_->abandon(*this);
  const std::unique_ptr<Observation> ended(std::exchange(observation_, nullptr));
  if (ended == nullptr) return;
  ended->end({}, 0,
             std::make_exception_ptr(CancelledError("the query's task was destroyed", outcome)));
}

void Request::stop_waiting() noexcept {
  if (owner_ != nullptr) drop();
  unlink();
  forget_last_wait();
}

void Request::forget_last_wait() noexcept {
  if (deadline_.armed()) deadline_.disarm();
  stop_.reset();
  failure_ = nullptr;
}

}  // namespace pgreactor::detail
