#include <pgreactor/batch.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/executor.hpp>
#include <string>
#include <unordered_set>

#include "protocol/extended_query.hpp"
#include "src/connection/append_run.hpp"
#include "src/connection/connection.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/unsent.hpp"

// Statements under one Sync.
namespace pgreactor {
namespace connection {

using detail::BatchRequest;
using detail::Request;
using protocol::Step;

namespace {

// A Bind and an Execute each, unnamed statements also a Parse and a Describe of two steps; and the
// Sync.
std::uint32_t steps_of(const BatchRequest& batch, bool unnamed) noexcept {
  return static_cast<std::uint32_t>((unnamed ? 5 : 2) * batch.size() + 1);
}

}  // namespace

// False when statements have to be described first, which is then under way.
bool Connection::try_to_send_batch(BatchRequest& batch) {
  if (batch.size() > statements_.capacity() && !unnamed_) refuse_too_many_statements(batch);
  if (!session_.can_expect(steps_of(batch, unnamed_))) return false;  // until others are answered
  bool known = true;
  batch.all_of([&](Request& item) {
    known &= make_known(item.statement());
    return true;
  });
  if (known) send_batch(batch);
  return known;
}

// They would push each other out for ever.
void Connection::refuse_too_many_statements(BatchRequest& batch) const {
  std::unordered_set<std::uint64_t> different;
  std::uint64_t last = 0;  // many run one statement
  batch.all_of([&](Request& item) {
    if (const std::uint64_t id = item.statement()->id(); id != last) different.insert(last = id);
    return different.size() <= statements_.capacity();
  });
  if (different.size() > statements_.capacity())
    throw QueryError("a batch has more different statements than the " +
                     std::to_string(statements_.capacity()) +
                     " that a connection keeps prepared (statement_cache_capacity)");
}

bool Connection::make_known(const Entry& entry) {
  switch (state_of(*entry)) {
    case PreparedStatements::State::prepared:
      return true;
    case PreparedStatements::State::absent:
      if (unnamed_ && is_described(*entry)) return true;
      send_prepare(entry);
      return false;
    default:
      return false;
  }
}

void Connection::send_batch(BatchRequest& batch) {
  Unsent unsent(*this);
  session_.reserve_steps(steps_of(batch, unnamed_));
  batch.all_of([&](Request& item) {
    // Each comes with a Sync behind it, and only the last one keeps it.
    if (&item != batch.first())
      session_.output().truncate(session_.output().size() - protocol::header_size);
    if (unnamed_) append_parse(*item.statement());
    append_run(session_.output(), item, *item.statement()->description());
    item.set_shape(item.statement()->description()->shape());
    return true;
  });
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (unnamed_) expect_parse(false);
    session_.expect(Step::bind);
    session_.expect(Step::execute);
  }
  session_.expect(Step::sync);
  batch.rewind();
  unsent.becomes(unnamed_ ? Slot::Kind::prepare_and_run : Slot::Kind::run, EventTrace::Sent::batch)
      .request = &batch;
  batch.set_owner(this);
}

// The request, or the one within it, that runs this statement; null when none does.
Request* Connection::statement_with(Request& request, const Entry& entry) {
  if (!request.is_batched()) return request.statement() == entry ? &request : nullptr;
  Request* found = nullptr;
  static_cast<BatchRequest&>(request).all_of([&](Request& item) {
    if (item.statement() == entry) found = &item;
    return found == nullptr;
  });
  return found;
}

// The one that the server speaks of.
Request& Connection::statement_of(Request& request) {
  if (!request.is_batched()) return request;
  Request* const current = static_cast<BatchRequest&>(request).current();
  return current != nullptr ? *current : *static_cast<BatchRequest&>(request).last();
}

}  // namespace connection

void Batch::start() {
  if (ran_) throw_no_more();
  ran_ = true;
  forget_last_wait();
}

void Batch::throw_no_more() const {
  if (ran_) throw QueryError("the batch has run: clear() it to use it again");
  throw QueryError("a batch holds at most " + std::to_string(most) + " statements");
}

}  // namespace pgreactor
