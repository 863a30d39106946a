#include "src/connection/options_keywords.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace pgreactor::conninfo {
namespace {

constexpr auto keywords = std::to_array<Keyword>({
    {"service", "PGSERVICE", false},
    {"servicefile", "PGSERVICEFILE", false},
    {"user", "PGUSER", false},
    {"password", "PGPASSWORD", true},
    {"passfile", "PGPASSFILE", false},
    {"require_auth", "PGREQUIREAUTH", false},
    {"channel_binding", "PGCHANNELBINDING", false},
    {"connect_timeout", "PGCONNECT_TIMEOUT", false},
    {"dbname", "PGDATABASE", false},
    {"host", "PGHOST", false},
    {"hostaddr", "PGHOSTADDR", false},
    {"port", "PGPORT", false},
    {"client_encoding", "PGCLIENTENCODING", false},
    {"options", "PGOPTIONS", false},
    {"application_name", "PGAPPNAME", false},
    {"fallback_application_name", "", false},
    {"keepalives", "", false},
    {"keepalives_idle", "", false},
    {"keepalives_interval", "", false},
    {"keepalives_count", "", false},
    {"tcp_user_timeout", "", false},
    {"sslmode", "PGSSLMODE", false},
    {"sslnegotiation", "PGSSLNEGOTIATION", false},
    {"sslcompression", "PGSSLCOMPRESSION", false},
    {"sslcert", "PGSSLCERT", false},
    {"sslkey", "PGSSLKEY", false},
    {"sslpassword", "", true},
    {"sslcertmode", "PGSSLCERTMODE", false},
    {"sslrootcert", "PGSSLROOTCERT", false},
    {"sslcrl", "PGSSLCRL", false},
    {"sslcrldir", "PGSSLCRLDIR", false},
    {"sslsni", "PGSSLSNI", false},
    {"sslkeylogfile", "", false},
    {"requirepeer", "PGREQUIREPEER", false},
    {"ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", false},
    {"ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", false},
    {"min_protocol_version", "PGMINPROTOCOLVERSION", false},
    {"max_protocol_version", "PGMAXPROTOCOLVERSION", false},
    {"gssencmode", "PGGSSENCMODE", false},
    {"krbsrvname", "PGKRBSRVNAME", false},
    {"gsslib", "PGGSSLIB", false},
    {"gssdelegation", "PGGSSDELEGATION", false},
    {"replication", "", false},
    {"target_session_attrs", "PGTARGETSESSIONATTRS", false},
    {"load_balance_hosts", "PGLOADBALANCEHOSTS", false},
    {"scram_client_key", "", true},
    {"scram_server_key", "", true},
    {"min_scram_iterations", "", false},
    {"max_scram_iterations", "", false},
    {"oauth_issuer", "", false},
    {"oauth_client_id", "", false},
    {"oauth_client_secret", "", true},
    {"oauth_scope", "", false},
    {"oauth_ca_file", "PGOAUTHCAFILE", false},
    {"idle_in_transaction_session_timeout", "", false},
    {"max_result_bytes", "", false},
    {"statement_cache_capacity", "", false},
    {"statement_mode", "", false},
    {"pool_min_conns", "", false},
    {"pool_max_conns", "", false},
    {"pool_acquire_timeout", "", false},
    {"pool_max_lifetime", "", false},
    {"pool_idle_timeout", "", false},
    {"pool_sharing_time", "", false},
    {"busy_poll", "", false},
});

// What people write from the habit of other clients; too far from our words for the distance.
constexpr auto habits = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"database", "dbname"},
    {"db", "dbname"},
    {"hostname", "host"},
    {"pass", "password"},
    {"passwd", "password"},
    {"pwd", "password"},
    {"schema", "options"},
    {"search_path", "options"},
    {"server", "host"},
    {"ssl", "sslmode"},
    {"timeout", "connect_timeout"},
    {"username", "user"},
});

constexpr std::size_t longest_name = 36;  // bounds the table of edit_distance()
static_assert(std::ranges::all_of(keywords, [](const Keyword& keyword) {
  return keyword.name.size() <= longest_name;
}));

/// Levenshtein's distance, a row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, longest_name + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const Keyword> all_keywords() noexcept { return keywords; }

const Keyword* find_keyword(std::string_view name) noexcept {
  const auto found = std::ranges::find(keywords, name, &Keyword::name);
  return found == keywords.end() ? nullptr : &*found;
}

std::string_view suggest_keyword(std::string_view name) {
  for (const auto& [habit, meant] : habits)
    if (habit == name) return meant;
  if (name.size() > longest_name) return {};

  // Two mistakes at most, and fewer than half of a short word: any two letters are near another.
  std::size_t nearest = std::min<std::size_t>(3, name.size() / 2 + 1);
  std::string_view suggestion;
  for (const Keyword& keyword : keywords) {
    const std::size_t distance = edit_distance(name, keyword.name);
    if (distance < nearest) {
      nearest = distance;
      suggestion = keyword.name;
    }
  }
  return suggestion;
}

}  // namespace pgreactor::conninfo
