#include <gtest/gtest.h>

#include <pgreactor/table_operations.hpp>

// Which clauses an operation takes: a call with another does not compile.
namespace pgreactor::operator_testing {
namespace {

template <class... Clauses>
concept Fetches = requires(TableOperations& db, Clauses... clauses) { db.fetch("t", clauses...); };
template <class... Clauses>
concept FetchesOne =
    requires(TableOperations& db, Clauses... clauses) { db.fetch_one("t", clauses...); };
template <class... Clauses>
concept FetchesPages =
    requires(TableOperations& db, Clauses... clauses) { db.fetch_page("t", "", clauses...); };
template <class... Clauses>
concept Gets =
    requires(TableOperations& db, Clauses... clauses) { db.get_by_uuid("t", 1, clauses...); };
template <class... Clauses>
concept GetsByName =
    requires(TableOperations& db, Clauses... clauses) { db.get_by_name("t", "n", clauses...); };
template <class... Clauses>
concept Counts = requires(TableOperations& db, Clauses... clauses) { db.count("t", clauses...); };
template <class... Clauses>
concept Inserts =
    requires(TableOperations& db, Clauses... clauses) { db.insert("t", Record(), clauses...); };
template <class... Clauses>
concept Upserts = requires(TableOperations& db, Clauses... clauses) {
  db.upsert("t", Record(), "key", clauses...);
};
template <class... Clauses>
concept Updates =
    requires(TableOperations& db, Clauses... clauses) { db.update("t", Record(), clauses...); };
template <class... Clauses>
concept Removes = requires(TableOperations& db, Clauses... clauses) { db.remove("t", clauses...); };
template <class... Clauses>
concept Exists =
    requires(TableOperations& db, Clauses... clauses) { db.table_exists("t", clauses...); };

template <class... Clauses>
concept Runs =
    requires(TableOperations& db, Clauses... clauses) { db.execute_raw("SELECT 1", clauses...); };

using Schema = decltype(in_schema("s"));
using Order = decltype(order_by("a"));
using Limit = decltype(limit(1));
using Offset = decltype(offset(1));
using Columns = decltype(returning("a"));
using Nothing = decltype(returning_nothing());
using Lock = decltype(for_update());
using Most = decltype(max_affected(1));
using Version = decltype(expected_version(1));
using All = decltype(all_rows());
using OnlyOne = decltype(only_one());
using Name = decltype(name_column("n"));
using Identity = decltype(overriding_identity());
using Conflict = decltype(on_conflict(OnConflict::nothing));

TEST(Clauses, AreTakenInAnyNumberAndOrder) {
  EXPECT_TRUE((Fetches<Condition, Order, Limit, Offset, Columns, Lock, Schema>));
  EXPECT_TRUE((Fetches<Schema, Lock, Columns, Offset, Limit, Order, Condition, Record>));
  EXPECT_TRUE((FetchesOne<Condition, Order, Offset, OnlyOne>));
  EXPECT_TRUE((FetchesPages<Condition, Order, Limit>));
  EXPECT_TRUE((Gets<Schema, Columns, Lock>));
  EXPECT_TRUE((GetsByName<Name, Schema, Columns>));
  EXPECT_TRUE((Counts<Condition, Schema>));
  EXPECT_TRUE((Inserts<Schema, Columns, Identity>));
  EXPECT_TRUE((Upserts<Schema, Nothing, Conflict, Identity>));
  EXPECT_TRUE((Updates<Condition, Most, Version, Columns, Schema>));
  EXPECT_TRUE((Updates<All, Nothing>));
  EXPECT_TRUE((Removes<Condition, Most, Schema>));
  EXPECT_TRUE((Removes<All>));
  EXPECT_TRUE(Exists<Schema>);
  EXPECT_TRUE((Runs<Schema, int>));
}

TEST(Clauses, ThatWouldWidenAWriteDoNotCompile) {
  EXPECT_FALSE((Removes<Condition, Limit>));
  EXPECT_FALSE((Removes<Condition, Offset>));
  EXPECT_FALSE((Removes<Condition, Order>));
  EXPECT_FALSE((Removes<Condition, Version>));
  EXPECT_FALSE((Updates<Condition, Limit>));
  EXPECT_FALSE((Updates<Condition, Offset>));
  EXPECT_FALSE((Updates<Condition, Order>));
  EXPECT_FALSE(Inserts<Condition>);
  EXPECT_FALSE(Inserts<Conflict>);
  EXPECT_FALSE(Upserts<Condition>);
  EXPECT_FALSE(Upserts<Version>);
}

TEST(Clauses, ThatMeanNothingToAReadDoNotCompile) {
  EXPECT_FALSE(Fetches<Most>);
  EXPECT_FALSE(Fetches<OnlyOne>);
  EXPECT_FALSE(Fetches<Version>);
  EXPECT_FALSE(Fetches<Nothing>);
  EXPECT_FALSE((FetchesOne<Condition, Limit>));
  EXPECT_FALSE(FetchesPages<Offset>);
  EXPECT_FALSE(Gets<Name>);
  EXPECT_FALSE(Gets<Limit>);
  EXPECT_FALSE(Counts<Limit>);
  EXPECT_FALSE(Counts<Order>);
  EXPECT_FALSE(Exists<Condition>);
  EXPECT_FALSE(Runs<Limit>);
}

}  // namespace
}  // namespace pgreactor::operator_testing
