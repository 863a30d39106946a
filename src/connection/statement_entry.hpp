#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <pgreactor/row.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <string>
#include <vector>

#include "protocol/bind_template.hpp"
#include "src/connection/service_time.hpp"

namespace pgreactor::detail {

/// What the server says of a statement, and the constant bytes of running it that follow.
class StatementDescription {
 public:
  StatementDescription(std::string_view name, std::vector<Oid> parameter_types,
                       std::vector<Column> columns);

  const std::vector<Oid>& parameter_types() const noexcept { return parameter_types_; }
  const std::shared_ptr<const ResultShape>& shape() const noexcept { return shape_; }
  const protocol::BindTemplate& bind() const noexcept { return bind_; }
  /// The same for a portal of that name, which gives `row_limit` rows at first.
  protocol::BindTemplate bind_to(std::string_view portal, std::string_view statement,
                                 std::uint32_t row_limit) const;
  bool is_unnamed() const noexcept { return unnamed_; }
  /// Is this what the server says now? Formats are ours and do not count.
  bool agrees(const std::vector<Oid>& parameter_types,
              const std::vector<Column>& columns) const noexcept;

 private:
  std::vector<Oid> parameter_types_;
  std::shared_ptr<const ResultShape> shape_;
  protocol::BindTemplate bind_;
  bool unnamed_;
};

/// Columns of the same names, types and origin? Formats are ours and do not count.
bool same_columns(const ResultShape& one, const ResultShape& other) noexcept;

/// The shape of values that come with the columns of `now`, and were asked for as those of `asked`.
std::shared_ptr<const ResultShape> shape_of_answer(const ResultShape& asked,
                                                   const ResultShape& now);

/// One SQL text that connections prepare: known to all connections of a pool, so that what the
/// server said of it to one need not be asked again by the others.
class StatementEntry {
 public:
  StatementEntry(std::uint64_t id, std::string text, std::uint64_t hash);

  /// Counts up from 1 and is never used again.
  std::uint64_t id() const noexcept { return id_; }
  std::uint64_t hash() const noexcept { return hash_; }
  const std::string& text() const noexcept { return text_; }
  /// Of the server's prepared statement; the same on every connection. Says which text it is, so
  /// that behind a pooler another process's statement of that number is not taken for this one.
  const std::string& name() const noexcept { return name_; }
  /// Null until some connection has prepared it, and while what was known is in doubt.
  const std::shared_ptr<const StatementDescription>& description() const noexcept {
    return description_;
  }
  void describe(std::shared_ptr<const StatementDescription> description) noexcept {
    description_ = std::move(description);
    doubted_ = nullptr;
  }
  /// It may not hold any more: the next use asks the server.
  void doubt() noexcept {
    if (description_ != nullptr) doubted_ = std::move(description_);
  }
  /// What was known before the doubt. When it holds after all it is what all connections know it
  /// by: none of them prepares anything anew.
  const std::shared_ptr<const StatementDescription>& doubted() const noexcept { return doubted_; }
  connection::ServiceTime& service_time() noexcept { return service_time_; }
  /// leaves_something(text()), looked at once.
  bool leaves_something() noexcept;
  /// connection::commits(text()), looked at once.
  bool commits();

 private:
  std::uint64_t id_;
  std::uint64_t hash_;
  std::string text_;
  std::string name_;
  std::shared_ptr<const StatementDescription> description_;
  std::shared_ptr<const StatementDescription> doubted_;
  connection::ServiceTime service_time_;
  std::optional<bool> leaves_something_;
  std::optional<bool> commits_;
};

}  // namespace pgreactor::detail
