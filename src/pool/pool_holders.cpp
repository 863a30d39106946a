#include <algorithm>
#include <pgreactor/error.hpp>
#include <string>
#include <vector>

#include "src/connection/errors.hpp"
#include "src/pool/pool.hpp"

// What somebody is told who waited for a connection in vain: how the pool stands, and who has its
// connections.
namespace pgreactor::pool {

std::exception_ptr Pool::acquire_timed_out() const {
  const PoolStatistics now = statistics();
  std::string message = "no connection to " + options_.describe() + " within " +
                        std::to_string(options_.pool_acquire_timeout.count()) +
                        " ms: " + std::to_string(now.open) + " open, " + std::to_string(now.lent) +
                        " lent, " + std::to_string(now.connecting) + " connecting, " +
                        std::to_string(now.waiting) + " waiting";
  message += holders();
  if (!last_connect_problem_.empty()) message += "; last: " + last_connect_problem_;
  if (now.open == 0) return std::make_exception_ptr(ConnectionError(message));
  return std::make_exception_ptr(TimeoutError(message));
}

// Those who have had one the longest, most likely to keep it for ever.
std::string Pool::holders() const {
  constexpr std::size_t most_named = 5;
  std::vector<const Member*> lent;
  for (const auto& member : members_)
    if (member->use == Member::Use::lent) lent.push_back(member.get());
  std::sort(lent.begin(), lent.end(),
            [](const Member* a, const Member* b) { return a->lent_at < b->lent_at; });
  const auto now = Clock::now();
  std::string text;
  for (std::size_t i = 0; i < std::min(lent.size(), most_named); ++i) {
    const auto held = std::chrono::duration_cast<std::chrono::milliseconds>(now - lent[i]->lent_at);
    const std::string place = connection::line_of(lent[i]->holder);
    text += (i == 0 ? "; held " : ", ") + ("for " + std::to_string(held.count()) + " ms by ") +
            (place.empty() ? "one that has not begun" : place);
  }
  if (lent.size() > most_named)
    text += " and by " + std::to_string(lent.size() - most_named) + " more";
  return text;
}

}  // namespace pgreactor::pool
