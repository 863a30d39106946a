#include "examples/quickstart/text_table.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace quickstart {
namespace {

std::size_t characters(std::string_view utf8) {
  const auto begins_one = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), begins_one));
}

std::string padded(const std::string& cell, std::size_t width, Align align) {
  const std::string blanks(width - characters(cell), ' ');
  return align == Align::left ? cell + blanks : blanks + cell;
}

}  // namespace

void TextTable::add_column(std::string heading, Align align) {
  const std::size_t width = characters(heading);
  columns_.push_back({std::move(heading), align, width});
}

void TextTable::add_row(std::vector<std::string> cells) {
  assert(cells.size() == columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i)
    columns_[i].width = std::max(columns_[i].width, characters(cells[i]));
  rows_.push_back(std::move(cells));
}

std::string TextTable::rule(std::string_view left, std::string_view middle,
                            std::string_view right) const {
  std::string line;
  for (const TableColumn& column : columns_) {
    line += line.empty() ? left : middle;
    for (std::size_t i = 0; i < column.width + 2; ++i) line += "─";
  }
  return line.append(right) + "\n";
}

std::string TextTable::to_string() const {
  std::string text = rule("┌", "┬", "┐");
  for (const TableColumn& column : columns_)
    text += "│ " + padded(column.heading, column.width, column.align) + " ";
  text += "│\n" + rule("├", "┼", "┤");
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      text += "│ " + padded(row[i], columns_[i].width, columns_[i].align) + " ";
    text += "│\n";
  }
  return text + rule("└", "┴", "┘");
}

std::string grouped(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i != 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace quickstart
