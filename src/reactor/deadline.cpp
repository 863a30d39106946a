#include <pgreactor/combinators.hpp>
#include <string>

#include "src/reactor/event_loop.hpp"

namespace pgreactor::detail {

Deadline::Deadline(StoppableScope& scope, std::chrono::nanoseconds duration)
    : TimerEntry(&Deadline::on_due), scope_(scope) {
  scope.context().reactor->event_loop().arm(*this, duration);
}

void Deadline::on_due(TimerEntry& entry) noexcept {
  auto& self = static_cast<Deadline&>(entry);
  self.passed_ = true;
  self.scope_.request_stop();
}

void throw_timed_out(std::chrono::nanoseconds duration, const Error& cancelled) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  throw TimeoutError("after " + std::to_string(ms) + " ms: " + cancelled.what(),
                     cancelled.outcome(), nullptr, cancelled.connection_usable());
}

}  // namespace pgreactor::detail
