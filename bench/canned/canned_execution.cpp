// What Execute and Query give: the rows, COPY, command tags.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <pgreactor/values/big_endian.hpp>
#include <vector>

#include "bench/canned/canned_session.hpp"
#include "bench/workload_rows.hpp"
#include "protocol/copy.hpp"
#include "protocol/result.hpp"

namespace pgreactor::bench {
namespace {

// Below this a copy costs less than a system call of its own.
constexpr std::size_t worth_referring = 4096;

protocol::CopyFormat copy_format(FormatCode format) {
  return {format, std::vector(bulk_column_count, format)};
}

void encode_complete(ByteBuffer& buffer, std::string_view tag) {
  protocol::Writer out(buffer);
  protocol::encode(out, protocol::CommandComplete{tag});
}

// "SELECT 5", without an allocation
void encode_complete(ByteBuffer& buffer, std::string_view command, std::uint64_t rows) {
  std::array<char, 32> tag;
  const auto end = fmt::format_to_n(tag.data(), tag.size(), "{} {}", command, rows);
  encode_complete(buffer, std::string_view(tag.data(), end.size));
}

}  // namespace

void CannedSession::execute(Portal& portal, std::uint32_t row_limit) {
  const StatementText& text = *portal.statement;
  if (status_ == TransactionStatus::failed && text.kind != AnswerKind::empty &&
      text.command_tag != "ROLLBACK" && text.command_tag != "COMMIT")
    return refuse("25P02", "current transaction is aborted");
  switch (text.kind) {
    case AnswerKind::one:
    case AnswerKind::world:
      if (row_limit == 0 && portal.rows_sent == 0) return send_one_row(portal);
      return send_rows(portal, row_limit);
    case AnswerKind::bulk:
    case AnswerKind::bulkin:
    case AnswerKind::wide:
      return send_rows(portal, row_limit);
    case AnswerKind::copy_in:
      return start_copy_in(text);
    case AnswerKind::copy_out:
      return send_copy(text.copy_format);
    case AnswerKind::command:
      // the end of a failed transaction is no commit
      encode_complete(output_.own(),
                      status_ == TransactionStatus::failed ? "ROLLBACK" : text.command_tag);
      status_ = text.status.value_or(status_);
      return;
    case AnswerKind::empty:
      return say(protocol::EmptyQueryResponse{});
  }
}

void CannedSession::send_one_row(Portal& portal) {
  portal.rows_sent = 1;
  const AnswerKind kind = portal.statement->kind;
  if (kind != AnswerKind::one || portal.format == FormatCode::binary) {
    output_.append(answers_->one_row(kind, portal.format));
    if (kind == AnswerKind::one) set_last_int4(portal.value);
    return;
  }
  std::array<char, 16> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), portal.value).ptr;
  const NullableBytes value =
      as_bytes(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
  say(protocol::DataRow{{&value, 1}});
  encode_complete(output_.own(), "SELECT 1");
}

// The value of the row that the output ends with, before a CommandComplete.
void CannedSession::set_last_int4(std::int32_t value) {
  constexpr std::size_t behind = sizeof value + protocol::header_size + sizeof "SELECT 1";
  ByteBuffer& own = output_.own();
  store_big_endian(own.at(own.size() - behind), value);
}

void CannedSession::send_rows(Portal& portal, std::uint32_t row_limit) {
  const AnswerKind kind = portal.statement->kind;
  const std::size_t left = answers_->rows(kind) - portal.rows_sent;
  const std::size_t count = row_limit == 0 ? left : std::min<std::size_t>(left, row_limit);
  if (kind == AnswerKind::one && count == 1) {
    const std::size_t before = output_.own().size();
    send_one_row(portal);
    // the row without its CommandComplete
    const auto length = load_big_endian<std::uint32_t>(output_.own().at(before) + 1);
    output_.own().truncate(before + 1 + length);
  } else {
    send_block_rows(answers_->block(kind, portal.format), portal.rows_sent, count);
    portal.rows_sent += count;
  }
  if (row_limit != 0 && count == row_limit)
    say(protocol::PortalSuspended{});
  else
    encode_complete(output_.own(), "SELECT", count);
}

void CannedSession::send_block_rows(const RowBlock& block, std::size_t first, std::size_t count) {
  while (count != 0) {
    const std::size_t from = first % block.rows();
    const std::size_t rows = std::min(count, block.rows() - from);
    const std::size_t times = rows == block.rows() ? count / rows : 1;
    const Bytes bytes = block.part(from, rows);
    if (bytes.size() < worth_referring && times == 1)
      output_.append(bytes);
    else
      output_.refer(bytes, times);
    first += rows * times;
    count -= rows * times;
  }
}

void CannedSession::send_copy(FormatCode format) {
  const RowBlock& block = answers_->block(AnswerKind::copy_out, format);
  const std::size_t rows = answers_->rows(AnswerKind::copy_out);
  say(protocol::CopyOutResponse{copy_format(format)});
  std::size_t sent = 0;
  if (format == FormatCode::binary) {
    // As the server does it, the head stands in one message with the first row.
    const Bytes row = block.part(0, 1).subspan(protocol::header_size);
    const std::string first = std::string(binary_copy_head).append(as_text(row));
    say(protocol::CopyData{as_bytes(first)});
    sent = 1;
  }
  send_block_rows(block, sent, rows - sent);
  if (format == FormatCode::binary) say(protocol::CopyData{as_bytes(binary_copy_end)});
  say(protocol::CopyDone{});
  encode_complete(output_.own(), "COPY", rows);
}

void CannedSession::start_copy_in(const StatementText& statement) {
  say(protocol::CopyInResponse{copy_format(statement.copy_format)});
  copied_ = CopyRowCounter(statement.copy_format);
  phase_ = Phase::copying;
}

void CannedSession::end_copy_in(std::string_view failure) {
  phase_ = Phase::ready;
  if (failure.empty())
    encode_complete(output_.own(), "COPY", copied_.rows());
  else
    refuse(failure, "COPY from stdin failed");
  if (simple_) on_sync();
}

void CannedSession::send_columns(AnswerKind kind, FormatCode format) {
  if (kind <= AnswerKind::wide) return output_.append(answers_->columns(kind, format));
  say(protocol::NoData{});
}

}  // namespace pgreactor::bench
