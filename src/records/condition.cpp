#include <algorithm>
#include <iterator>
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

Condition::Condition(std::string column, Test test) : node_(new Node) {
  node_->kind = Kind::comparison;
  node_->comparison = test.comparison_;
  node_->text = std::move(column);
  node_->values = std::move(test.values_);
  const std::size_t count = node_->values.size(), taken = values_taken_by(node_->comparison);
  if (count != taken)
    throw QueryError("the condition on '" + node_->text + "' has " + std::to_string(count) +
                     " values and takes " + std::to_string(taken));
  node_->path = take_path(node_->text, node_->path_gives_text);
}

Condition::Condition(std::unique_ptr<Node> node) noexcept : node_(std::move(node)) {}
Condition::Condition(const Condition& other)
    : node_(other.node_ == nullptr ? nullptr : new Node(*other.node_)) {}
Condition::~Condition() = default;

const Condition::Node& Condition::nothing() noexcept {
  static const Node node;
  return node;
}

/// Counts the level that the node is above these parts. Refused here, so that nobody ever has to
/// walk through more levels, nor destroy them.
void Condition::enclose(Node& node, std::span<const Condition> parts) {
  for (const Condition& part : parts)
    node.nesting = std::max(node.nesting, part.node().nesting + 1);
  if (node.nesting > deepest)
    throw QueryError("the condition is nested too deep: more than " + std::to_string(deepest) +
                     " levels");
}

Condition Condition::of_parts(Kind kind, std::vector<Condition> parts) {
  std::unique_ptr<Node> node(new Node);
  node->kind = kind;
  enclose(*node, parts);
  node->parts = std::move(parts);
  return Condition(std::move(node));
}

Condition Condition::all(std::vector<Condition> parts) {
  return parts.empty() ? Condition() : of_parts(Kind::all, std::move(parts));
}

Condition Condition::any(std::vector<Condition> parts) {
  return of_parts(Kind::any, std::move(parts));
}

Condition Condition::negation(Condition part) {
  std::vector<Condition> parts;
  parts.push_back(std::move(part));
  return of_parts(Kind::negation, std::move(parts));
}

Condition Condition::raw(std::string sql, std::vector<Datum> values) {
  std::unique_ptr<Node> node(new Node);
  node->kind = Kind::raw;
  node->text = std::move(sql);
  for (Datum& value : values) node->values.push_back(std::move(value));
  return Condition(std::move(node));
}

// An empty side has nothing to say in a conjunction; in a disjunction it would hold for every row.
Condition Condition::join(Kind kind, Condition a, Condition b) {
  if (kind == Kind::all && a.is_empty()) return b;
  if (kind == Kind::all && b.is_empty()) return a;
  // A chain is one list, or else it would be as deep as it is long.
  if (a.kind() == kind && b.kind() == kind) {
    enclose(*a.node_, b.parts());
    std::move(b.node_->parts.begin(), b.node_->parts.end(), std::back_inserter(a.node_->parts));
    return a;
  }
  if (a.kind() == kind) {
    enclose(*a.node_, {&b, 1});
    a.node_->parts.push_back(std::move(b));
    return a;
  }
  if (b.kind() == kind) {
    enclose(*b.node_, {&a, 1});
    b.node_->parts.insert(b.node_->parts.begin(), std::move(a));
    return b;
  }
  std::vector<Condition> parts;
  parts.push_back(std::move(a));
  parts.push_back(std::move(b));
  return of_parts(kind, std::move(parts));
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
