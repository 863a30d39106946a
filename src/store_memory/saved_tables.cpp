#include <algorithm>
#include <array>
#include <pgreactor/detail/json_text.hpp>
#include <pgreactor/memory_tables.hpp>

#include "src/store_memory/json_value.hpp"

namespace pgreactor {
namespace {

using store_memory::JsonValue;

// In the order of the enums.
constexpr std::array<std::string_view, 3> identity_names = {"none", "by_default", "always"};
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

std::string to_json(const TableColumn& column) {
  ObjectText object;
  object.text("name", column.name);
  object.text("type", column.type_name);
  object.flag("not_null", column.not_null);
  object.flag("default", column.has_default && column.identity == Identity::none);
  if (column.identity != Identity::none)
    object.text("identity", identity_names[static_cast<std::size_t>(column.identity)]);
  object.flag("generated", column.is_generated);
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

/// A value and where in the text it stands.
class Place {
 public:
  Place(const JsonValue* value, std::string where) : value_(value), where_(std::move(where)) {}

  [[noreturn]] void refuse(const std::string& why) const {
    throw SchemaError("tables from JSON: " + where_ + ": " + why);
  }
  /// A member, which is no value when it is not there.
  Place operator[](std::string_view name) const {
    if (value_ == nullptr || value_->kind != JsonValue::Kind::object) refuse("it is no object");
    const JsonValue* found = nullptr;
    for (const auto& [key, each] : value_->members)
      if (key == name) found = &each;
    return {found, where_ + (where_.empty() ? "" : ".") + std::string(name)};
  }
  std::vector<Place> list() const {
    if (value_ == nullptr || value_->kind != JsonValue::Kind::array) refuse("it is no array");
    std::vector<Place> places;
    for (const JsonValue& each : value_->elements)
      places.emplace_back(&each, where_ + "[" + std::to_string(places.size()) + "]");
    return places;
  }
  std::vector<Place> list_or_none() const {
    return value_ == nullptr ? std::vector<Place>() : list();
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
  const JsonValue* value_;
  std::string where_;
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

void read_column(MemoryTable& table, const Place& place) {
  const std::string name = place["name"].text(), type = place["type"].text();
  at(place["type"], [&] { table.column(name, type); });
  if (place["generated"].flag()) place["generated"].refuse("mock mode has no generated columns");
  if (place["not_null"].flag()) table.not_null();
  const auto identity = place["identity"].one_of(identity_names, Identity::none);
  if (identity != Identity::none) at(place["identity"], [&] { table.identity(identity); });
  if (place["default"].flag() && identity == Identity::none) table.default_unknown();
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

JsonValue parsed(std::string_view json) {
  try {
    return store_memory::parse_json(json, store_memory::JsonKind::jsonb);
  } catch (const QueryError& error) {
    throw SchemaError(std::string("tables from JSON: ") + error.what());
  }
}

}  // namespace

std::string table_to_json(const Table& table) {
  std::vector<std::string> columns, keys, foreign_keys;
  for (const TableColumn& column : table.columns) columns.push_back(to_json(column));
  for (const TableKey& key : table.keys) keys.push_back(to_json(table, key));
  for (const ForeignKey& key : table.foreign_keys) foreign_keys.push_back(to_json(table, key));
  ObjectText object;
  object.text("schema", table.name.schema());
  object.text("table", table.name.table());
  object.objects("columns", columns);
  object.objects("keys", keys);
  object.objects("foreign_keys", foreign_keys);
  return object.finish();
}

MemoryTables tables_from_json(std::string_view json) {
  const JsonValue document = parsed(json);
  MemoryTables tables;
  for (const Place& place : Place(&document, "").list()) {
    const std::string schema = place["schema"].text(), name = place["table"].text();
    at(place["table"], [&] { tables.table(schema, name); });
    MemoryTable& table = *tables.all().back();
    for (const Place& column : place["columns"].list()) read_column(table, column);
    for (const Place& key : place["keys"].list_or_none()) read_key(table, key);
    for (const Place& key : place["foreign_keys"].list_or_none()) read_foreign_key(table, key);
  }
  return tables;
}

}  // namespace pgreactor
