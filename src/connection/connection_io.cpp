#include <pgreactor/error.hpp>
#include <string>

#include "src/connection/connection.hpp"
#include "src/connection/errors.hpp"
#include "src/connection/out_of_memory.hpp"

// The stream's side of a connection: what it sends and receives, and its end.
namespace pgreactor::connection {

using net::IoStatus;

void Connection::flush() noexcept {
  if (resumes_) [[unlikely]]
    read_on();
  if (!open_ || blocked_) return;
  if (timing_ == Timing::nothing) start_timing();
  send_some();
}

// When a statement is the first of what is sent now, the server turns to it at once.
void Connection::start_timing() noexcept {
  if (slots_.empty() || slots_.front().first_byte < sent_) return;
  quiet_since_ = loop_.sends();
  const bool alone = slots_.size() == 1;
  const Slot& timed = slots_[alone ? 0 : 1];
  if (timed.kind != Slot::Kind::run || timed.request == nullptr || !timed.request->is_plain() ||
      !timed.request->statement()->service_time().wants_sample())
    return;
  timing_ = alone ? Timing::alone : Timing::next;
  timed_from_ = loop_.step_time();
}

void Connection::on_writable() noexcept {
  if (!open_) return;
  if (!blocked_) return watch(watching_readable_, false);
  send_some();
}

// Reading is watched all the while: writing that cannot go on never stops it (P10).
void Connection::send_some() noexcept {
  trace_.on_send();
  const std::size_t taken = send_now(session_.output().bytes());
  if (!open_) return;
  session_.output().consume(taken);
  watch_writing();
}

// How much of it the kernel takes.
std::size_t Connection::send_now(Bytes bytes) noexcept {
  if (bytes.empty()) return 0;
  const net::IoResult sent = stream_->send(bytes);
  if (sent.status == IoStatus::failed) die_of_sending(sent.error);
  sent_ += sent.bytes;
  return sent.bytes;
}

// What is left goes out when the kernel has room. That stays watched until a report of it finds
// nothing to send: who fills it once mostly does so again before the next look.
void Connection::watch_writing() noexcept {
  ByteBuffer& out = session_.output();
  if (out.empty()) out.shrink(most_idle_output);
  blocked_ = !out.empty();
  if (blocked_) watch(watching_readable_, true);
  if (stream_request_ != nullptr && !is_full()) stream_request_->on_room();
}

void Connection::watch(bool readable, bool writable) noexcept {
  if (readable == watching_readable_ && writable == watching_writable_) return;
  watching_readable_ = readable;
  watching_writable_ = writable;
  stream_->watch(this, readable, writable);
}

// A server that ends a session says why before it closes: that may wait to be read.
void Connection::die_of_sending(int error) noexcept {
  on_readable();
  if (open_) die(stream_->problem(error));
}

void Connection::on_readable() noexcept {
  reads_this_turn_ = 0;
  // Its user has not asked for more: what comes waits in the kernel, and then in the server.
  if (halted_) return watch_reading(false);
  read();
}

bool Connection::poll() noexcept {
  received_any_ = false;
  reads_this_turn_ = 0;
  read();
  return received_any_;
}

void Connection::read() noexcept {
  // A bound, so that a fast server cannot keep the loop from its other connections.
  while (open_ && !halted_ && reads_this_turn_++ < most_reads_per_turn) {
    bool more = false;
    try {
      more = receive_once();
    } catch (const std::bad_alloc&) {
      die("out of memory");
    }
    if (!more) break;
  }
  if (owner_ != nullptr && open_ && progressed_) {
    progressed_ = false;
    quiet_since_ = loop_.sends();
    owner_->on_progress(*this);
  }
}

// True when the buffer was filled, so that there may be more to read at once.
bool Connection::receive_once() {
  const std::span<std::byte> room = received_.room();
  const net::IoResult got = stream_->receive(room);
  switch (got.status) {
    case IoStatus::would_block:
      received_.keep(received_.unread().size());
      return false;
    case IoStatus::end_of_stream:
      parse_received();  // what came with the last bytes of the log-in may say why
      if (open_) die("the server closed the connection");
      return false;
    case IoStatus::failed:
      die(stream_->problem(got.error));
      return false;
    case IoStatus::done:
      break;
  }
  received_any_ = true;
  trace_.on_receive();
  received_.received(got.bytes);
  parse_received();
  return got.bytes == room.size();
}

void Connection::die(std::string_view cause) noexcept {
  if (!open_) return;
  if (!is_inherited() && backlog() != 0) keep_events();
  end(cause);
}

void Connection::keep_events() noexcept {
  try {
    events_ = std::make_shared<const std::string>(trace_.text(unsent()));
  } catch (const std::bad_alloc&) {
    events_ = nullptr;
  }
}

void Connection::end(std::string_view cause) noexcept {
  open_ = false;
  stream_->close();
  loop_.remove_busy_polled(*this);
  Flushable::unlink();
  keep_item();
  fail_all(cause);
  stream_request_ = nullptr;
  received_.keep(0);
  if (ConnectionOwner* owner = std::exchange(owner_, nullptr)) owner->on_closed(*this);
}

// Every request is told exactly once, in order, with the same cause (P7).
void Connection::fail_all(std::string_view cause) noexcept {
  while (!slots_.empty()) {
    const Slot slot = std::move(slots_.front());
    slots_.pop();
    if (slot.request == nullptr) continue;
    const auto& failure = slot.detail().failure;
    slot.request->set_owner(nullptr);
    slot.request->finish(
        lost(cause, outcome_of(slot.first_byte), failure ? failure : last_report_));
  }
  while (!waiting_.empty()) {
    auto& request = static_cast<detail::Request&>(waiting_.pop());
    --waiting_count_;
    request.set_owner(nullptr);
    request.finish(lost(cause, outcome_of_unsent(), last_report_));
  }
}

std::exception_ptr Connection::lost(
    std::string_view cause, Outcome outcome,
    const std::shared_ptr<const ServerReport>& report) const noexcept {
  return made_or_out_of_memory<ConnectionError>(
      outcome, [&] { return lost_with_words(cause, outcome, report); });
}

std::exception_ptr Connection::lost_with_words(
    std::string_view cause, Outcome outcome,
    const std::shared_ptr<const ServerReport>& report) const {
  if (is_inherited()) return std::make_exception_ptr(inherited("connection to " + peer_, outcome));
  return connection_lost(peer_, cause, outcome, report, events_);
}

void Connection::throw_closed() const {
  std::rethrow_exception(lost("it was closed before", outcome_of_unsent(), last_report_));
}

void Connection::throw_inherited() const { throw inherited("connection to " + peer_); }

Outcome Connection::outcome_of(std::uint64_t first_byte) const noexcept {
  return sent_ <= first_byte ? outcome_of_unsent() : outcome_of_sent();
}

Outcome Connection::outcome_of_sent() const noexcept {
  return in_transaction_ && !committed_by_text_ ? Outcome::rolled_back : Outcome::unknown;
}

// What went before it in its transaction is lost too, and that is what the caller has to know.
Outcome Connection::outcome_of_unsent() const noexcept {
  const bool begun =
      in_transaction_ && (committed_by_text_ || transaction_status() != TransactionStatus::idle);
  return begun ? outcome_of_sent() : Outcome::not_sent;
}

}  // namespace pgreactor::connection
