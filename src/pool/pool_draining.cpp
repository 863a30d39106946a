#include <pgreactor/error.hpp>

#include "src/connection/suitability.hpp"
#include "src/pool/pool.hpp"

// How a pool parts from connections whose time is over. A server that shuts down, or is no longer
// of the kind that is wanted, is left (P16): what is idle is closed, what is at work is closed
// after it, and what is opened instead looks the name up and checks the kind again.
//
//   heard                                                  counts unless
//   57P01 or 57P02, which end the session
//   25006, read-only                                       reading was declared, or only that is
//   wanted in_hot_standby, default_transaction_read_only anew     target_session_attrs still has
//   its way
namespace pgreactor::pool {

using connection::Connection;

bool Pool::is_shutdown(const Sqlstate& code) noexcept { return code == "57P01" || code == "57P02"; }

// The server ends a session with FATAL; of a crash or an immediate shutdown it warns.
void Pool::on_report(Connection& connection, const ServerReport& report) noexcept {
  const Sqlstate code = report.sqlstate;
  const bool ends = is_shutdown(code) && report.severity != "ERROR";
  if (!ends && code != "25006") return;
  const Member* const member = member_of(connection);
  if (member != nullptr && (ends || tells_of_server(*member))) leave_server(*member);
}

void Pool::on_setting(Connection& connection, std::string_view name) noexcept {
  if (!connection::became_unsuitable(connection.session(), name, options_.target_session_attrs))
    return;
  Member* const member = member_of(connection);
  if (member == nullptr) return;
  retire(*member, Member::Parting::left);
  leave_server(*member);
}

// Whether a refusal to write is news: not where somebody on our side asked for that.
bool Pool::tells_of_server(const Member& member) const noexcept {
  const TargetSessionAttrs wanted = options_.target_session_attrs;
  if (wanted == TargetSessionAttrs::read_write) return !member.read_only;
  const bool is_by_default =
      member.connection->session().setting("default_transaction_read_only") == "on";
  const bool may_write = wanted == TargetSessionAttrs::any || wanted == TargetSessionAttrs::primary;
  return may_write && !member.read_only && !is_by_default;
}

// At most once in a while: where there is no other server, or an administrator ends sessions one by
// one, connecting anew to the same place again and again would help nobody.
void Pool::leave_server(const Member& heard_by) noexcept {
  const auto now = Clock::now();
  if (heard_by.generation != generation_ || (left_at_ && now - *left_at_ < leaving_interval))
    return;
  left_at_ = now;
  ++generation_;
  for (const auto& member : members_) retire(*member, Member::Parting::left);
}

// It takes no more from now on; one that is lent, or at the end of that, is seen to by settle().
void Pool::retire(Member& member, Member::Parting why) noexcept {
  if (member.parting == Member::Parting::none) member.parting = why;
  if (member.use != Member::Use::shared && member.use != Member::Use::reserved) return;
  member.use = Member::Use::retiring;
  retiring_ = true;
  schedule();
}

// Nobody has it alone any more: back among the others, unless its time is over.
void Pool::settle(Member& member) noexcept {
  if (!member.connection->is_open()) {
    member.use = Member::Use::gone;
    return;
  }
  member.use = Member::Use::shared;
  member.connection->set_exclusive(false);
  if (member.parting != Member::Parting::none) retire(member, member.parting);
}

void Pool::close_retired() noexcept {
  retiring_ = false;
  for (const auto& member : members_) {
    if (member->use != Member::Use::retiring) continue;
    if (member->connection->backlog() != 0 || member->connection->is_fenced()) {
      retiring_ = true;
      continue;
    }
    member->use = Member::Use::gone;
    ++counted_.closed;
    ++(member->parting == Member::Parting::left ? counted_.evicted : counted_.retired);
    member->connection->close("its time was over");
  }
}

}  // namespace pgreactor::pool
