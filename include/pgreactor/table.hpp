#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/export.hpp>
#include <pgreactor/task.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor {

/// A table and the schema it is in, byte for byte as the server has them.
class QualifiedName {
 public:
  QualifiedName() = default;
  QualifiedName(std::string schema, std::string table)
      : schema_(std::move(schema)), table_(std::move(table)) {}
  const std::string& schema() const noexcept { return schema_; }
  const std::string& table() const noexcept { return table_; }
  friend bool operator==(const QualifiedName&, const QualifiedName&) = default;

 private:
  std::string schema_;
  std::string table_;
};

/// Who fills an identity column: nobody unless asked, or always the server.
enum class Identity : std::uint8_t { none, by_default, always };

/// A column of a table, as pg_attribute has it.
struct TableColumn {
  std::string name;
  Oid type = 0;                 ///< of a domain, the type below it
  std::string type_name;        ///< "character varying(20)", the domain's own name ...
  std::string plain_type_name;  ///< schema and name, quoted, whatever the search path: for a cast
  std::int32_t type_modifier = -1;  ///< of the type below a domain
  bool not_null = false;
  bool has_default = false;   ///< a default of any kind, an identity included
  bool is_generated = false;  ///< GENERATED ALWAYS AS (...): the server alone writes it
  Identity identity = Identity::none;
  char type_category = 'U';  ///< pg_type.typcategory: 'A' array, 'S' text, 'N' number ...
  bool has_default_collation = true;
  bool may_be_read = true;          ///< the role has SELECT on it
  std::vector<std::string> labels;  ///< of an enum, in its order; else empty

  friend bool operator==(const TableColumn&, const TableColumn&) = default;
};

/// A primary key, or a unique or exclusion constraint or index.
struct TableKey {
  enum class Kind : std::uint8_t { primary, unique, exclusion };
  std::string name;
  Kind kind = Kind::unique;
  std::vector<std::uint32_t> columns;  ///< positions in Table::columns
  bool is_partial = false;             ///< it has a WHERE: it covers some rows alone
  bool has_expressions = false;        ///< `columns` is not all of it
  bool is_deferrable = false;
  bool nulls_not_distinct = false;  ///< NULL is like NULL in it: PostgreSQL 15 and later

  friend bool operator==(const TableKey&, const TableKey&) = default;
};

/// A reference to the rows of another table.
struct ForeignKey {
  enum class Action : std::uint8_t { no_action, restrict, cascade, set_null, set_default };
  std::string name;
  std::vector<std::uint32_t> columns;
  QualifiedName target;
  std::vector<std::string> target_columns;
  Action on_delete = Action::no_action;
  Action on_update = Action::no_action;

  friend bool operator==(const ForeignKey&, const ForeignKey&) = default;
};

/// What a relation is: only plain and partitioned tables have rows of their own.
enum class TableKind : std::uint8_t { table, partitioned, view, materialized_view, foreign_table };

/// A table as its catalogue had it at one moment: never changed, only replaced.
struct Table {
  QualifiedName name;
  Oid oid = 0;
  TableKind kind = TableKind::table;
  std::vector<TableColumn> columns;  ///< in the order of the table
  std::vector<TableKey> keys;        ///< the primary key first
  std::vector<ForeignKey> foreign_keys;

  /// The column of exactly that name.
  PGREACTOR_API std::optional<std::uint32_t> find(std::string_view column) const noexcept;
  /// Null when there is none.
  PGREACTOR_API const TableKey* primary_key() const noexcept;
};

/// What a database has, read once and kept until something shows that it has changed.
class PGREACTOR_API Catalogue {
 public:
  Catalogue() = default;
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;
  virtual ~Catalogue() = default;

  /// The table if it is known and not too old; null says nothing about whether it exists.
  virtual std::shared_ptr<const Table> known(const QualifiedName& name) const noexcept = 0;
  /// The table, looked up when it is not known; null when there is none.
  virtual Task<std::shared_ptr<const Table>> find(QualifiedName name) = 0;
  /// Looks it up again, whatever is known.
  virtual Task<std::shared_ptr<const Table>> read_again(QualifiedName name) = 0;
  /// The names of a schema's tables, for suggestions; none when there is no such schema.
  virtual Task<std::vector<std::string>> tables_of(std::string schema) = 0;
  virtual Task<bool> has_schema(std::string schema) = 0;
  /// What is known of this table, or of all, may be wrong.
  virtual void forget(const QualifiedName& name) noexcept = 0;
  virtual void forget_all() noexcept = 0;
};

}  // namespace pgreactor
