#pragma once
#include <cstdint>
#include <memory>
#include <utility>

#include "src/connection/connection.hpp"

namespace pgreactor::connection {

/// Messages on their way into the output buffer. All that can fail comes before becomes(): until
/// then they are taken back with it, so that whatever the server answers has a slot (P1).
class Connection::Unsent {
 public:
  static constexpr std::uint32_t most_steps = 6;  // close parse describe bind execute sync

  explicit Unsent(Connection& connection)
      : connection_(connection),
        undo_(connection.session_.output().size()),
        first_byte_(connection.position()) {
    connection.slots_.reserve_one();
    connection.session_.reserve_steps(most_steps);
  }
  Unsent(const Unsent&) = delete;
  Unsent& operator=(const Unsent&) = delete;
  ~Unsent() {
    if (!kept_) connection_.session_.output().truncate(undo_);
  }
  SlotDetails& prepares(const Entry& entry) {
    details_ = std::make_unique<SlotDetails>();
    details_->entry = entry;
    return *details_;
  }
  Slot& becomes(Slot::Kind kind, EventTrace::Sent what) noexcept {
    kept_ = true;
    connection_.trace_.queued(what, connection_.session_.output().size() - undo_);
    Slot& slot = connection_.slots_.push();
    slot.kind = kind;
    slot.first_byte = first_byte_;
    slot.details = std::move(details_);
    connection_.want_flush();
    return slot;
  }

 private:
  Connection& connection_;
  std::size_t undo_;
  std::uint64_t first_byte_;
  std::unique_ptr<SlotDetails> details_;
  bool kept_ = false;
};

}  // namespace pgreactor::connection
