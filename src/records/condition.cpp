#include <algorithm>
#include <pgreactor/condition.hpp>
#include <pgreactor/error.hpp>
#include <pgreactor/record.hpp>

namespace pgreactor {
namespace {

std::size_t values_taken_by(Comparison comparison) noexcept {
  switch (comparison) {
    case Comparison::is_null:
    case Comparison::is_not_null:
      return 0;
    case Comparison::between:
      return 2;
    default:
      return 1;
  }
}

[[noreturn]] void refuse_path(const std::string& name, const char* why) {
  throw QueryError("the path '" + name + "' into a JSON column: " + why);
}

/// Cuts "column->a->>b" into the column and its path.
///   column { "->" segment } [ "->>" segment ]
std::vector<std::string> take_path(std::string& name, bool& gives_text) {
  std::vector<std::string> path;
  std::size_t at = name.find("->");
  if (at == std::string::npos) return path;
  const std::string whole = name;
  if (at == 0) refuse_path(whole, "it begins with no column");
  name.resize(at);
  while (at < whole.size()) {
    if (gives_text) refuse_path(whole, "->> ends a path");
    at += 2;  // "->"
    if (at < whole.size() && whole[at] == '>') {
      gives_text = true;
      ++at;
    }
    const std::size_t end = std::min(whole.find("->", at), whole.size());
    if (end == at) refuse_path(whole, "a key is missing");
    path.push_back(whole.substr(at, end - at));
    at = end;
  }
  return path;
}

}  // namespace

Condition::Condition(std::string column, Test test)
    : kind_(Kind::comparison), comparison_(test.comparison()), text_(std::move(column)) {
  values_ = std::move(test).values();
  if (values_.size() != values_taken_by(comparison_))
    throw QueryError("the condition on '" + text_ + "' has " + std::to_string(values_.size()) +
                     " values and takes " + std::to_string(values_taken_by(comparison_)));
  path_ = take_path(text_, path_gives_text_);
}

Condition Condition::negation(Condition part) {
  std::vector<Condition> parts;
  parts.push_back(std::move(part));
  return {Kind::negation, std::move(parts)};
}

Condition Condition::raw(std::string sql, std::vector<Datum> values) {
  Condition condition;
  condition.kind_ = Kind::raw;
  condition.text_ = std::move(sql);
  condition.values_ = std::move(values);
  return condition;
}

// An empty side has nothing to say in a conjunction; in a disjunction it would hold for every row.
Condition Condition::join(Kind kind, Condition a, Condition b) {
  if (kind == Kind::all && a.is_empty()) return b;
  if (kind == Kind::all && b.is_empty()) return a;
  if (a.kind_ == kind && kind == Kind::all) {
    a.parts_.push_back(std::move(b));
    return a;
  }
  std::vector<Condition> parts;
  parts.push_back(std::move(a));
  parts.push_back(std::move(b));
  return {kind, std::move(parts)};
}

Condition where(const Record& equal_to) {
  std::vector<Condition> parts;
  parts.reserve(equal_to.size());
  for (const auto entry : equal_to)
    parts.emplace_back(entry.name(), Test(Comparison::equal, entry.value()));
  return Condition::all(std::move(parts));
}

Condition where(Condition condition) { return condition; }

}  // namespace pgreactor
