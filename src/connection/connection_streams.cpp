#include <cassert>
#include <pgreactor/error.hpp>
#include <string>
#include <utility>

#include "protocol/copy.hpp"
#include "protocol/simple_query.hpp"
#include "src/connection/connection.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/out_of_memory.hpp"
#include "src/connection/script_request.hpp"
#include "src/connection/unsent.hpp"

// Statements whose answer is taken piece by piece: rows of a stream, data of a COPY.
namespace pgreactor::connection {
namespace {

// Few enough that their bytes are still in the processor's nearest cache when they are decoded, and
// that a reader of one row does not wait for the check of many.
constexpr std::size_t most_rows_of_pull = 64;

}  // namespace

using detail::Request;
using detail::StreamRequest;
using protocol::Step;

void Connection::submit_stream(Request& request) {
  if (stream_request_ != nullptr)
    throw QueryError(
        "a stream is open on this connection: read it to its end, or drop it, before "
        "the next statement");
  if (fenced_) throw QueryError("a statement before this one is still being cancelled");
  auto& stream = static_cast<StreamRequest&>(request);
  assert(exclusive_);
  stream.set_source(this);
  copy_ended_ = false;
  if (!may_send_more() || !try_to_send(stream)) hold(stream);
  stream_request_ = &stream;
}

void Connection::send_copy(StreamRequest& request) {
  Unsent unsent(*this);
  protocol::Writer writer(session_.output());
  encode(writer, protocol::Query{request.statement()->text()});
  if (writer.failed()) throw_text_error(*request.statement(), writer.error());
  session_.expect(Step::query);
  unsent.becomes(Slot::Kind::copy, EventTrace::Sent::query).request = &request;
  request.set_owner(this);
}

// Parsing halts behind the item, which stays where it was received until the next is asked for.
void Connection::give(Request& request, Bytes item) {
  halted_ = true;
  static_cast<StreamRequest&>(request).give(item);
}

void Connection::pull(StreamRequest& request) noexcept {
  if (!halted_) {
    if (watching_readable_) return;  // what comes is given as it comes
    watch_reading(true);
    return read();
  }
  // Behind its item stands more of its answer.
  Bytes input = received_.unread().last(behind_item_);
  if (request.form() != StreamRequest::Form::rows) return pull_other(input);
  const Bytes rows = session_.next_rows(input, request.shape()->size(), most_rows_of_pull);
  if (rows.empty()) [[unlikely]]
    return pull_other(input);
  trace_.received_piece(rows.size());
  behind_item_ = input.size();
  request.give_rows(rows);
}

void Connection::pull_other(Bytes input) noexcept {
  halted_ = false;
  try {
    const Bytes before = input;
    const Event event = session_.next(input);
    if (event.kind == Event::Kind::need_bytes) {
      received_.keep(input.size());
    } else {
      note_received(event, before);
      handle(event);
      if (halted_) {
        behind_item_ = input.size();
        return;
      }
      parse(input);
    }
  } catch (const std::bad_alloc&) {
    return die("out of memory");
  }
  if (!open_ || halted_) return;
  read();
  if (open_ && !halted_) watch_reading(true);
}

void Connection::watch_reading(bool readable) noexcept { watch(readable, watching_writable_); }

void Connection::on_copy_begun(bool in) {
  Request* const request = slots_.front().request;
  if (request != nullptr && request->is_streamed()) {
    auto& stream = static_cast<StreamRequest&>(*request);
    if (!stream.begun()) return stream.begin_copy(in);
    if (!in) {
      slots_.front().changed_detail();
      return stream.refuse_copy();
    }
    // Its user has said that it is at an end, or does not know that data is wanted.
    if (in) end_copy_in("one text has several COPYs");
    return;
  }
  if (request != nullptr) {
    slots_.front().changed_detail();
    script()->refuse_copy();
  }
  if (in) end_copy_in(request == nullptr ? "given up" : "a script has no data for a COPY");
}

void Connection::on_copy_data(Bytes data) {
  Request* const request = slots_.front().request;
  if (request == nullptr || !request->is_streamed()) return;
  if (!static_cast<StreamRequest*>(request)->has_several_copies()) give(*request, data);
}

bool Connection::has_several_copies(const Request& request) noexcept {
  return static_cast<const StreamRequest&>(request).has_several_copies();
}

void Connection::push(std::span<std::byte> frame) {
  static_assert(detail::StreamSource::push_room == protocol::copy_data_room);
  if (!protocol::seal_copy_data(frame)) throw QueryError("a piece of COPY data: too large");
  trace_.queued_copy_data(frame.size());
  if (!session_.output().empty() || blocked_) {
    session_.output().append(frame);
    if (!blocked_) send_some();
  } else {
    // At once: the server can work on it while the next piece is made.
    const std::size_t taken = send_now(frame);
    if (!open_) return;
    try {
      session_.output().append(frame.subspan(taken));
    } catch (const std::bad_alloc&) {
      die("out of memory");  // half a message was sent
      throw;
    }
    watch_writing();
  }
  // A server that takes all there is must not keep the loop from its other sockets.
  if (++pushes_ % most_pushes_per_turn == 0 && open_ && !blocked_) {
    blocked_ = true;
    watch(watching_readable_, true);
  }
}

void Connection::end_copy_in(std::string_view failure) {
  copy_ended_ = failure.empty();
  const std::size_t before = session_.output().size();
  {
    protocol::Writer writer(session_.output());
    if (failure.empty()) {
      encode(writer, protocol::CopyDone{});
    } else {
      encode(writer, protocol::CopyFail{failure});
    }
  }
  trace_.queued(EventTrace::Sent::copy_end, session_.output().size() - before);
  session_.end_copy_in();
  want_flush();
}

bool Connection::is_full() const noexcept { return blocked_; }

// Its user has gone, or its time was over: what the server still sends is read and dropped.
void Connection::abandon_stream() noexcept {
  StreamRequest& request = *std::exchange(stream_request_, nullptr);
  if (request.copies_in() && !copy_ended_) {
    try {
      end_copy_in("given up");
    } catch (const std::bad_alloc&) {
      die("out of memory");
    }
  }
  if (!std::exchange(halted_, false) || !open_) return;
  received_.keep(behind_item_);
  resumes_ = true;
  want_flush();
}

void Connection::end_stream() noexcept {
  keep_item();
  if (stream_request_ == nullptr) return;
  StreamRequest& request = *stream_request_;
  request.drop_items();
  const Outcome outcome = abandon(request);
  request.finish(made_or_out_of_memory<QueryError>(outcome, [&] {
    return std::make_exception_ptr(
        QueryError("the transaction of the stream has ended, and with it the stream", outcome));
  }));
}

// Its user may look at the item until the next is asked for, whatever becomes of the connection.
void Connection::keep_item() noexcept {
  if (stream_request_ == nullptr || !halted_) return;
  try {
    stream_request_->keep(received_.part_with_block(open_ ? behind_item_ : 0));
  } catch (const std::bad_alloc&) {
    die("out of memory");
  }
}

void Connection::read_on() noexcept {
  resumes_ = false;
  if (!open_) return;
  watch_reading(true);
  try {
    parse_received();
  } catch (const std::bad_alloc&) {
    return die("out of memory");
  }
  on_readable();
  if (!open_) return;
  // What could be read without waiting was not the end of it?
  if (!slots_.empty() && slots_.front().request == nullptr) fence_if_alone();
  try {
    start_waiting();
  } catch (const std::bad_alloc&) {
    die("out of memory");
  }
}

}  // namespace pgreactor::connection
