#pragma once
#include <memory>
#include <pgreactor/copy.hpp>
#include <pgreactor/detail/clauses.hpp>
#include <pgreactor/detail/limited_execution.hpp>
#include <pgreactor/execution.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/row_stream.hpp>
#include <pgreactor/task.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pgreactor {

/// The one way to run SQL: a pool, a leased connection and a transaction are executors, and every
/// layer above knows only this.
class PGREACTOR_API Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  /// Runs one statement in the extended query protocol.
  ///
  ///   co_await db.execute("UPDATE t SET a = $1 WHERE id = $2", 10, id);          -> Result
  ///   co_await db.execute("SELECT * FROM t WHERE id = $1", params(id), fetch_row);
  ///                                                                   -> std::optional<Row>
  ///   co_await db.execute(statement, id, fetch_val_as<std::string>, timeout(1s));
  ///
  /// Shape   Result, or what the fetch mode among the arguments says; 0 rows is no error.
  /// Units   arguments are the values of $1, $2 ... in order; params(...) and std::tuple stand for
  ///         the values in them, std::optional and nullopt for NULL, std::vector for one array.
  ///         They are encoded by the server's parameter types, with range checks, when awaited.
  /// Errors  QueryError (or a subtype): the server refused it, or a value does not fit; the
  ///         connection stays usable. ConnectionError: it was lost, see outcome(). Not sent:
  ///         TimeoutError when no connection was free within pool_acquire_timeout, ConnectionError
  ///         when there was none at all, QueryError when 100,000 wait already.
  /// Owner   the executor outlives the co_await; values see params().
  /// Source  postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
  template <class... Arguments>
  [[nodiscard]] auto execute(Sql sql, Arguments&&... arguments) {
    return compose(std::move(sql), std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  [[nodiscard]] auto execute(const Statement& statement, Arguments&&... arguments) {
    return compose(statement, std::forward<Arguments>(arguments)...);
  }

  /// execute(..., fetch_all), fetch_row, fetch_val and fetch_dict by name.
  template <class Source, class... Arguments>
  [[nodiscard]] auto fetch(Source&& source, Arguments&&... arguments) {
    return execute(std::forward<Source>(source), std::forward<Arguments>(arguments)..., fetch_all);
  }
  template <class Source, class... Arguments>
  [[nodiscard]] auto fetch_one(Source&& source, Arguments&&... arguments) {
    return execute(std::forward<Source>(source), std::forward<Arguments>(arguments)..., fetch_row);
  }
  template <class Source, class... Arguments>
  [[nodiscard]] auto fetch_val(Source&& source, Arguments&&... arguments) {
    return execute(std::forward<Source>(source), std::forward<Arguments>(arguments)...,
                   pgreactor::fetch_val);
  }
  /// One row as a dictionary by column name; nullopt when there is none.
  template <class Source, class... Arguments>
  [[nodiscard]] auto fetch_dict(Source&& source, Arguments&&... arguments) {
    return execute(std::forward<Source>(source), std::forward<Arguments>(arguments)...,
                   pgreactor::fetch_dict);
  }
  /// All rows; each gives its values by column name, as a dictionary does.
  template <class Source, class... Arguments>
  [[nodiscard]] auto fetch_dicts(Source&& source, Arguments&&... arguments) {
    return fetch(std::forward<Source>(source), std::forward<Arguments>(arguments)...);
  }

  /// The rows of one statement as they come, never all of them in memory: see RowStream. Arguments
  /// as execute(), without a fetch mode; a timeout() covers the stream as a whole, and is noticed
  /// when the next row is asked for.
  /// Errors  what is wrong with the statement or fails before its first row is thrown here; else as
  ///         execute().
  template <class... Arguments>
  [[nodiscard]] Task<RowStream> stream(const Sql& sql, Arguments&&... arguments) {
    return open_stream(statement_for(sql.text()), sql.where(),
                       std::forward<Arguments>(arguments)...);
  }
  template <class... Arguments>
  [[nodiscard]] Task<RowStream> stream(const Statement& statement, Arguments&&... arguments) {
    return open_stream(statement.entry(), std::source_location(),
                       std::forward<Arguments>(arguments)...);
  }

  /// Runs statements that a semicolon separates, as psql would, and gives a result for each. They
  /// have no parameters, and their rows come as text, which every type can be read from.
  /// Shape   outside a transaction they are one, all or nothing, where they do not end one of their
  ///         own. A transaction that the script leaves open is rolled back.
  /// Errors  QueryError (or a subtype) of the first that fails, which the message counts; those
  ///         behind it do not run. outcome() is unknown when one before it may have committed.
  ///         A COPY between server and client has no place here: see copy_in() and copy_out().
  /// Source  postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT
  [[nodiscard]] Task<std::vector<Result>> execute_script(
      Sql script, Timeout limit = Timeout(detail::no_timeout));

  /// Sends `payload`, of less than 8000 bytes, to all who listen on the channel; in a transaction
  /// when that commits. Errors  as execute().
  [[nodiscard]] Task<void> notify(std::string channel, std::string payload = {});

  /// Begins to copy rows into a table, as binary values of its columns' types: see CopyIn. A dot in
  /// `table` stands between schema and table. The columns are asked for their types first, which
  /// takes the right to read them. Errors  SchemaError when there is no such table.
  [[nodiscard]] Task<CopyIn> copy_in(std::string table, ColumnNames columns,
                                     std::source_location where = std::source_location::current()) {
    return detail::open_copy_in(*this, std::move(table), std::move(columns), where);
  }
  /// Begins a COPY ... FROM STDIN in the words of the caller, who then sends data in its format.
  [[nodiscard]] Task<CopyIn> copy_in(const Sql& sql) {
    return detail::open_copy_in(*this, std::string(sql.text()), sql.where());
  }
  /// Begins a COPY ... TO STDOUT: see CopyOut.
  [[nodiscard]] Task<CopyOut> copy_out(const Sql& sql) {
    return detail::open_copy_out(*this, std::string(sql.text()), sql.where());
  }

  /// A handle to run `sql` by, again and again, without looking it up. Sends nothing: the statement
  /// is prepared at its first use on each connection.
  Statement prepare(const Sql& sql) { return Statement{statement_for(sql.text())}; }

  /// For the library: takes the request on, or throws without having sent any of it.
  virtual void submit(detail::Request& request) = 0;
  /// For the library: the entry of that text, made if there is none.
  virtual std::shared_ptr<detail::StatementEntry> statement_for(std::string_view text) = 0;
  /// For the library: a connection for one user alone.
  virtual Task<std::unique_ptr<detail::Lease>> lease() = 0;
  /// For the library: do settings made for the transaction outlive the next Sync?
  virtual bool is_transaction() const noexcept { return false; }
  /// Has it changed the schema, in a way that nobody else sees yet?
  virtual bool has_changed_schema() const noexcept { return false; }

 private:
  template <class... Arguments>
  Task<RowStream> open_stream(std::shared_ptr<detail::StatementEntry> entry,
                              const std::source_location& where, Arguments&&... arguments) {
    static_assert((detail::SafeInAwait<Arguments&&> && ...),
                  "g++ 12 destroys such temporaries of a co_await twice: name the value first");
    static_assert(!(detail::is_mode<Arguments> || ...), "a stream gives all rows, one by one");
    static_assert(!(detail::is_server_timeout<Arguments> || ...),
                  "a stream waits for its reader: it has no server_timeout()");
    const auto limit = detail::timeout_of(arguments...);
    auto values = detail::values_of(std::forward<Arguments>(arguments)...);
    return detail::open_stream(
        *this, detail::make_stream(std::move(entry), where, std::move(values)), limit);
  }
  template <class Source, class... Arguments>
  auto compose(Source source, Arguments&&... arguments) {
    static_assert((detail::SafeInAwait<Arguments&&> && ...),
                  "g++ 12 destroys such temporaries of a co_await twice: name the value first");
    using Mode = detail::ModeOf<Arguments...>;
    const auto limit = detail::timeout_of(arguments...);
    if constexpr ((detail::is_server_timeout<Arguments> || ...)) {
      const auto server_limit = detail::server_timeout_of(arguments...);
      return detail::run_limited<Mode>(
          *this, detail::find_statement(*this, source), detail::where_of(source),
          detail::values_of(std::forward<Arguments>(arguments)...), limit, server_limit);
    } else {
      auto values = detail::values_of(std::forward<Arguments>(arguments)...);
      return detail::make_execution<Mode>(*this, std::move(source), std::move(values), limit);
    }
  }
};

}  // namespace pgreactor
