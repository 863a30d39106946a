#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <pgreactor/values/all.hpp>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

// Input: a byte for the format and whether it is an array, a byte for the type, then a value of it.
namespace {

using namespace pgreactor;

// A value that is read has to be written and read again, to the same bytes.
template <Value T>
void try_as(Bytes in, Oid type, FormatCode format) {
  T value{};
  if (ValueCodec<T>::decode(in, type, format, value) != DecodeError::none) return;
  if (ValueCodec<T>::parameter_format(type) != FormatCode::binary) return;
  ByteBuffer first;
  if (ValueCodec<T>::encode(first, value, type) != EncodeError::none) return;
  T again{};
  if (ValueCodec<T>::decode(first.bytes(), type, FormatCode::binary, again) != DecodeError::none)
    std::abort();
  ByteBuffer second;
  if (ValueCodec<T>::encode(second, again, type) != EncodeError::none) std::abort();
  if (as_text(first.bytes()) != as_text(second.bytes())) std::abort();
}

template <class... Types>
void try_all(Bytes in, Oid type, FormatCode format) {
  (try_as<Types>(in, type, format), ...);
  const auto try_arrays = [&]<class T>(std::optional<T>*) {
    if constexpr (Value<std::vector<std::optional<T>>>) {
      try_as<std::vector<std::optional<T>>>(in, type, format);
      try_as<Array<std::optional<T>>>(in, type, format);
    }
  };
  (try_arrays(static_cast<std::optional<Types>*>(nullptr)), ...);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  detail::ValueReader head{std::as_bytes(std::span{data, size})};
  constexpr std::size_t known = detail::array_types.size();
  constexpr Oid application_type = 16'400;
  const auto flags = head.number<std::uint8_t>();
  const std::size_t index = head.number<std::uint8_t>() % (known + 1);
  const auto format = flags % 2 == 0 ? FormatCode::binary : FormatCode::text;
  Oid type = application_type;
  if (index < known) {
    const detail::ArrayType& row = detail::array_types[index];
    type = flags / 2 % 2 == 0 ? row.element : row.array;
  }
  const Bytes in = head.rest();
  try_all<bool, char, std::int16_t, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t, float,
          double, Numeric, std::string, Uuid, Json, Date, Time, TimeTz, Timestamp, TimestampTz,
          Interval, Tid, Lsn, Money, Inet, Cidr, MacAddress, MacAddress8, BitString, Point,
          LineSegment, Box, Line, Circle, Path, Polygon, TsVector, TsQuery, Range<int>,
          Range<Numeric>, Range<Date>, Range<TimestampTz>, Multirange<int>, Multirange<Timestamp>,
          Hstore, std::tuple<int, std::optional<std::string>>, std::variant<int, std::string>>(
      in, type, format);
  try_as<std::vector<std::byte>>(in, type, format);
  return 0;
}
