#include <atomic>
#include <limits>
#include <pgreactor/cursor.hpp>
#include <pgreactor/error.hpp>
#include <string>
#include <utility>

#include "protocol/extended_query.hpp"
#include "src/connection/append_run.hpp"
#include "src/connection/connection.hpp"
#include "src/connection/unsent.hpp"

// Cursors: a statement under a portal's name, run for so many rows at a time.
namespace pgreactor {
namespace detail {
namespace {

std::string next_name() {
  static std::atomic<std::uint64_t> made{0};
  return "pgr_" + std::to_string(made.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace

Portal::Portal(std::shared_ptr<StatementEntry> text, const std::source_location& place)
    : statement(std::move(text)), where(place), name(next_name()) {}

PortalRequest::PortalRequest(std::shared_ptr<Portal> portal, std::uint32_t most,
                             std::chrono::nanoseconds timeout) noexcept
    : Request(Keep::portal), portal_(std::move(portal)), most_(most), timeout_(timeout) {
  statement_ = portal_->statement;
  where_ = portal_->where;
  if (portal_->shape != nullptr) set_shape(portal_->shape);
}

Result PortalRequest::await_resume() {
  throw_if_failed();
  if (closes()) {
    portal_->state = Portal::State::closed;
  } else {
    portal_->state = suspended_ ? Portal::State::open : Portal::State::at_end;
    portal_->shape = shape();
  }
  return take_result();
}

}  // namespace detail

namespace {

// Two at a time would both open it.
class OneUser {
 public:
  explicit OneUser(detail::Portal& portal) : portal_(portal) {
    if (std::exchange(portal.is_used, true))
      throw QueryError("a cursor has one user at a time: await the fetch() before this one first");
  }
  OneUser(const OneUser&) = delete;
  OneUser& operator=(const OneUser&) = delete;
  ~OneUser() { portal_.is_used = false; }

 private:
  detail::Portal& portal_;
};

}  // namespace

Task<Result> Cursor::fetch(std::uint32_t most, Timeout limit) {
  using State = detail::Portal::State;
  constexpr std::uint32_t most_at_a_time = std::numeric_limits<std::int32_t>::max();
  if (most == 0 || most > most_at_a_time)
    throw QueryError("a cursor gives 1 to " + std::to_string(most_at_a_time) +
                     " rows at a time, not " + std::to_string(most));
  const std::shared_ptr<detail::Portal> portal = portal_;  // whatever becomes of the cursor
  const OneUser user(*portal);
  if (portal->state == State::closed) throw QueryError("the cursor was closed");
  if (portal->state == State::at_end) co_return Result{portal->shape, {}, {}, 0};
  detail::PortalRequest request(portal, most, limit.duration());
  co_return co_await request;
}

Task<void> Cursor::close() {
  using State = detail::Portal::State;
  const std::shared_ptr<detail::Portal> portal = portal_;
  const OneUser user(*portal);
  const bool is_open = portal->state == State::open || portal->state == State::at_end;
  if (!is_open) portal->state = State::closed;
  if (!is_open) co_return;
  detail::PortalRequest request(portal, 0, detail::no_timeout);
  co_await request;
}

namespace connection {

using detail::PortalRequest;
using protocol::Step;

// Bind and Execute under the portal's name: the answers are those of any other run.
void Connection::append_opening(PortalRequest& request,
                                const detail::StatementDescription& description) {
  const auto& statement = *request.statement();
  append_run(session_.output(), request, description.parameter_types(),
             description.bind_to(request.portal().name, name_of(statement), request.most()));
}

// Of one that is open.
void Connection::send_portal(PortalRequest& request) {
  Unsent unsent(*this);
  protocol::Writer writer(session_.output());
  const std::string& name = request.portal().name;
  if (request.closes()) {
    encode(writer, protocol::Close{protocol::Target::portal, name});
  } else {
    encode(writer, protocol::Execute{name, request.most()});
  }
  encode(writer, protocol::Sync{});
  session_.expect(request.closes() ? Step::close : Step::execute);
  session_.expect(Step::sync);
  unsent
      .becomes(Slot::Kind::run,
               request.closes() ? EventTrace::Sent::close : EventTrace::Sent::execute)
      .request = &request;
  request.set_owner(this);
}

// Whether there may be more rows. False where nobody has asked for so many and no more.
bool Connection::suspend_portal() noexcept {
  detail::Request* const request = slots_.front().request;
  if (request == nullptr) return true;  // given up
  if (!request->is_portal()) return false;
  static_cast<PortalRequest&>(*request).suspend();
  return true;
}

}  // namespace connection
}  // namespace pgreactor
