#include "src/pool/lease.hpp"

#include <new>
#include <pgreactor/error.hpp>

namespace pgreactor::pool {

void PoolLease::submit(detail::Request& request) {
  if (*pool_ == nullptr) throw ConnectionError("the pool was destroyed");
  member_.connection->refuse_unusable();
  member_.holder = request.where();
  member_.connection->submit(request);
}

Task<std::unique_ptr<detail::Lease>> lease(Pool& pool) {
  Member& member = co_await pool.acquire();
  std::unique_ptr<detail::Lease> lent;
  try {
    lent = std::make_unique<PoolLease>(pool, member);
  } catch (const std::bad_alloc&) {
    pool.release(member);
    throw;
  }
  co_return lent;
}

}  // namespace pgreactor::pool
