#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <pgreactor/connection_options.hpp>
#include <random>

namespace pgreactor::pool {

/// How old a pool's connections become, and how many may be parted from at a time. Knows no clock:
/// `now` comes in.
class Ageing {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Ageing(const ConnectionOptions& options) noexcept
      : lifetime_(options.pool_max_lifetime), idle_(options.pool_idle_timeout) {}

  /// For a connection that was opened now: anything from 0.9 of the lifetime to the whole, so that
  /// those that were opened together do not end together. The end of time without a lifetime.
  template <class Random>
  TimePoint end_of_life(TimePoint now, Random& random) const {
    if (lifetime_.count() == 0) return TimePoint::max();
    const auto most = std::chrono::microseconds(lifetime_).count();
    std::uniform_int_distribution<std::int64_t> spread(most - most / 10, most);
    return now + std::chrono::microseconds(spread(random));
  }
  bool is_idle_too_long(TimePoint now, TimePoint used) const noexcept {
    return idle_.count() != 0 && now - used >= idle_;
  }
  /// Holders that use their connection for so long no more are told of; 0: they are not.
  void watch_holders(std::chrono::milliseconds pause) noexcept { pause_ = pause; }
  bool is_long_pause(TimePoint now, TimePoint since) const noexcept {
    return pause_.count() != 0 && now - since >= pause_;
  }
  /// Whether one more of `size` connections may be replaced for its age: a tenth of them in a
  /// second, or one; it is counted if so.
  bool take_turn(TimePoint now, std::size_t size) noexcept {
    constexpr std::chrono::seconds period{1};
    if (now - period_began_ >= period) {
      period_began_ = now;
      in_period_ = 0;
    }
    if (in_period_ >= std::max<std::size_t>(1, size / 10)) return false;
    ++in_period_;
    return true;
  }
  bool is_needed() const noexcept {
    return lifetime_.count() != 0 || idle_.count() != 0 || pause_.count() != 0;
  }
  /// How often to look: a tenth of the shortest of these times, 10 ms to 1 s.
  std::chrono::milliseconds interval() const noexcept {
    using std::chrono::milliseconds;
    milliseconds shortest = milliseconds::max();
    for (const milliseconds each : {lifetime_, idle_, pause_})
      if (each.count() != 0) shortest = std::min(shortest, each);
    return std::clamp(shortest / 10, milliseconds(10), milliseconds(1000));
  }

 private:
  std::chrono::milliseconds lifetime_, idle_, pause_{0};
  TimePoint period_began_{std::chrono::hours(-1)};
  std::size_t in_period_ = 0;
};

}  // namespace pgreactor::pool
