#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/operator/inflection.hpp"
#include "src/operator/key_table.hpp"

// Which column of a table a caller's name means. Each tier looks at all columns, and the first that
// finds any decides: one hit is the match, more make the name ambiguous.
//
//   tier         equal are                                              example
//   exact        the bytes                                              user_id    user_id
//   letter_case  the bytes, ASCII letters in either case                USER_ID    user_id
//   style        also without _, - and space                            userId     user_id
//   number       the same with the last word in the singular            userIds    user_id
//   alias        what the caller says; only when asked for              uid        user_id
//
// Style comes before number, since it loses less of a name's meaning. The specification lists them
// the other way round; only a table with both (userids and user_id, asked for userIds) can tell.
namespace pgreactor::operators {

enum class MatchTier : std::uint8_t { exact, letter_case, style, number, alias };

/// The columns of one table, prepared for being asked for. Made once per table and then constant:
/// any number of threads may ask.
/// Owner  holds copies of the names.
class ColumnIndex {
 public:
  /// `names` in the order of the table, each once.
  explicit ColumnIndex(std::span<const std::string_view> names, Inflections inflections = {});

  std::size_t size() const noexcept { return names_.size(); }
  /// `column` is below size().
  const std::string& name(std::uint32_t column) const { return names_[column]; }
  /// Shape  the table's order. Owner  views of the index.
  std::vector<std::string_view> names() const { return {names_.begin(), names_.end()}; }

  std::optional<std::uint32_t> exact(std::string_view wanted) const noexcept {
    return exact_.find(wanted);
  }
  /// The columns that a tier from letter_case to number finds.
  ColumnSet hits(std::string_view wanted, MatchTier tier) const;

 private:
  std::vector<std::string> names_;
  Inflections inflections_;
  KeyTable exact_, letter_case_, style_, number_;
};

/// The table calls `column` what the caller calls `name`; both byte for byte.
struct ColumnAlias {
  std::string name;
  std::string column;
};

struct MatchOptions {
  bool strict = false;                        ///< the tier `exact` alone, and no alias
  std::span<const ColumnAlias> aliases = {};  ///< asked when no tier finds anything
};

/// One column, several or none.
class ColumnMatch {
 public:
  ColumnMatch() = default;
  ColumnMatch(std::uint32_t column, MatchTier tier) noexcept
      : column_(column), tier_(tier), found_(true) {}
  /// Shape  two candidates or more, in the order of the table.
  ColumnMatch(std::vector<std::uint32_t> candidates, MatchTier tier) noexcept
      : candidates_(std::move(candidates)), tier_(tier) {}

  bool found() const noexcept { return found_; }
  bool ambiguous() const noexcept { return !candidates_.empty(); }
  /// When found().
  std::uint32_t column() const noexcept { return column_; }
  /// When ambiguous(): the columns that fit equally well.
  std::span<const std::uint32_t> candidates() const noexcept { return candidates_; }
  /// Which tier decided, when found() or ambiguous().
  MatchTier tier() const noexcept { return tier_; }

 private:
  std::vector<std::uint32_t> candidates_;
  std::uint32_t column_ = 0;
  MatchTier tier_ = MatchTier::exact;
  bool found_ = false;
};

/// A name that is a column's to the letter is found in about 150 instructions and without an
/// allocation; the other tiers run for the rest alone.
ColumnMatch match_column(std::string_view wanted, const ColumnIndex& columns,
                         const MatchOptions& options = {});

/// Two of a caller's keys that were matched to the same column.
struct SharedColumn {
  std::size_t first = 0, second = 0;  ///< positions of the keys
  std::uint32_t column = 0;
};
/// The first such pair: a value would be lost whichever counted. `matched[i]` is the column of the
/// caller's key i.
std::optional<SharedColumn> find_shared_column(std::span<const std::uint32_t> matched);

}  // namespace pgreactor::operators
