// Each family of values, encoded as a parameter and decoded from a column.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <pgreactor/values/all.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/micro/micro_benchmark.hpp"

namespace pgreactor::bench {
namespace {

template <Value T>
ByteBuffer encoded(const T& value, Oid type) {
  ByteBuffer out;
  const EncodeError error = ValueCodec<T>::encode(out, value, type);
  if (error != EncodeError::none) throw std::runtime_error(std::string(name_of(error)));
  return out;
}

template <Value T>
void encode(Loop& loop, const T& value, Oid type) {
  ByteBuffer out = encoded(value, type);
  T hidden = value;
  while (loop.next()) {
    benchmark::DoNotOptimize(hidden);
    out.truncate(0);
    const EncodeError error = ValueCodec<T>::encode(out, hidden, type);
    benchmark::DoNotOptimize(error);
  }
}

/// Into the same object again and again, as a loop over rows does that declares it outside; a text
/// keeps its memory then.
template <Value T>
void decode(Loop& loop, const T& value, Oid type) {
  const ByteBuffer buffer = encoded(value, type);
  const FormatCode format = ValueCodec<T>::parameter_format(type);
  T decoded{};
  while (loop.next()) {
    Bytes bytes = buffer.bytes();
    benchmark::DoNotOptimize(bytes);
    const DecodeError error = ValueCodec<T>::decode(bytes, type, format, decoded);
    benchmark::DoNotOptimize(error);
    benchmark::DoNotOptimize(decoded);
  }
  if (decoded != value) throw std::runtime_error("decoded is not what was encoded");
}

template <Value T>
void add(MicroBenchmarks& all, const std::string& name, const T& value,
         Oid type = ValueCodec<T>::natural_type) {
  all.push_back({"encode/" + name, [=](Loop& loop) { encode(loop, value, type); }});
  all.push_back({"decode/" + name, [=](Loop& loop) { decode(loop, value, type); }});
}

/// The value that has this text.
template <class T>
T parsed(std::string_view text) {
  Decoded<T> value = T::parse(text);
  if (!value) throw std::runtime_error(std::string(text));
  return *std::move(value);
}

void add_numbers(MicroBenchmarks& all) {
  add(all, "bool", true);
  add<std::int16_t>(all, "int2", -12345);
  add<std::int32_t>(all, "int4", -1234567890);
  add<std::int64_t>(all, "int8", -1234567890123456789);
  add<std::int64_t>(all, "int8_as_int4", 1234567890, oid::int4);
  add(all, "float4", 3.14159F);
  add(all, "float8", 2.718281828459045);
  add(all, "numeric", parsed<Numeric>("12345.67"));
  add(all, "numeric_40_digits", parsed<Numeric>("-1234567890123456789012345678901234567.890"));
}

void add_texts(MicroBenchmarks& all) {
  static const std::string long_text(1000, 'x');
  add(all, "text_10", std::string("Jane Smith"));
  add(all, "text_1000", long_text);
  add(all, "text_1000_view", std::string_view(long_text));
  add(all, "text_not_ascii", std::string("Zażółć gęślą jaźń, Übergrößenträger"));
  add(all, "bytea_100", std::vector<std::byte>(100, std::byte{0xAB}));
  add(all, "uuid", parsed<Uuid>("0191d3a5-7c1e-7bd2-9f0e-3c5a1b2d4e6f"));
  const std::string document = R"({"name": "Jane Smith", "tags": ["a", "b"], "age": 42})";
  add(all, "json", Json(document), oid::json);
  add(all, "jsonb", Json(document));
}

void add_times(MicroBenchmarks& all) {
  add(all, "date", parsed<Date>("2024-02-29"));
  add(all, "time", parsed<Time>("12:34:56.789"));
  add(all, "timetz", parsed<TimeTz>("12:34:56.789+02"));
  add(all, "timestamp", parsed<Timestamp>("2024-02-29 12:34:56.789"));
  add(all, "timestamptz", parsed<TimestampTz>("2024-02-29 12:34:56.789+00"));
  add(all, "timestamptz_chrono", *parsed<TimestampTz>("2024-02-29 12:34:56.789+00").to_chrono());
  add(all, "interval", parsed<Interval>("1 year 2 mons -3 days 04:05:06.789"));
}

void add_arrays(MicroBenchmarks& all) {
  add(all, "int4_array_10", std::vector<std::int32_t>(10, 123456));
  add(all, "float8_array_100", std::vector<double>(100, 0.5));
  add(all, "text_array_10", std::vector<std::string>(10, "Jane Smith"));
}

}  // namespace

void add_values(MicroBenchmarks& all) {
  add_numbers(all);
  add_texts(all);
  add_times(all);
  add_arrays(all);
}

}  // namespace pgreactor::bench
