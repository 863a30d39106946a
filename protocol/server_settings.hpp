#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgreactor::protocol {

/// The server settings that ParameterStatus reported last: about fifteen, so a list serves.
class ServerSettings {
 public:
  /// The value, or nullopt when the server never reported it; valid until the next report of it.
  std::optional<std::string_view> find(std::string_view name) const noexcept {
    for (const auto& [known, value] : entries_)
      if (known == name) return value;
    return std::nullopt;
  }

  /// False when a server reports more than a session may hold.
  [[nodiscard]] bool set(std::string_view name, std::string_view value) {
    for (auto& [known, old] : entries_) {
      if (known != name) continue;
      bytes_ -= old.size();
      if (value.size() > most_bytes - bytes_) return false;
      bytes_ += value.size();
      old = value;
      return true;
    }
    if (entries_.size() == most_entries || name.size() + value.size() > most_bytes - bytes_)
      return false;
    bytes_ += name.size() + value.size();
    entries_.emplace_back(name, value);
    return true;
  }

  friend bool operator==(const ServerSettings&, const ServerSettings&) = default;

 private:
  static constexpr std::size_t most_entries = 256;
  static constexpr std::size_t most_bytes = 1 << 20;

  std::vector<std::pair<std::string, std::string>> entries_;
  std::size_t bytes_ = 0;  // of all names and values
};

}  // namespace pgreactor::protocol
