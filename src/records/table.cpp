#include <algorithm>
#include <pgreactor/table.hpp>

namespace pgreactor {

std::optional<std::uint32_t> Table::find(std::string_view column) const noexcept {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == column) return static_cast<std::uint32_t>(i);
  return std::nullopt;
}

const TableKey* Table::primary_key() const noexcept {
  const auto is_primary = [](const TableKey& key) { return key.kind == TableKey::Kind::primary; };
  const auto found = std::find_if(keys.begin(), keys.end(), is_primary);
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace pgreactor
