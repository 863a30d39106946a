#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <pgreactor/datum.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/record.hpp>
#include <pgreactor/table.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor {

/// Mock mode cannot give the answer that a server would give: a regular expression, SQL of the
/// caller's, a collation ... Never thrown where an answer would be given.
class PGREACTOR_API MockModeError : public QueryError {
 public:
  using QueryError::QueryError;
};

/// Where the value of a column comes from that an insert leaves out.
class ColumnSource {
 public:
  enum class Kind : std::uint8_t { null, constant, now, random_uuid, sequence, unknown };
  ColumnSource() = default;
  explicit ColumnSource(Kind kind) noexcept : kind_(kind) {}
  explicit ColumnSource(Datum constant) : kind_(Kind::constant), constant_(std::move(constant)) {}
  Kind kind() const noexcept { return kind_; }
  const Datum& constant() const noexcept { return constant_; }

 private:
  Kind kind_ = Kind::null;
  Datum constant_;
};

/// A check constraint: nullopt is SQL's unknown, with which a row passes.
using RowCheck = std::function<std::optional<bool>(const Record&)>;

/// What a generated column holds, by the other columns of its row.
using GeneratedValue = std::function<Datum(const Record&)>;

/// A table for mock mode, declared as CREATE TABLE would: what follows a column() is about that
/// column.
/// Errors  SchemaError for a type that is not known, a column that is not there, a second primary
///         key, or a clause before the first column.
class PGREACTOR_API MemoryTable {
 public:
  /// For MemoryTables::table().
  explicit MemoryTable(QualifiedName name);

  /// `type` is SQL: "integer", "numeric(10,2)", "varchar(20)", "serial", "text[]" ...
  MemoryTable& column(std::string name, std::string_view type);
  /// A column of an enum type, whose labels stand in their order.
  MemoryTable& enum_column(std::string name, std::string type_name,
                           std::vector<std::string> labels);
  MemoryTable& not_null();
  MemoryTable& default_value(Datum constant);
  MemoryTable& default_now();
  MemoryTable& default_random_uuid();
  /// nextval() of a sequence of its own, as of "serial".
  MemoryTable& default_sequence();
  /// A default that only the server can evaluate: MockModeError when an insert needs it.
  MemoryTable& default_unknown();
  /// GENERATED ALWAYS AS (...) STORED: a function over the row, since SQL is not evaluated here.
  MemoryTable& generated(GeneratedValue value);
  /// The same for a column declared before, such as one of a file. Errors  SchemaError: there is
  /// none, or it is not generated.
  MemoryTable& generated(std::string_view column, GeneratedValue value);
  /// One that only the server can compute: MockModeError when a row is written.
  MemoryTable& generated_unknown();
  /// GENERATED ... AS IDENTITY
  MemoryTable& identity(Identity identity = Identity::always);
  MemoryTable& primary_key();
  MemoryTable& unique();
  MemoryTable& references(QualifiedName target, std::string column,
                          ForeignKey::Action on_delete = ForeignKey::Action::no_action,
                          ForeignKey::Action on_update = ForeignKey::Action::no_action);

  /// Of the whole table. Without a name a constraint has the name that the server would give it.
  MemoryTable& primary_key(const std::vector<std::string>& columns, std::string name = {});
  MemoryTable& unique(const std::vector<std::string>& columns, std::string name = {});
  MemoryTable& foreign_key(const std::vector<std::string>& columns, QualifiedName target,
                           std::vector<std::string> target_columns,
                           ForeignKey::Action on_delete = ForeignKey::Action::no_action,
                           ForeignKey::Action on_update = ForeignKey::Action::no_action,
                           std::string name = {});
  /// DEFERRABLE, said of a key declared before: nothing for an upsert, and MockModeError where it
  /// is violated. Errors  SchemaError: there is no key of that name.
  MemoryTable& deferrable(std::string_view key);
  /// NULLS NOT DISTINCT, likewise.
  MemoryTable& nulls_not_distinct(std::string_view key);
  /// COLLATE with another collation than the database's: MockModeError for an order or a comparison
  /// of the column, which here would go by bytes.
  MemoryTable& collated();
  /// A table unless this says something else: MockModeError for the rows of a view.
  MemoryTable& kind(TableKind kind);
  /// CHECK: a predicate over the whole row, since SQL is not evaluated here.
  MemoryTable& check(std::string name, RowCheck holds);

  const Table& table() const noexcept { return table_; }
  /// For the library: one per column ...
  const std::vector<ColumnSource>& sources() const noexcept { return sources_; }
  /// ... as is this: empty but for a generated column whose value is known.
  const std::vector<GeneratedValue>& generators() const noexcept { return generators_; }
  const std::vector<std::pair<std::string, RowCheck>>& checks() const noexcept { return checks_; }

 private:
  TableColumn& last();
  void set_source(ColumnSource source);
  void add(TableColumn column);
  TableKey& key_named(std::string_view name);
  std::vector<std::uint32_t> positions(const std::vector<std::string>& columns) const;
  std::string name_for(const std::vector<std::string>& columns, std::string_view ending) const;

  Table table_;
  std::vector<ColumnSource> sources_;
  std::vector<GeneratedValue> generators_;
  std::vector<std::pair<std::string, RowCheck>> checks_;
};

/// The tables of mock mode, declared in code.
///
///   MemoryTables tables;
///   tables.table("public", "users")
///       .column("id", "uuid").default_random_uuid().primary_key()
///       .column("email", "varchar(200)").not_null().unique();
///
/// Owner  owns its tables; a reference from table() holds as long as this does.
class PGREACTOR_API MemoryTables {
 public:
  /// A new table. Errors  SchemaError when there is one of that name.
  MemoryTable& table(std::string schema, std::string name);
  /// One that is there. Errors  SchemaError when it is not.
  MemoryTable& at(std::string_view schema, std::string_view name);
  const std::vector<std::unique_ptr<MemoryTable>>& all() const noexcept { return tables_; }

 private:
  std::vector<std::unique_ptr<MemoryTable>> tables_;
};

/// The table as one JSON object, of which a file of saved tables is an array:
///
///   {"schema": "public", "table": "users",
///    "columns": [{"name": "id", "type": "uuid", "not_null": true, "default": "random_uuid"},
///                {"name": "mood", "type": "mood", "labels": ["sad", "happy"]}],
///    "keys": [{"name": "users_pkey", "kind": "primary", "columns": ["id"]}],
///    "foreign_keys": [{"name": "...", "columns": ["..."], "schema": "public", "table": "...",
///                      "target_columns": ["id"], "on_delete": "cascade"}]}
///
/// Shape  "kind" ("view" ...) of a table, "identity", "generated" and "collated" of a column,
///        "partial", "expressions", "deferrable" and "nulls_not_distinct" of a key, "on_delete" and
///        "on_update" stand only where they say more than their absence. "default" is true where
///        what it is, is not known; else "now", "random_uuid", "sequence", or an array of the one
///        value. An enum has its "labels". Checks are not saved.
PGREACTOR_API std::string table_to_json(const Table& table);
PGREACTOR_API std::string table_to_json(const MemoryTable& table);
/// Reads an array of such objects; the default true is default_unknown(), and a generated column
/// generated_unknown().
/// Errors  SchemaError naming line, place and field: "line 3: [0].columns[2].type: ...", also for
///         what mock mode does not have: domains, enums without labels, partial keys.
PGREACTOR_API MemoryTables tables_from_json(std::string_view json);
/// Reads a file of them. Errors  ConfigurationError: it cannot be read; SchemaError likewise:
/// "tests/tables.json, line 3: ...".
PGREACTOR_API MemoryTables tables_from_file(const std::filesystem::path& file);
/// Those of the file that PGREACTOR_MOCK_TABLES names; none without it. Errors  likewise.
PGREACTOR_API MemoryTables tables_of_environment();

}  // namespace pgreactor
