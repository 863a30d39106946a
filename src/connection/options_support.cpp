#include "src/connection/options_support.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace pgreactor::conninfo {
namespace {

constexpr std::string_view needs_gssapi = "this version has no GSSAPI";
constexpr std::string_view needs_oauth = "this version has no OAuth";

/// A keyword with a closed set of values, in lists of words with a space between.
struct Rule {
  std::string_view keyword;
  std::string_view accepted;
  std::string_view refused;  // libpq knows them, this library does not do them
  std::string_view why;
};
constexpr auto rules = std::to_array<Rule>({
    {"gssdelegation", "0", "1", needs_gssapi},
    {"gssencmode", "disable prefer", "require", needs_gssapi},
    {"replication", "false off no 0", "true on yes 1 database",
     "this version has no replication connections"},
    {"sslcompression", "0", "1", "compression under encryption gives away what it hides"},
});

/// Keywords whose every value asks for something that is not done.
struct Unsupported {
  std::string_view keyword;
  std::string_view why;
};
constexpr auto unsupported = std::to_array<Unsupported>({
    {"oauth_client_id", needs_oauth},
    {"oauth_client_secret", needs_oauth},
    {"oauth_issuer", needs_oauth},
    {"oauth_scope", needs_oauth},
});

bool contains_word(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const auto word = words.substr(0, words.find(' '));
    if (word == wanted) return true;
    words.remove_prefix(std::min(words.size(), word.size() + 1));
  }
  return false;
}

std::string joined(std::string_view words) {
  std::string list;
  for (const char c : words) list.append(c == ' ' ? ", " : std::string(1, c));
  return list;
}

void apply(const Rule& rule, const ParameterReader& reader) {
  const auto value = reader.text(rule.keyword);
  if (value.empty() || contains_word(rule.accepted, value)) return;
  if (!contains_word(rule.refused, value))
    reader.fail(rule.keyword, "must be one of " + joined(rule.accepted));
  // The value is a word of our own table here, so it may be shown.
  reader.fail(rule.keyword, value + " is not supported: " + std::string{rule.why});
}

/// The server converts text to the client's encoding; here text is UTF-8.
void apply_client_encoding(const ParameterReader& reader) {
  std::string plain;  // the server too compares letters and digits only, without case
  for (const char c : reader.text("client_encoding")) {
    if (c >= 'A' && c <= 'Z') plain += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  if (!plain.empty() && plain != "utf8" && plain != "unicode" && plain != "auto")
    reader.fail("client_encoding", "only UTF8 is supported: text is UTF-8 throughout");
}

}  // namespace

void refuse_unsupported(const ParameterReader& reader, const Parameters& parameters) {
  const auto given = [&](std::string_view keyword) {
    const auto* entry = parameters.find(keyword);
    return entry != nullptr && !entry->value.empty();
  };
  for (const auto& rule : rules) apply(rule, reader);
  for (const auto& [keyword, why] : unsupported)
    if (given(keyword)) reader.fail(keyword, "is not supported: " + std::string{why});
  apply_client_encoding(reader);
}

}  // namespace pgreactor::conninfo
