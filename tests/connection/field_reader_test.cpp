#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <pgreactor/error.hpp>
#include <pgreactor/row.hpp>
#include <pgreactor/values/big_endian.hpp>
#include <pgreactor/values/timestamp.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace pgreactor::testing {
namespace {

// A row of one column of binary timestamptz whose value has these bytes.
class RowOfTimestamp {
 public:
  explicit RowOfTimestamp(std::string value)
      : shape_({Column{.name = "at", .type = oid::timestamptz, .format = FormatCode::binary}}) {
    std::array<std::byte, sizeof(std::int32_t)> length;
    store_big_endian(length.data(), static_cast<std::int32_t>(value.size()));
    values_ = std::string(as_text(length)) + std::move(value);
  }
  FieldReader fields() const noexcept { return RowView(shape_, as_bytes(values_)).fields(); }

 private:
  ResultShape shape_;
  std::string values_;
};
std::string bytes_of(std::int64_t number) {
  std::array<std::byte, sizeof number> bytes;
  store_big_endian(bytes.data(), number);
  return std::string(as_text(bytes));
}

TEST(FieldReader, ReadsATimestampAndItsInfinities) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(RowOfTimestamp(bytes_of(-5)).fields().next<TimestampTz>(),
            *TimestampTz::from_microseconds_since_2000(-5));
  EXPECT_EQ(RowOfTimestamp(bytes_of(most)).fields().next<TimestampTz>(), TimestampTz::infinity());
}

TEST(FieldReader, RefusesWhatIsNoTimestampByTheNameOfItsColumn) {
  constexpr auto beyond = std::numeric_limits<std::int64_t>::max() - 1;
  for (const std::string& value :
       {bytes_of(beyond), std::string(7, '\0'), std::string(9, '\0'), std::string()}) {
    try {
      static_cast<void>(RowOfTimestamp(value).fields().next<TimestampTz>());
      ADD_FAILURE() << "taken: " << value.size() << " bytes";
    } catch (const QueryError& error) {
      EXPECT_NE(std::string_view(error.what()).find("column 'at'"), std::string_view::npos)
          << error.what();
    }
  }
  EXPECT_THROW(RowOfTimestamp(bytes_of(0)).fields().next<Timestamp>(), QueryError);
}

}  // namespace
}  // namespace pgreactor::testing
