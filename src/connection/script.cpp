#include <pgreactor/executor.hpp>
#include <utility>

#include "protocol/simple_query.hpp"
#include "src/connection/connection.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/lease_within.hpp"
#include "src/connection/script_request.hpp"
#include "src/connection/unsent.hpp"

// Scripts: several statements in one text.
namespace pgreactor {
namespace detail {
namespace {

const std::shared_ptr<const ResultShape>& no_columns() {
  static const auto shape = std::make_shared<const ResultShape>(std::vector<Column>());
  return shape;
}

}  // namespace

void ScriptRequest::begin_rows(std::vector<Column> columns) {
  set_shape(std::make_shared<const ResultShape>(std::move(columns)));
}

void ScriptRequest::end_statement(bool may_have_committed) {
  if (shape() == nullptr) set_shape(no_columns());
  if (is_result_refused()) {  // told at the end: this is in the middle of what was received
    refused_limit_ = result_limit();
    drop_result();
  }
  results_.push_back(take_result());
  committed_ |= may_have_committed;
}

}  // namespace detail

Task<std::vector<Result>> Executor::execute_script(Sql script, Timeout limit) {
  const detail::TimedLease own = co_await detail::lease_within(*this, limit.duration());
  // Not one of the pool's statements: it is not prepared, and not likely to come again.
  auto text = std::make_shared<detail::StatementEntry>(0, std::string(script.text()), 0);
  detail::ScriptRequest request(std::move(text), script.where(), *own.lease, limit.duration(),
                                own.left);
  co_return co_await request;
}

namespace connection {

void Connection::send_script(detail::Request& request) {
  Unsent unsent(*this);
  protocol::Writer writer(session_.output());
  encode(writer, protocol::Query{request.statement()->text()});
  if (writer.failed()) throw_text_error(*request.statement(), writer.error());
  session_.expect(protocol::Step::query);
  unsent.becomes(Slot::Kind::script, EventTrace::Sent::query).request = &request;
  request.set_owner(this);
}

// Null when it was given up.
detail::ScriptRequest* Connection::script() noexcept {
  const Slot& slot = slots_.front();
  return slot.kind == Slot::Kind::script ? static_cast<detail::ScriptRequest*>(slot.request)
                                         : nullptr;
}

}  // namespace connection
}  // namespace pgreactor
