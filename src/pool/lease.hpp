#pragma once
#include <memory>
#include <pgreactor/detail/stream_request.hpp>
#include <pgreactor/task.hpp>

#include "src/pool/pool.hpp"

namespace pgreactor::pool {

/// A member of the pool, lent to one stream; released with this, also when the pool has ended.
class PoolLease final : public detail::Lease {
 public:
  PoolLease(Pool& pool, Member& member) noexcept : pool_(pool.handle()), member_(member) {}
  ~PoolLease() override {
    if (*pool_ != nullptr) (*pool_)->release(member_);
  }
  void submit(detail::Request& request) override;

 private:
  PoolHandle pool_;
  Member& member_;
};

Task<std::unique_ptr<detail::Lease>> lease(Pool& pool);

}  // namespace pgreactor::pool
