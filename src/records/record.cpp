#include <algorithm>
#include <array>
#include <ostream>
#include <pgreactor/detail/json_text.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/record.hpp>
#include <unordered_set>

namespace pgreactor {
namespace {

const std::shared_ptr<const ResultShape>& no_columns() {
  static const auto shape = std::make_shared<const ResultShape>(std::vector<Column>{});
  return shape;
}

Column named(std::string name) {
  Column column;
  column.name = std::move(name);
  return column;
}

[[noreturn]] void throw_twice(const std::string& name) {
  throw QueryError("the record has the field '" + name + "' twice");
}

/// Few names are compared with each other; many would take the square of their number.
void check_names(const std::vector<Column>& columns) {
  constexpr std::size_t few = 16;
  if (columns.size() <= few) {
    for (std::size_t i = 1; i < columns.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (columns[i].name == columns[j].name) throw_twice(columns[i].name);
    return;
  }
  std::unordered_set<std::string_view> seen;
  for (const Column& column : columns)
    if (!seen.insert(column.name).second) throw_twice(column.name);
}

}  // namespace

std::shared_ptr<const ResultShape> detail::shape_named(std::vector<std::string> names) {
  std::vector<Column> columns;
  columns.reserve(names.size());
  for (std::string& name : names) columns.push_back(named(std::move(name)));
  check_names(columns);
  return std::make_shared<const ResultShape>(std::move(columns));
}

std::shared_ptr<const ResultShape> detail::shape_of_literals(
    std::span<const std::string_view> names) {
  // Direct-mapped: what a program writes out are few lists, of which one may push another out.
  constexpr std::size_t places = 64;
  thread_local std::array<std::shared_ptr<const ResultShape>, places> known;
  std::size_t hash = names.size();
  for (const std::string_view name : names)
    hash = hash * 31 + name.size() * 7 + static_cast<unsigned char>(name.empty() ? 0 : name.back());
  auto& place = known[hash % places];
  const auto same = [](const Column& column, std::string_view name) { return column.name == name; };
  if (place != nullptr && std::equal(place->columns().begin(), place->columns().end(),
                                     names.begin(), names.end(), same))
    return place;
  auto shape = shape_named(std::vector<std::string>(names.begin(), names.end()));
  // Names from elsewhere are not hoarded.
  constexpr std::size_t most_names = 64, longest_name = 63;
  const auto is_short = [](std::string_view name) { return name.size() <= longest_name; };
  if (names.size() <= most_names && std::all_of(names.begin(), names.end(), is_short))
    place = shape;
  return shape;
}

Record::Record() : shape_(no_columns()) {}

Record::Record(std::shared_ptr<const ResultShape> shape, const RowView& row)
    : shape_(std::move(shape)) {
  values_.reserve(row.size());
  for (const Field field : row) {
    Datum& value = values_.emplace_back();
    if (field.is_null()) continue;
    if (const DecodeError error = field.decode_into(value); error != DecodeError::none)
      detail::throw_decode_error(field.column(), error);
  }
}

const Datum* Record::find(std::string_view name) const noexcept {
  const auto index = shape_->find(name);
  return index ? &values_[*index] : nullptr;
}

const Datum& Record::operator[](std::string_view name) const {
  const Datum* const value = find(name);
  if (value == nullptr) detail::throw_no_column(*shape_, name);
  return *value;
}

Record::Entry Record::entry(std::size_t index) const {
  if (index >= values_.size()) detail::throw_no_column(*shape_, index);
  return {(*shape_)[index].name, values_[index]};
}

Record& Record::set(std::string_view name, Datum value) {
  if (const auto index = shape_->find(name)) {
    values_[*index] = std::move(value);
    return *this;
  }
  std::vector<Column> columns = shape_->columns();
  columns.push_back(named(std::string(name)));
  auto shape = std::make_shared<const ResultShape>(std::move(columns));
  values_.push_back(std::move(value));
  shape_ = std::move(shape);
  return *this;
}

Record& Record::erase(std::string_view name) {
  const auto index = shape_->find(name);
  if (!index) return *this;
  std::vector<Column> columns = shape_->columns();
  columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(*index));
  auto shape = std::make_shared<const ResultShape>(std::move(columns));
  values_.erase(values_.begin() + static_cast<std::ptrdiff_t>(*index));
  shape_ = std::move(shape);
  return *this;
}

void Record::rename(std::vector<std::string> names) {
  shape_ = detail::shape_named(std::move(names));
}

std::string Record::to_json() const {
  std::string text;
  append_json(text);
  return text;
}

void Record::append_json(std::string& out) const {
  out.push_back('{');
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (i != 0) out.push_back(',');
    detail::append_json_string(out, (*shape_)[i].name);
    out.push_back(':');
    values_[i].append_json(out);
  }
  out.push_back('}');
}

bool operator==(const Record& a, const Record& b) {
  if (a.values_ != b.values_) return false;
  if (a.shape_ == b.shape_) return true;
  for (std::size_t i = 0; i < a.size(); ++i)
    if ((*a.shape_)[i].name != (*b.shape_)[i].name) return false;
  return true;
}

std::ostream& operator<<(std::ostream& out, const Record& record) {
  return out << record.to_json();
}

}  // namespace pgreactor
