#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace pgreactor::detail {

/// Which column each member of a mapped struct takes, remembered beside the columns of a statement:
/// made once for each struct, whichever row is the first. A result may be read on another thread
/// than the one that runs its statement, so plans are only ever added, at the front of a list.
class RowPlans {
 public:
  using Columns = std::unique_ptr<std::uint32_t[]>;

  RowPlans() = default;
  RowPlans(const RowPlans&) = delete;
  RowPlans& operator=(const RowPlans&) = delete;
  ~RowPlans() {
    for (const Plan* plan = first_.load(std::memory_order_acquire); plan != nullptr;) {
      const std::unique_ptr<const Plan> gone(plan);
      plan = plan->next;
    }
  }

  /// The plan made for `key`, null when there is none yet.
  const std::uint32_t* find(const void* key) const noexcept {
    for (const Plan* plan = first_.load(std::memory_order_acquire); plan != nullptr;
         plan = plan->next)
      if (plan->key == key) return plan->columns.get();
    return nullptr;
  }
  /// Two threads may add the same plan; either serves.
  const std::uint32_t* add(const void* key, Columns columns) const {
    auto plan = std::make_unique<Plan>(Plan{key, std::move(columns), nullptr});
    plan->next = first_.load(std::memory_order_relaxed);
    while (!first_.compare_exchange_weak(plan->next, plan.get(), std::memory_order_acq_rel)) {
    }
    return plan.release()->columns.get();
  }

 private:
  struct Plan {
    const void* key;
    Columns columns;
    const Plan* next;
  };
  mutable std::atomic<const Plan*> first_ = nullptr;
};

/// Its address tells one type from another.
template <class T>
inline constexpr char plan_key = 0;

}  // namespace pgreactor::detail
