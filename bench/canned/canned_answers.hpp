#pragma once
#include <array>
#include <cstdint>
#include <pgreactor/values/byte_buffer.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/format_code.hpp>
#include <pgreactor/vocabulary/transaction_status.hpp>
#include <string>
#include <vector>

#include "bench/canned/statement_text.hpp"
#include "protocol/frame.hpp"

namespace pgreactor::bench {

/// Rows as they stand on the wire, one message each.
class RowBlock {
 public:
  void add(const std::string& message) {
    bytes_ += message;
    ends_.push_back(bytes_.size());
  }
  std::size_t rows() const noexcept { return ends_.size(); }
  Bytes bytes() const noexcept { return as_bytes(bytes_); }
  /// `count` rows from the row `first` on, counted from 0.
  Bytes part(std::size_t first, std::size_t count) const noexcept {
    const std::size_t begin = first == 0 ? 0 : ends_[first - 1];
    return count == 0 ? Bytes{} : bytes().subspan(begin, ends_[first + count - 1] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

/// The answers of a server without a database, encoded once and shared by all its sessions.
/// A large result is one block of a thousand rows, again and again.
class CannedAnswers {
 public:
  CannedAnswers();
  CannedAnswers(const CannedAnswers&) = delete;
  CannedAnswers& operator=(const CannedAnswers&) = delete;

  /// From an accepted StartupMessage to the first ReadyForQuery.
  Bytes startup() const noexcept { return as_bytes(startup_); }
  Bytes parse_complete() const noexcept { return as_bytes(parse_complete_); }
  Bytes bind_complete() const noexcept { return as_bytes(bind_complete_); }
  Bytes ready(TransactionStatus status) const noexcept {
    return as_bytes(ready_[status == TransactionStatus::idle             ? 0
                           : status == TransactionStatus::in_transaction ? 1
                                                                         : 2]);
  }

  /// `kind` is one of those that return rows, and of copy_out for the rows of COPY.
  Bytes columns(AnswerKind kind, FormatCode format) const noexcept {
    return as_bytes(result(kind).columns[index(format)]);
  }
  const RowBlock& block(AnswerKind kind, FormatCode format) const noexcept {
    return result(kind).block[index(format)];
  }
  std::size_t rows(AnswerKind kind) const noexcept { return result(kind).rows; }
  /// The row of a result of one row and its CommandComplete.
  Bytes one_row(AnswerKind kind, FormatCode format) const noexcept {
    return as_bytes(result(kind).whole[index(format)]);
  }

  /// What a frontend may send and how much of it.
  const protocol::BodyCaps& received_caps() const noexcept { return received_caps_; }

 private:
  struct Result {
    std::size_t rows = 0;
    std::array<std::string, 2> columns;
    std::array<RowBlock, 2> block;
    std::array<std::string, 2> whole;
  };
  static std::size_t index(FormatCode format) noexcept { return static_cast<std::size_t>(format); }
  const Result& result(AnswerKind kind) const noexcept {
    return results_[static_cast<std::size_t>(kind)];
  }
  Result& result(AnswerKind kind) noexcept { return results_[static_cast<std::size_t>(kind)]; }
  void make_results(FormatCode format);

  std::string startup_, parse_complete_, bind_complete_;
  std::array<std::string, 3> ready_;
  std::array<Result, 9> results_;  // by kind
  protocol::BodyCaps received_caps_;
};

/// The head and the end of binary COPY data: signature, flags, no extension; and no more rows.
inline constexpr std::string_view binary_copy_head{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
inline constexpr std::string_view binary_copy_end{"\377\377", 2};

}  // namespace pgreactor::bench
