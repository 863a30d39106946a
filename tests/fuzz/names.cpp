#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <pgreactor/values/utf8.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "src/operator/column_errors.hpp"
#include "src/operator/shown_name.hpp"
#include "src/operator/suggestions.hpp"

// Input: lines. The first is the name that is asked for, the others are the columns of a table.
namespace {

using namespace pgreactor::operators;

constexpr std::size_t most_columns = 200;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (lines.size() <= most_columns) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    if (end == text.size()) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto names = lines_of(pgreactor::as_text(std::as_bytes(std::span{data, size})));
  const std::string_view wanted = names.front();
  names.erase(names.begin());
  const ColumnIndex columns(names);
  const ColumnMatch match = match_column(wanted, columns);

  const bool is_there = std::ranges::find(names, wanted) != names.end();
  must(is_there == (match.found() && match.tier() == MatchTier::exact));
  must(!match.found() || match.column() < names.size());
  must(!match.ambiguous() || match.candidates().size() > 1);
  for (const std::uint32_t candidate : match.candidates()) must(candidate < names.size());
  must(std::ranges::is_sorted(match.candidates()));
  // In any table every column can be named.
  for (std::size_t at = 0; at < names.size(); ++at)
    must(names[match_column(names[at], columns).column()] == names[at]);

  must(suggest(wanted, names).size() <= 3);
  if (!match.found()) {
    const auto error = column_match_error({"public", wanted}, wanted, columns, match);
    must(pgreactor::check_text(error.what()) == pgreactor::EncodeError::none);
  }
  return 0;
}
