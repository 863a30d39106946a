#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <pgreactor/connection_options.hpp>
#include <pgreactor/detail/json_text.hpp>
#include <pgreactor/memory_tables.hpp>
#include <sstream>

#include "src/store_memory/json_value.hpp"

namespace pgreactor {
namespace {

using store_memory::JsonValue;

// In the order of the enums.
constexpr std::array<std::string_view, 3> identity_names = {"none", "by_default", "always"};
constexpr std::array<std::string_view, 5> kind_names = {"table", "partitioned", "view",
                                                        "materialized_view", "foreign_table"};
constexpr std::array<std::string_view, 3> key_names = {"primary", "unique", "exclusion"};
constexpr std::array<std::string_view, 5> action_names = {"no_action", "restrict", "cascade",
                                                          "set_null", "set_default"};

/// Writes one JSON object.
class ObjectText {
 public:
  void text(std::string_view name, std::string_view value) {
    begin(name);
    detail::append_json_string(out_, value);
  }
  void raw(std::string_view name, std::string_view value) {
    begin(name);
    out_ += value;
  }
  void flag(std::string_view name, bool value) {
    if (value) raw(name, "true");
  }
  void list(std::string_view name, const std::vector<std::string>& texts) {
    std::string array;
    for (const std::string& each : texts) {
      if (!array.empty()) array += ", ";
      detail::append_json_string(array, each);
    }
    raw(name, "[" + array + "]");
  }
  void objects(std::string_view name, const std::vector<std::string>& objects) {
    std::string array;
    for (const std::string& each : objects) array += (array.empty() ? "" : ", ") + each;
    raw(name, "[" + array + "]");
  }
  std::string finish() { return out_ + "}"; }

 private:
  void begin(std::string_view name) {
    if (out_.size() > 1) out_ += ", ";
    detail::append_json_string(out_, name);
    out_ += ": ";
  }
  std::string out_ = "{";
};

void add_default(ObjectText& object, const ColumnSource* source) {
  std::string constant = "[";
  switch (source == nullptr ? ColumnSource::Kind::unknown : source->kind()) {
    case ColumnSource::Kind::null:
    case ColumnSource::Kind::unknown:
      return object.raw("default", "true");
    case ColumnSource::Kind::now:
      return object.text("default", "now");
    case ColumnSource::Kind::random_uuid:
      return object.text("default", "random_uuid");
    case ColumnSource::Kind::sequence:
      return object.text("default", "sequence");
    case ColumnSource::Kind::constant:
      detail::append_json_string(constant, source->constant().to_string());
      return object.raw("default", constant + "]");
  }
}

/// `source` is null where the catalogue alone is known.
std::string to_json(const TableColumn& column, const ColumnSource* source) {
  ObjectText object;
  object.text("name", column.name);
  object.text("type", column.type_name);
  object.flag("not_null", column.not_null);
  if (!column.labels.empty()) object.list("labels", column.labels);
  if (column.has_default && column.identity == Identity::none && !column.is_generated)
    add_default(object, source);
  if (column.identity != Identity::none)
    object.text("identity", identity_names[static_cast<std::size_t>(column.identity)]);
  object.flag("generated", column.is_generated);
  object.flag("collated", !column.has_default_collation);
  return object.finish();
}

std::vector<std::string> names_of(const Table& table, const std::vector<std::uint32_t>& columns) {
  std::vector<std::string> names;
  for (const std::uint32_t column : columns) names.push_back(table.columns.at(column).name);
  return names;
}

std::string to_json(const Table& table, const TableKey& key) {
  ObjectText object;
  object.text("name", key.name);
  object.text("kind", key_names[static_cast<std::size_t>(key.kind)]);
  object.list("columns", names_of(table, key.columns));
  object.flag("partial", key.is_partial);
  object.flag("expressions", key.has_expressions);
  object.flag("deferrable", key.is_deferrable);
  object.flag("nulls_not_distinct", key.nulls_not_distinct);
  return object.finish();
}

std::string to_json(const Table& table, const ForeignKey& key) {
  ObjectText object;
  object.text("name", key.name);
  object.list("columns", names_of(table, key.columns));
  object.text("schema", key.target.schema());
  object.text("table", key.target.table());
  object.list("target_columns", key.target_columns);
  if (key.on_delete != ForeignKey::Action::no_action)
    object.text("on_delete", action_names[static_cast<std::size_t>(key.on_delete)]);
  if (key.on_update != ForeignKey::Action::no_action)
    object.text("on_update", action_names[static_cast<std::size_t>(key.on_update)]);
  return object.finish();
}

/// What is read, and what it is called in errors.
struct Source {
  std::string_view text;
  std::string name;

  [[noreturn]] void refuse(std::size_t offset, const std::string& why) const {
    const auto before = text.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    throw SchemaError(name + ", line " + std::to_string(line) + ": " + why);
  }
};

/// A value and where in the text it stands.
class Place {
 public:
  Place(const Source& source, const JsonValue* value, std::string where, std::size_t offset)
      : source_(&source), value_(value), where_(std::move(where)), offset_(offset) {}

  [[noreturn]] void refuse(const std::string& why) const {
    source_->refuse(offset_, where_ + ": " + why);
  }
  /// A member, which is no value when it is not there.
  Place operator[](std::string_view name) const {
    if (value_ == nullptr || value_->kind != JsonValue::Kind::object) refuse("it is no object");
    const JsonValue* found = nullptr;
    for (const auto& [key, each] : value_->members)
      if (key == name) found = &each;
    return {*source_, found, where_ + (where_.empty() ? "" : ".") + std::string(name),
            found == nullptr ? offset_ : found->offset.value};
  }
  std::vector<Place> list() const {
    if (value_ == nullptr || value_->kind != JsonValue::Kind::array) refuse("it is no array");
    std::vector<Place> places;
    for (const JsonValue& each : value_->elements)
      places.emplace_back(*source_, &each, where_ + "[" + std::to_string(places.size()) + "]",
                          each.offset.value);
    return places;
  }
  std::vector<Place> list_or_none() const {
    return value_ == nullptr ? std::vector<Place>() : list();
  }
  bool is_there() const noexcept { return value_ != nullptr; }
  bool is_text() const noexcept { return is(JsonValue::Kind::string); }
  bool is_list() const noexcept { return is(JsonValue::Kind::array); }
  /// A value of a column: a string, a number, true, false or null.
  Datum datum() const {
    if (is(JsonValue::Kind::null)) return {};
    if (is(JsonValue::Kind::number)) return value_->number;
    return is(JsonValue::Kind::boolean) ? Datum(value_->truth) : Datum(text());
  }
  std::string text() const {
    if (value_ == nullptr || value_->kind != JsonValue::Kind::string) refuse("it is no string");
    return value_->string;
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const Place& each : list()) all.push_back(each.text());
    return all;
  }
  bool flag() const {
    if (value_ == nullptr) return false;
    if (value_->kind != JsonValue::Kind::boolean) refuse("it is neither true nor false");
    return value_->truth;
  }
  /// The place of its text among the names; `absent` when it is not there.
  template <class Enum, std::size_t Count>
  Enum one_of(const std::array<std::string_view, Count>& names, Enum absent) const {
    if (value_ == nullptr) return absent;
    const std::string name = text();
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) refuse("'" + name + "' is none of its values");
    return static_cast<Enum>(found - names.begin());
  }

 private:
  bool is(JsonValue::Kind kind) const noexcept { return value_ != nullptr && value_->kind == kind; }

  const Source* source_;
  const JsonValue* value_;
  std::string where_;
  std::size_t offset_;
};

/// What the builder refuses is refused at this place.
template <class Action>
void at(const Place& place, const Action& action) {
  try {
    action();
  } catch (const SchemaError& error) {
    place.refuse(error.what());
  }
}

void read_default(MemoryTable& table, const Place& place) {
  if (place.is_list()) {
    const std::vector<Place> values = place.list();
    if (values.size() != 1) place.refuse("it is not one value");
    table.default_value(values.front().datum());
  } else if (!place.is_text()) {
    if (place.flag()) table.default_unknown();
  } else if (const std::string word = place.text(); word == "now") {
    table.default_now();
  } else if (word == "random_uuid") {
    table.default_random_uuid();
  } else if (word == "sequence") {
    table.default_sequence();
  } else {
    place.refuse("'" + word + "' is none of its values");
  }
}

void read_column(MemoryTable& table, const Place& place) {
  const std::string name = place["name"].text(), type = place["type"].text();
  const Place labels = place["labels"];
  if (labels.is_there())
    at(labels, [&] { table.enum_column(name, type, labels.texts()); });
  else
    at(place["type"], [&] { table.column(name, type); });
  if (place["not_null"].flag()) table.not_null();
  const auto identity = place["identity"].one_of(identity_names, Identity::none);
  if (identity != Identity::none) at(place["identity"], [&] { table.identity(identity); });
  if (place["generated"].flag()) table.generated_unknown();
  if (place["collated"].flag()) table.collated();
  if (identity == Identity::none)
    at(place["default"], [&] { read_default(table, place["default"]); });
}

void read_key(MemoryTable& table, const Place& place) {
  for (const char* const beyond : {"partial", "expressions"})
    if (place[beyond].flag()) place[beyond].refuse("mock mode has no such keys");
  const auto kind = place["kind"].one_of(key_names, TableKey::Kind::unique);
  if (kind == TableKey::Kind::exclusion) place["kind"].refuse("mock mode has no exclusion keys");
  const std::vector<std::string> columns = place["columns"].texts();
  at(place["columns"], [&] {
    if (kind == TableKey::Kind::primary)
      table.primary_key(columns, place["name"].text());
    else
      table.unique(columns, place["name"].text());
  });
  if (place["deferrable"].flag()) table.deferrable(place["name"].text());
  if (place["nulls_not_distinct"].flag()) table.nulls_not_distinct(place["name"].text());
}

void read_foreign_key(MemoryTable& table, const Place& place) {
  constexpr auto none = ForeignKey::Action::no_action;
  const QualifiedName target(place["schema"].text(), place["table"].text());
  const std::vector<std::string> columns = place["columns"].texts();
  at(place["columns"], [&] {
    table.foreign_key(columns, target, place["target_columns"].texts(),
                      place["on_delete"].one_of(action_names, none),
                      place["on_update"].one_of(action_names, none), place["name"].text());
  });
}

MemoryTables tables_in(const Source& source) {
  JsonValue document;
  std::size_t stopped_at = 0;
  try {
    document = store_memory::parse_json(source.text, store_memory::JsonKind::jsonb, &stopped_at);
  } catch (const QueryError& error) {
    source.refuse(stopped_at, error.what());
  }
  MemoryTables tables;
  for (const Place& place : Place(source, &document, "", document.offset.value).list()) {
    const std::string schema = place["schema"].text(), name = place["table"].text();
    at(place["table"], [&] { tables.table(schema, name); });
    MemoryTable& table = *tables.all().back();
    table.kind(place["kind"].one_of(kind_names, TableKind::table));
    for (const Place& column : place["columns"].list()) read_column(table, column);
    for (const Place& key : place["keys"].list_or_none()) read_key(table, key);
    for (const Place& key : place["foreign_keys"].list_or_none()) read_foreign_key(table, key);
  }
  return tables;
}

/// `sources` has an entry per column, or none.
std::string object_of(const Table& table, const std::vector<ColumnSource>& sources) {
  std::vector<std::string> columns, keys, foreign_keys;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    columns.push_back(to_json(table.columns[i], sources.empty() ? nullptr : &sources[i]));
  for (const TableKey& key : table.keys) keys.push_back(to_json(table, key));
  for (const ForeignKey& key : table.foreign_keys) foreign_keys.push_back(to_json(table, key));
  ObjectText object;
  object.text("schema", table.name.schema());
  object.text("table", table.name.table());
  if (table.kind != TableKind::table)
    object.text("kind", kind_names[static_cast<std::size_t>(table.kind)]);
  object.objects("columns", columns);
  object.objects("keys", keys);
  object.objects("foreign_keys", foreign_keys);
  return object.finish();
}

}  // namespace

std::string table_to_json(const Table& table) { return object_of(table, {}); }

std::string table_to_json(const MemoryTable& table) {
  return object_of(table.table(), table.sources());
}

MemoryTables tables_from_json(std::string_view json) {
  return tables_in({json, "tables from JSON"});
}

MemoryTables tables_from_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || in.bad() || std::filesystem::is_directory(file))
    throw ConfigurationError("mock tables", "the file " + file.string() + " cannot be read");
  const std::string json = std::move(text).str();
  return tables_in({json, file.string()});
}

MemoryTables tables_of_environment() {
  const char* const file = std::getenv("PGREACTOR_MOCK_TABLES");
  return file == nullptr || *file == '\0' ? MemoryTables() : tables_from_file(file);
}

}  // namespace pgreactor
