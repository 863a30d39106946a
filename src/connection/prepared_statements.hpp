#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

#include "src/connection/statement_entry.hpp"

namespace pgreactor::connection {

/// Which statements this connection's server session knows, the least recently used first to go.
class PreparedStatements {
 public:
  enum class State : std::uint8_t {
    absent,
    preparing,
    prepared,
    outdated,  ///< prepared, but its entry is described otherwise by now
  };

  explicit PreparedStatements(std::size_t capacity) : capacity_(capacity == 0 ? 1 : capacity) {}

  /// Where the statement stands; a use counts for the order of eviction.
  State use(const detail::StatementEntry& entry) noexcept {
    // Many statements run in a row.
    if (entry.id() == last_used_ && entry.description().get() == last_description_)
      return State::prepared;
    return look_up(entry);
  }
  /// The name of the statement that add() will let go, if it has to; the server is to close it.
  const std::string* next_to_go() const noexcept;
  /// It is being prepared.
  void add(const detail::StatementEntry& entry);
  /// As the server described it to this connection.
  void set_prepared(const detail::StatementEntry& entry,
                    std::shared_ptr<const detail::StatementDescription> description) noexcept;
  /// The server does not know it (any more).
  void remove(const detail::StatementEntry& entry) noexcept;
  /// The server has dropped all of them but those that it is about to prepare.
  void remove_prepared() noexcept;
  std::size_t size() const noexcept { return recent_.size(); }
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  struct Known {
    std::uint64_t id;
    std::string name;
    State state;
    std::shared_ptr<const detail::StatementDescription> description{};  // when prepared
  };
  using Recent = std::list<Known>;  // most recent first
  Recent::const_iterator oldest() const noexcept;
  State look_up(const detail::StatementEntry& entry) noexcept;

  std::size_t capacity_;
  // The front of recent_, if that is prepared.
  std::uint64_t last_used_ = 0;
  const detail::StatementDescription* last_description_ = nullptr;
  Recent recent_;
  std::unordered_map<std::uint64_t, Recent::iterator> by_id_;
};

}  // namespace pgreactor::connection
