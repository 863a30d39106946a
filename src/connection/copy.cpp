#include <pgreactor/copy.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/executor.hpp>
#include <pgreactor/row_stream.hpp>
#include <tuple>
#include <utility>

#include "src/connection/quoted_identifier.hpp"
#include "src/connection/statement_entry.hpp"
#include "src/connection/type_names.hpp"

namespace pgreactor {
namespace detail {
namespace {

class CopyRequest final : public StreamRequest {
 public:
  CopyRequest(std::shared_ptr<StatementEntry> statement, const std::source_location& where)
      : StreamRequest(Form::copy, std::move(statement), where) {}

 private:
  std::size_t parameter_count() const noexcept override { return 0; }
  ParameterFailure write_parameters(std::span<const Oid>, ByteBuffer&) const override { return {}; }
};

struct Opened {
  std::unique_ptr<Lease> lease;
  std::unique_ptr<StreamRequest> request;  // ends before the lease
};

Task<Opened> start_copy(std::unique_ptr<Lease> lease, std::shared_ptr<StatementEntry> copy,
                        std::source_location where, bool in) {
  const TaskContext& context = co_await CurrentContext{};
  const std::string_view text = copy->text();
  Opened opened;
  opened.lease = std::move(lease);
  opened.request = std::make_unique<CopyRequest>(std::move(copy), where);
  opened.request->start(*opened.lease, context, no_timeout, no_timeout);
  co_await StreamWait(*opened.request, StreamRequest::Until::begun);
  if (opened.request->ended()) opened.request->throw_failure();
  if (!opened.request->begun() || opened.request->copies_in() != in)
    throw QueryError(std::string(in ? "copy_in() needs a COPY ... FROM STDIN"
                                    : "copy_out() needs a COPY ... TO STDOUT") +
                         ", not: " + std::string(text.substr(0, 120)),
                     Outcome::unknown);
  co_return opened;
}

// What is asked of the executor is asked before the first wait: it may end meanwhile.
Task<Opened> open_copy(Executor& executor, std::string text, std::source_location where, bool in) {
  std::shared_ptr<StatementEntry> copy = executor.statement_for(text);
  std::unique_ptr<Lease> lease = co_await executor.lease();
  co_return co_await start_copy(std::move(lease), std::move(copy), where, in);
}

// The columns of a statement that gives no rows.
Task<std::vector<Column>> described(Lease& lease, std::shared_ptr<StatementEntry> question,
                                    std::source_location where) {
  const TaskContext& context = co_await CurrentContext{};
  const std::unique_ptr<StreamRequest> request =
      make_stream(std::move(question), where, std::tuple<>());
  request->start(lease, context, no_timeout, no_timeout);
  co_await StreamWait(*request, StreamRequest::Until::item);
  if (!request->ended()) throw QueryError("a row came where none was asked for", Outcome::unknown);
  request->throw_failure();
  co_return request->shape()->columns();
}

std::string quoted_table(std::string_view table) {
  const auto dot = table.find('.');
  if (dot == std::string_view::npos) return connection::quoted_identifier(table);
  return connection::quoted_identifier(table.substr(0, dot)) + "." +
         connection::quoted_identifier(table.substr(dot + 1));
}

// The signature, no flags, no extension.
constexpr std::string_view binary_header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view binary_trailer("\377\377", 2);

}  // namespace

Task<CopyIn> open_copy_in(Executor& executor, std::string text, std::source_location where) {
  Opened opened = co_await open_copy(executor, std::move(text), where, true);
  co_return CopyIn(std::move(opened.request), std::move(opened.lease), std::vector<Column>());
}

Task<CopyIn> open_copy_in(Executor& executor, std::string table, ColumnNames columns,
                          std::source_location where) {
  if (columns.names().empty()) throw QueryError("copy_in() into no columns of " + table);
  std::string list;
  for (const std::string& name : columns.names())
    list += (list.empty() ? "" : ", ") + connection::quoted_identifier(name);
  const std::string name = quoted_table(table);
  const std::string question = "SELECT " + list + " FROM " + name + " LIMIT 0";
  // What types the columns have: the data must be of exactly these.
  std::shared_ptr<StatementEntry> asked = executor.statement_for(question);
  std::shared_ptr<StatementEntry> copy =
      executor.statement_for("COPY " + name + " (" + list + ") FROM STDIN (FORMAT binary)");
  std::unique_ptr<Lease> lease = co_await executor.lease();
  std::vector<Column> types = co_await described(*lease, std::move(asked), where);
  Opened opened = co_await start_copy(std::move(lease), std::move(copy), where, true);
  co_return CopyIn(std::move(opened.request), std::move(opened.lease), std::move(types));
}

Task<CopyOut> open_copy_out(Executor& executor, std::string text, std::source_location where) {
  Opened opened = co_await open_copy(executor, std::move(text), where, false);
  co_return CopyOut(std::move(opened.request), std::move(opened.lease));
}

}  // namespace detail

CopyIn::CopyIn(std::unique_ptr<detail::StreamRequest> request, std::unique_ptr<detail::Lease> lease,
               std::vector<Column> columns)
    : lease_(std::move(lease)), request_(std::move(request)), columns_(std::move(columns)) {
  begin_piece();
  if (!columns_.empty()) buffer_.append(detail::binary_header);
}

void CopyIn::begin_piece() {
  buffer_.truncate(0);
  buffer_.extend(room);
}

void CopyIn::send_piece() {
  if (!request_->ended() && buffer_.size() > room)
    request_->source().push({buffer_.at(0), buffer_.size()});
  begin_piece();
}

Task<std::uint64_t> CopyIn::finish() {
  if (!columns_.empty()) buffer_.append(detail::binary_trailer);
  send_piece();
  if (!request_->ended()) request_->source().end_copy_in("");
  co_await detail::StreamWait(*request_, detail::StreamRequest::Until::end);
  lease_.reset();
  request_->throw_failure();
  co_return request_->affected_rows();
}

void CopyIn::throw_not_bytes() {
  throw QueryError("write() is for a COPY in the caller's words: this one takes row()");
}

void CopyIn::throw_other_columns() const {
  std::string names;
  for (const Column& column : columns_) names += (names.empty() ? "" : ", ") + column.name;
  throw QueryError("record() of a struct in a COPY into other columns than its own: " + names +
                   ". Say columns_of<Struct>()");
}

void CopyIn::throw_value_count(std::size_t count) const {
  if (columns_.empty())
    throw QueryError("row() is for a copy_in() into named columns: this one takes write()");
  throw QueryError("row " + std::to_string(rows_ + 1) + " of a COPY into " +
                   std::to_string(columns_.size()) + " columns has " + std::to_string(count) +
                   " values");
}

void CopyIn::throw_value(const Column& refused, EncodeError error) const {
  throw QueryError("row " + std::to_string(rows_ + 1) + " of a COPY, column '" + refused.name +
                   "' (" + type_name(refused.type) + "): " + std::string(name_of(error)));
}

void CopyIn::throw_ended() {
  lease_.reset();
  request_->throw_failure();
  throw QueryError("the COPY has ended");
}

void CopyOut::end() {
  lease_.reset();
  request_->throw_failure();
}

}  // namespace pgreactor
