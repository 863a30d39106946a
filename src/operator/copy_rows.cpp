#include "src/operator/copy_rows.hpp"

#include <algorithm>
#include <exception>
#include <pgreactor/attempt.hpp>
#include <pgreactor/copy.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/values/all.hpp>
#include <string>

#include "src/operator/operation_error.hpp"
#include "src/operator/sql_parts.hpp"
#include "src/operator/sql_text.hpp"

// The binary form of a COPY, which no cut of the stream can harm:
//   "PGCOPY\n\377\r\n\0"  flags i32  extension_length i32  { n i16, { length i32, bytes }[n] }  -1
//   i16
// Source  postgresql.org/docs/current/sql-copy.html, "Binary Format"
namespace pgreactor::operators {
namespace {

constexpr std::string_view header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::uint16_t end_of_rows = 0xffff;
constexpr std::size_t piece_size = 32 * 1024;  // bytes

const TableColumn& column_of(const Insertion& insertion, std::size_t place) {
  return insertion.table->columns[insertion.columns[place]];
}

/// Is the binary form what a statement would be given too? For a domain that is the value's text,
/// which the server may take where the type below the domain would not, and the other way round.
bool goes_in_binary(const Datum& value, const TableColumn& column) noexcept {
  if (value.is_null()) return true;
  if (value.kind() == Datum::Kind::text && is_text_family(column.type)) return true;
  return ValueCodec<Datum>::format_of(value, parameter_type(column)) == FormatCode::binary;
}

void append_row(ByteBuffer& out, const Insertion& insertion, std::size_t number) {
  const std::vector<Datum>& row = insertion.rows[number];
  detail::append_fixed(out, static_cast<std::uint16_t>(row.size()));
  for (std::size_t i = 0; i < row.size(); ++i) {
    const TableColumn& column = column_of(insertion, i);
    const EncodeError error = ValueCodec<Datum>::append(out, row[i], column.type);
    if (error != EncodeError::none)
      throw QueryError("row " + std::to_string(number + 1) + ", " + shown_column(column) + ": " +
                       std::string(name_of(error)));
  }
}

Task<void> send_rows(CopyIn& copy, const Insertion& insertion) {
  ByteBuffer piece;
  piece.append(header);
  for (std::size_t number = 0; number < insertion.rows.size(); ++number) {
    append_row(piece, insertion, number);
    if (piece.size() < piece_size) continue;
    co_await copy.write(piece.bytes());
    piece.truncate(0);
  }
  detail::append_fixed(piece, end_of_rows);
  co_await copy.write(piece.bytes());
}

}  // namespace

bool goes_as_copy(const Insertion& insertion) {
  const TableKind kind = insertion.table->kind;
  if (kind != TableKind::table && kind != TableKind::partitioned) return false;
  if (insertion.rows.size() <= most_unnested_rows || insertion.columns.empty() ||
      insertion.wants_records || insertion.on_conflict != OnConflict::fail)
    return false;
  for (const std::vector<Datum>& row : insertion.rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!goes_in_binary(row[i], column_of(insertion, i))) return false;
  return true;
}

Task<std::uint64_t> copy_rows(Executor& executor, const Insertion& insertion) {
  const std::string sql = copy_text_of(insertion);
  CopyIn copy = co_await executor.copy_in(Sql(sql));
  const auto sent = co_await as_attempt(send_rows(copy, insertion));
  if (!sent) {
    // The server refuses what has no end. Dropped, the COPY would leave a session of which nobody
    // knows what it does, and no savepoint to go back to.
    static_cast<void>(co_await as_attempt(copy.finish()));
    std::rethrow_exception(sent.thrown());
  }
  co_return co_await copy.finish();
}

}  // namespace pgreactor::operators
