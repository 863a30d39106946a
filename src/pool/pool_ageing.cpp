#include "src/pool/pool.hpp"

// Connections that are too old are replaced, and those that nobody needs are closed. Looked at now
// and then: a statement costs nothing for it, and an idle time is known to one interval.
namespace pgreactor::pool {

void Pool::start_ageing() {
  if (ageing_.is_needed() && !age_.armed()) loop_.arm(age_, ageing_.interval());
}

// Without a connection there is nothing to look at, and a host's loop may end.
void Pool::age() noexcept {
  const auto now = Clock::now();
  close_idle(now);
  replace_old(now);
  if (!closed_ && !members_.empty()) start_ageing();
}

std::size_t Pool::staying() const noexcept {
  std::size_t count = 0;
  for (const auto& member : members_)
    if (member->use != Member::Use::gone && member->parting == Member::Parting::none) ++count;
  return count;
}

void Pool::close_idle(Clock::time_point now) noexcept {
  std::size_t left = staying();
  const std::size_t least = wanted();
  for (const auto& member : members_) {
    const std::uint64_t sent = member->connection->sent();
    const bool is_lent = member->use == Member::Use::lent;
    if (sent != member->sent || member->connection->backlog() != 0 ||
        (member->use != Member::Use::shared && !is_lent)) {
      member->sent = sent;
      member->used = now;
      member->pause_told = false;
      continue;
    }
    if (is_lent) {
      tell_of_pause(*member, now);
      continue;
    }
    if (left <= least || !ageing_.is_idle_too_long(now, member->used)) continue;
    retire(*member, Member::Parting::aged);
    --left;
  }
}

void Pool::tell_of_pause(Member& member, Ageing::TimePoint now) noexcept {
  const auto since = std::max(member.used, member.lent_at);
  if (member.pause_told || !ageing_.is_long_pause(now, since)) return;
  member.pause_told = true;
  target_->hooks.holder_idles({member.number, now - since, member.holder});
}

// With no more connections than there have to be, another is opened first, if there may be one.
void Pool::replace_old(Clock::time_point now) noexcept {
  replacing_ = false;
  std::size_t left = staying();
  for (const auto& member : members_) {
    if (member->parting != Member::Parting::none || now < member->end_of_life) continue;
    const bool is_full = members_.size() + connecting_ >= options_.pool_max_conns;
    if (left <= options_.pool_min_conns && !(is_full && connecting_ == 0)) {
      replacing_ = true;
      return schedule();
    }
    if (!ageing_.take_turn(now, left)) return;
    retire(*member, Member::Parting::aged);
    --left;
  }
}

}  // namespace pgreactor::pool
