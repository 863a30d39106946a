#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quickstart {

enum class Align : std::uint8_t { left, right };

/// Text in columns as wide as their widest cell, in a frame of UTF-8 line characters.
class TextTable {
 public:
  void add_column(std::string heading, Align align);
  /// One cell per column, UTF-8; a character counts as one place wide.
  void add_row(std::vector<std::string> cells);
  std::string to_string() const;

 private:
  struct TableColumn {
    std::string heading;
    Align align;
    std::size_t width;
  };
  std::string rule(std::string_view left, std::string_view middle, std::string_view right) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// 1234567 becomes "1,234,567".
std::string grouped(std::uint64_t number);

}  // namespace quickstart
