#include "src/catalogue/read_table.hpp"

#include <algorithm>
#include <pgreactor/batch.hpp>
#include <pgreactor/values/all.hpp>
#include <span>
#include <unordered_map>
#include <utility>

namespace pgreactor::catalogue {
namespace {

// $1 is the schema and $2 the table in all of them.
constexpr char relation_sql[] =
    "SELECT c.oid, c.relkind::text FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')";

// A domain may stand on a domain: the type at the bottom is the one that values have.
constexpr char columns_sql[] =
    "SELECT a.attnum, a.attname, base.oid, pg_catalog.format_type(a.atttypid, a.atttypmod),"
    " CASE WHEN base.oid = a.atttypid THEN a.atttypmod ELSE base.modifier END, a.attnotnull,"
    " a.atthasdef, a.attgenerated::text, a.attidentity::text, base.category,"
    " a.attcollation IN (0, base.collation),"
    " (SELECT pg_catalog.format('%I.%I', tn.nspname, t.typname) FROM pg_catalog.pg_type t"
    "   JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace WHERE t.oid = a.atttypid),"
    " pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT'),"
    " ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = base.oid"
    "  ORDER BY e.enumsortorder)"
    " FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " CROSS JOIN LATERAL ("
    "  WITH RECURSIVE below AS ("
    "   SELECT t.oid, t.typbasetype, t.typtypmod, t.typcategory, t.typcollation, t.typtype, -1 AS m"
    "    FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid"
    "   UNION ALL"
    "   SELECT t.oid, t.typbasetype, t.typtypmod, t.typcategory, t.typcollation, t.typtype,"
    "     below.typtypmod FROM below"
    "    JOIN pg_catalog.pg_type t ON below.typtype = 'd' AND t.oid = below.typbasetype)"
    "  SELECT oid, m AS modifier, typcategory::text AS category, typcollation AS collation"
    "   FROM below WHERE typtype <> 'd') base"
    " WHERE n.nspname = $1 AND c.relname = $2 ORDER BY a.attnum";

// Before PostgreSQL 15 pg_index has no indnullsnotdistinct, which is looked for by its name alone.
constexpr char keys_sql[] =
    "SELECT i.relname, x.indisprimary, x.indisexclusion, x.indkey::pg_catalog.int2[],"
    " x.indnkeyatts, x.indpred IS NOT NULL, x.indexprs IS NOT NULL, NOT x.indimmediate,"
    " coalesce((pg_catalog.to_jsonb(x)->>'indnullsnotdistinct')::bool, false)"
    " FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_index x ON x.indrelid = c.oid"
    " JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid"
    " WHERE n.nspname = $1 AND c.relname = $2 AND (x.indisunique OR x.indisexclusion)"
    " AND x.indisvalid ORDER BY NOT x.indisprimary, i.relname";

constexpr char foreign_keys_sql[] =
    "SELECT k.conname, k.conkey, tn.nspname, t.relname,"
    " (SELECT pg_catalog.array_agg(a.attname ORDER BY u.place)"
    "   FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS u (number, place)"
    "   JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number),"
    " k.confdeltype::text, k.confupdtype::text"
    " FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'"
    " JOIN pg_catalog.pg_class t ON t.oid = k.confrelid"
    " JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace"
    " WHERE n.nspname = $1 AND c.relname = $2 ORDER BY k.conname";

TableKind kind_of(char relkind) noexcept {
  switch (relkind) {
    case 'p':
      return TableKind::partitioned;
    case 'v':
      return TableKind::view;
    case 'm':
      return TableKind::materialized_view;
    case 'f':
      return TableKind::foreign_table;
    default:
      return TableKind::table;
  }
}

ForeignKey::Action action_of(char code) noexcept {
  switch (code) {
    case 'r':
      return ForeignKey::Action::restrict;
    case 'c':
      return ForeignKey::Action::cascade;
    case 'n':
      return ForeignKey::Action::set_null;
    case 'd':
      return ForeignKey::Action::set_default;
    default:
      return ForeignKey::Action::no_action;
  }
}

/// pg_attribute's number -> position among the columns; those of dropped columns are not there.
using Positions = std::unordered_map<std::int16_t, std::uint32_t>;

char code_in(const Field& field) {
  const auto text = field.as<std::string>();
  return text.empty() ? '\0' : text.front();
}

TableColumn column_of(const RowView& row) {
  TableColumn column;
  column.name = row.get<std::string>(1);
  column.type = row.get<Oid>(2);
  column.type_name = row.get<std::string>(3);
  column.type_modifier = row.get<std::int32_t>(4);
  column.not_null = row.get<bool>(5);
  column.is_generated = code_in(row[7]) != '\0';
  const char identity = code_in(row[8]);
  if (identity == 'a') column.identity = Identity::always;
  if (identity == 'd') column.identity = Identity::by_default;
  column.has_default = row.get<bool>(6) || identity != '\0';
  column.type_category = code_in(row[9]);
  column.has_default_collation = row.get<bool>(10);
  column.plain_type_name = row.get<std::string>(11);
  column.may_be_read = row.get<bool>(12);
  column.labels = row.get<std::vector<std::string>>(13);
  return column;
}

/// The positions of numbered columns; 0 stands for an expression.
std::vector<std::uint32_t> positions_of(std::span<const std::int16_t> numbers,
                                        const Positions& positions) {
  std::vector<std::uint32_t> columns;
  for (const std::int16_t number : numbers)
    if (const auto found = positions.find(number); found != positions.end())
      columns.push_back(found->second);
  return columns;
}

TableKey key_of(const RowView& row, const Positions& positions) {
  TableKey key;
  key.name = row.get<std::string>(0);
  if (row.get<bool>(1)) key.kind = TableKey::Kind::primary;
  if (row.get<bool>(2)) key.kind = TableKey::Kind::exclusion;
  const auto numbers = row.get<std::vector<std::int16_t>>(3);
  // Behind those of the key come the columns that an index only includes.
  const auto counted =
      static_cast<std::size_t>(std::max<std::int16_t>(row.get<std::int16_t>(4), 0));
  key.columns =
      positions_of(std::span(numbers).first(std::min(counted, numbers.size())), positions);
  key.is_partial = row.get<bool>(5);
  key.has_expressions = row.get<bool>(6);
  key.is_deferrable = row.get<bool>(7);
  key.nulls_not_distinct = row.get<bool>(8);
  return key;
}

ForeignKey foreign_key_of(const RowView& row, const Positions& positions) {
  ForeignKey key;
  key.name = row.get<std::string>(0);
  key.columns = positions_of(row.get<std::vector<std::int16_t>>(1), positions);
  key.target = QualifiedName(row.get<std::string>(2), row.get<std::string>(3));
  key.target_columns = row.get<std::vector<std::string>>(4);
  key.on_delete = action_of(code_in(row[5]));
  key.on_update = action_of(code_in(row[6]));
  return key;
}

}  // namespace

Task<std::shared_ptr<const Table>> read_table(Executor& executor, const QualifiedName& name) {
  Batch batch(executor);
  auto relation = batch.add(relation_sql, name.schema(), name.table());
  auto columns = batch.add(columns_sql, name.schema(), name.table());
  auto keys = batch.add(keys_sql, name.schema(), name.table());
  auto foreign_keys = batch.add(foreign_keys_sql, name.schema(), name.table());
  co_await batch.run();

  const Result found = relation.get();
  if (found.empty()) co_return nullptr;
  auto table = std::make_shared<Table>();
  table->name = name;
  table->oid = found.front().get<Oid>(0);
  table->kind = kind_of(code_in(found.front()[1]));
  Positions positions;
  for (const RowView row : columns.get()) {
    positions.emplace(row.get<std::int16_t>(0), static_cast<std::uint32_t>(table->columns.size()));
    table->columns.push_back(column_of(row));
  }
  for (const RowView row : keys.get()) table->keys.push_back(key_of(row, positions));
  for (const RowView row : foreign_keys.get())
    table->foreign_keys.push_back(foreign_key_of(row, positions));
  co_return table;
}

bool same_definition(const Table& a, const Table& b) {
  return a.oid == b.oid && a.kind == b.kind && a.name == b.name && a.columns == b.columns &&
         a.keys == b.keys && a.foreign_keys == b.foreign_keys;
}

}  // namespace pgreactor::catalogue
