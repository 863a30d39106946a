#pragma once
#include <cstdint>
#include <string_view>

namespace pgreactor {

/// What became of a statement that failed, as far as this side can know.
enum class Outcome : std::uint8_t {
  not_sent,     ///< no byte was handed to the kernel: running it again cannot run it twice
  skipped,      ///< sent, but the server skipped it after an earlier failure before the same Sync
  rolled_back,  ///< the server said that it failed; its effects are gone
  committed,    ///< the server said that it committed
  unknown,      ///< sent, and the answer was lost or not what was asked for, or a part of it may
                ///< stay: it may or may not have taken effect
};

constexpr std::string_view name_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::not_sent:
      return "not sent";
    case Outcome::skipped:
      return "skipped";
    case Outcome::rolled_back:
      return "rolled back";
    case Outcome::committed:
      return "committed";
    case Outcome::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace pgreactor
