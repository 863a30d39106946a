#include "src/connection/statement_entry.hpp"

#include <algorithm>
#include <array>
#include <pgreactor/statement.hpp>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/hexadecimal.hpp>

#include "src/connection/session_changes.hpp"

namespace pgreactor {

std::string_view Statement::text() const noexcept { return entry_->text(); }

namespace detail {
namespace {

std::vector<Column> with_formats(std::vector<Column> columns) {
  for (Column& column : columns)
    column.format = has_binary_decoder(column.type) ? FormatCode::binary : FormatCode::text;
  return columns;
}

// One code holds for all columns where they agree, which they mostly do.
std::vector<FormatCode> result_formats(const std::vector<Column>& columns) {
  std::vector<FormatCode> formats;
  for (const Column& column : columns) formats.push_back(column.format);
  if (std::adjacent_find(formats.begin(), formats.end(), std::not_equal_to<>{}) == formats.end())
    formats.erase(formats.begin() + std::min<std::ptrdiff_t>(std::ssize(formats), 1),
                  formats.end());
  return formats;
}

bool same(const Column& a, const Column& b) noexcept {
  return a.type == b.type && a.type_modifier == b.type_modifier && a.table == b.table &&
         a.attribute == b.attribute && a.name == b.name;
}

}  // namespace

StatementDescription::StatementDescription(std::string_view name, std::vector<Oid> parameter_types,
                                           std::vector<Column> columns)
    : parameter_types_(std::move(parameter_types)),
      shape_(std::make_shared<const ResultShape>(with_formats(std::move(columns)))),
      bind_(name, result_formats(shape_->columns())),
      unnamed_(name.empty()) {}

protocol::BindTemplate StatementDescription::bind_to(std::string_view portal,
                                                     std::string_view statement,
                                                     std::uint32_t row_limit) const {
  return protocol::BindTemplate(statement, result_formats(shape_->columns()), portal, row_limit);
}

std::shared_ptr<const ResultShape> shape_of_answer(const ResultShape& asked,
                                                   const ResultShape& now) {
  std::vector<Column> columns = now.columns();
  // One code may have stood for all. With a code each, their number has to be right: the server
  // checks that.
  for (std::size_t i = 0; i < columns.size() && asked.size() != 0; ++i)
    columns[i].format = asked[std::min(i, asked.size() - 1)].format;
  return std::make_shared<const ResultShape>(std::move(columns));
}

StatementEntry::StatementEntry(std::uint64_t id, std::string text, std::uint64_t hash)
    : id_(id), hash_(hash), text_(std::move(text)) {
  std::array<std::byte, sizeof(hash)> digits;
  store_big_endian(digits.data(), hash);
  name_ = "pgr_" + std::to_string(id) + "_";
  append_hexadecimal(name_, Bytes{digits});
}

bool StatementEntry::commits() {
  if (!commits_) commits_ = connection::commits(text_);
  return *commits_;
}

bool StatementEntry::leaves_something() noexcept {
  if (!leaves_something_) leaves_something_ = connection::leaves_something(text_);
  return *leaves_something_;
}

bool StatementDescription::agrees(const std::vector<Oid>& parameter_types,
                                  const std::vector<Column>& columns) const noexcept {
  return parameter_types == parameter_types_ &&
         std::equal(columns.begin(), columns.end(), shape_->columns().begin(),
                    shape_->columns().end(), same);
}

bool same_columns(const ResultShape& one, const ResultShape& other) noexcept {
  return std::equal(one.columns().begin(), one.columns().end(), other.columns().begin(),
                    other.columns().end(), same);
}

}  // namespace detail
}  // namespace pgreactor
