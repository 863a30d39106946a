#pragma once
#include <cstdint>
#include <optional>

#include "bench/short/interposition.hpp"
#include "bench/short/workloads.hpp"

namespace pgreactor::bench {

/// Measures from when the first task has warmed up until the first is about to end: what starting
/// and joining the tasks costs is in no figure, and no growth hides behind it.
class SteadyState {
 public:
  explicit SteadyState(std::uint64_t turns_of_task) noexcept : last_(turns_of_task - 1) {}

  /// A task is about to take its turn `i`, counted from 0.
  void before(std::uint64_t i) {
    if (i == warm_up && !started_) {
      started_ = true;
      measurement_.emplace();
      completed_ = 0;
    } else if (i == last_ && measurement_) {
      result_ = {measurement_->so_far(), completed_};
      measurement_.reset();
    }
  }
  void completed(std::uint64_t operations = 1) noexcept { completed_ += operations; }
  const ShortResult& result() const noexcept { return result_; }

 private:
  static constexpr std::uint64_t warm_up = 10;
  std::uint64_t last_;
  bool started_ = false;
  std::optional<Measurement> measurement_;
  std::uint64_t completed_ = 0;
  ShortResult result_;
};

}  // namespace pgreactor::bench
