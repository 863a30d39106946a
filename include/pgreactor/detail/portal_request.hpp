#pragma once
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <pgreactor/detail/request.hpp>
#include <pgreactor/detail/stream_request.hpp>
#include <pgreactor/detail/with_values.hpp>
#include <pgreactor/export.hpp>
#include <source_location>
#include <span>
#include <string>
#include <tuple>
#include <utility>

namespace pgreactor::detail {

/// A statement with the values of its parameters that the server runs piece by piece, under a name.
class PGREACTOR_API Portal {
 public:
  enum class State : std::uint8_t { not_open, open, at_end, closed };

  Portal(std::shared_ptr<StatementEntry> statement, const std::source_location& where);
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;
  virtual ~Portal() = default;

  virtual std::size_t parameter_count() const noexcept = 0;
  virtual ParameterFailure write_parameters(std::span<const Oid> types, ByteBuffer& out) const = 0;

  const std::shared_ptr<StatementEntry> statement;
  const std::source_location where;
  const std::string name;  // of no other portal of this process
  std::unique_ptr<Lease> lease;
  State state = State::not_open;
  bool is_used = false;
  std::shared_ptr<const ResultShape> shape;  // once it is open
};

template <class... Held>
std::shared_ptr<Portal> make_portal(std::shared_ptr<StatementEntry> statement,
                                    const std::source_location& where, std::tuple<Held...> values) {
  return std::make_shared<WithValues<Portal, Held...>>(std::move(values), std::move(statement),
                                                       where);
}

/// What is asked of a portal: its next rows, with which it is opened when it is not, or its end.
/// Awaited once.
class PortalRequest final : public Request {
 public:
  /// `most` rows; 0 is to close it.
  PortalRequest(std::shared_ptr<Portal> portal, std::uint32_t most,
                std::chrono::nanoseconds timeout) noexcept;

  const Portal& portal() const noexcept { return *portal_; }
  std::uint32_t most() const noexcept { return most_; }
  /// Is the portal opened by this request?
  bool opens() const noexcept { return portal_->state == Portal::State::not_open; }
  bool closes() const noexcept { return most_ == 0; }
  /// Counts a row; false for one more than was asked for.
  bool takes_row() noexcept { return rows_++ < most_; }
  /// The server says that there may be more rows.
  void suspend() noexcept { suspended_ = true; }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> task) {
    submit(*portal_->lease, task, *task.promise().context(), timeout_);
  }
  Result await_resume();

 private:
  std::size_t parameter_count() const noexcept override { return portal_->parameter_count(); }
  ParameterFailure write_parameters(std::span<const Oid> types, ByteBuffer& out) const override {
    return portal_->write_parameters(types, out);
  }

  std::shared_ptr<Portal> portal_;
  std::uint32_t most_;
  std::uint32_t rows_ = 0;
  std::chrono::nanoseconds timeout_;
  bool suspended_ = false;
};

}  // namespace pgreactor::detail
