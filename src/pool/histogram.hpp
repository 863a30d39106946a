#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <pgreactor/pool_statistics.hpp>

namespace pgreactor::pool {

/// How long something took, each time: counts in buckets of 1 us up to 16 us, and from there on in
/// eight of each power of two, so that a percentile is at most an eighth too high. Adding costs the
/// same for all values and allocates nothing.
class Histogram {
 public:
  void add(std::chrono::nanoseconds took) noexcept {
    const auto counted = std::max(took, std::chrono::nanoseconds(0));
    ++buckets_[bucket_of(static_cast<std::uint64_t>(counted.count()) / 1000)];
    ++count_;
    most_ = std::max(most_, counted);
  }

  Percentiles percentiles() const noexcept {
    Percentiles found;
    found.count = count_;
    found.p50 = percentile(50);
    found.p90 = percentile(90);
    found.p99 = percentile(99);
    found.max = most_;
    return found;
  }

 private:
  static constexpr unsigned bits = 3;  // eight buckets for each power of two
  static constexpr std::size_t buckets = 38
                                         << bits;  // 2^40 us are twelve days; the last has the rest

  static std::size_t bucket_of(std::uint64_t microseconds) noexcept {
    if (microseconds < (2u << bits)) return static_cast<std::size_t>(microseconds);
    const auto shift = static_cast<unsigned>(std::bit_width(microseconds)) - bits - 1;
    const std::size_t bucket = (std::size_t{shift} << bits) + (microseconds >> shift);
    return std::min(bucket, buckets - 1);
  }
  // The greatest time that is counted there.
  static std::chrono::nanoseconds end_of(std::size_t bucket) noexcept {
    if (bucket < (2u << bits)) return std::chrono::microseconds(bucket + 1);
    const std::size_t shift = (bucket >> bits) - 1;
    const std::uint64_t first = (bucket & ((1u << bits) - 1)) + (1u << bits);
    return std::chrono::microseconds((first + 1) << shift);
  }
  // The time that so many percent did not exceed.
  std::chrono::nanoseconds percentile(std::uint64_t percent) const noexcept {
    const std::uint64_t rank = count_ / 100 * percent + (count_ % 100 * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
      seen += buckets_[bucket];
      if (seen >= rank) return std::min(end_of(bucket), most_);
    }
    return most_;
  }

  std::array<std::uint64_t, buckets> buckets_{};
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds most_{0};
};

}  // namespace pgreactor::pool
