#include "src/operator/copy_rows.hpp"

#include <algorithm>
#include <pgreactor/copy.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/values/all.hpp>
#include <string>

#include "src/operator/operation_error.hpp"
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

}  // namespace

bool goes_as_copy(const Insertion& insertion) {
  const TableKind kind = insertion.table->kind;
  if (kind != TableKind::table && kind != TableKind::partitioned) return false;
  if (insertion.rows.size() <= most_unnested_rows || insertion.columns.empty() ||
      insertion.wants_records || insertion.on_conflict != OnConflict::fail)
    return false;
  for (const std::vector<Datum>& row : insertion.rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!row[i].is_null() &&
          ValueCodec<Datum>::format_of(row[i], column_of(insertion, i).type) != FormatCode::binary)
        return false;
  return true;
}

Task<std::uint64_t> copy_rows(Executor& executor, const Insertion& insertion) {
  const std::string sql = copy_text_of(insertion);
  CopyIn copy = co_await executor.copy_in(Sql(sql));
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
  co_return co_await copy.finish();
}

}  // namespace pgreactor::operators
