#pragma once
#include <memory>
#include <pgreactor/export.hpp>
#include <string_view>
#include <utility>

namespace pgreactor {
namespace detail {
class StatementEntry;
}

/// A statement to be run many times: held, it is found without looking at its text. It is prepared
/// on each connection at its first use there, and again after it was evicted.
/// Owner   cheap to copy; may outlive the pool it came from, and be run on another: what servers
/// say
///         of it is then prepared anew on each. Made by Executor::prepare.
class PGREACTOR_API Statement {
 public:
  explicit Statement(std::shared_ptr<detail::StatementEntry> entry) noexcept
      : entry_(std::move(entry)) {}
  std::string_view text() const noexcept;
  const std::shared_ptr<detail::StatementEntry>& entry() const noexcept { return entry_; }

 private:
  std::shared_ptr<detail::StatementEntry> entry_;
};

}  // namespace pgreactor
