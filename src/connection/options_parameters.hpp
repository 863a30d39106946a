#pragma once
#include <pgreactor/connection_options.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "src/connection/options_keywords.hpp"

namespace pgreactor::conninfo {

constexpr std::size_t max_text = std::size_t{64} * 1024;  // of a connection string, in bytes

/// Keywords and values as they were written, before any is understood. A keyword appears once: the
/// last assignment wins. Every value is held as a secret, since only its meaning could tell.
class Parameters {
 public:
  struct Entry {
    const Keyword* keyword;
    Secret value;
    std::string_view origin;  // for messages, in static storage: "the connection string", "PGPORT"
  };

  /// False when there is no such keyword. `requiressl` becomes the sslmode it stands for.
  [[nodiscard]] bool assign(std::string_view name, std::string value, std::string_view origin);

  /// Null when it was not given; given and empty is an entry.
  const Entry* find(std::string_view name) const noexcept;

  const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  std::vector<Entry> entries_;  // bounded by the number of keywords
};

/// The one place that words our errors: "connection options: sslmode (from PGSSLMODE): <reason>".
/// `reason` must not contain anything that was read from the outside.
[[noreturn]] void refuse(std::string_view parameter, std::string_view origin,
                         const std::string& reason);

/// Where a key stood that is none of ours, and whether its text may be shown.
struct UnknownKey {
  std::string_view name;
  std::size_t number;            // counted from 1 within its string
  bool may_be_part_of_password;  // then nothing is said that follows from its text
};
[[noreturn]] void refuse_unknown(const UnknownKey& key, std::string_view origin);

/// Reads either form of connection string. Throws ConfigurationError.
Parameters parse_text(std::string_view text, std::string_view origin);

}  // namespace pgreactor::conninfo
