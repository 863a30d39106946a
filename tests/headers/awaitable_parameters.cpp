// The types that may stand, as temporaries, among the arguments of a function that is awaited: a
// class with a constructor, or one that is trivially copyable. A new public type gets a line here.
#include <pgreactor/pgreactor.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor {
namespace {

template <class... Types>
inline constexpr bool all_safe = (detail::SafeInAwait<Types> && ...);

static_assert(all_safe<LockKey, LargeObject, Notification, Listener, ServerTimeout>);
static_assert(all_safe<Sql, Result, Row, ConnectionOptions, TransactionOptions, Secret, Timeout>);
static_assert(all_safe<CommitToken>);
static_assert(all_safe<Credentials, ServerAddress, PoolHooks>);
static_assert(all_safe<Datum, Record, Condition, Test, Inserted, Page, QualifiedName>);
static_assert(all_safe<OperationOptions, ColumnNames, MemoryTables, DataLog, RetryPolicy>);
static_assert(all_safe<decltype(in_schema("")), decltype(order_by("")), decltype(limit(1))>);
static_assert(all_safe<decltype(returning("")), decltype(expected_version(1))>);
static_assert(all_safe<FetchAll, FetchRow, FetchDict, FetchVal, FetchValAs<int>>);
static_assert(all_safe<Params<>, Params<int, std::string>>);
static_assert(all_safe<Numeric, Uuid, Json, Date, Time, TimeTz, Timestamp, TimestampTz, Interval>);
static_assert(
    all_safe<std::string, std::string_view, std::vector<std::string>, std::optional<int>>);

// What g++ 12.2 destroys twice is refused on every compiler.
struct Aggregate {
  std::string member;
};
static_assert(!detail::SafeInAwait<Aggregate>);
static_assert(detail::SafeInAwait<Aggregate&>);

[[maybe_unused]] void callables(std::string text) {
  const auto owning = [text] { return text.size(); };
  const auto referring = [&text] { return text.size(); };
  static_assert(!detail::SafeCallable<decltype(owning)>);
  static_assert(detail::SafeCallable<decltype((owning))>);
  static_assert(detail::SafeCallable<decltype(referring)>);
}

}  // namespace
}  // namespace pgreactor
