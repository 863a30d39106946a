#pragma once
#include <chrono>
#include <pgreactor/values/date.hpp>
#include <pgreactor/values/timestamp.hpp>

namespace pgreactor {

namespace detail {

/// The codec of a std::chrono type by way of the type of this library that has the same counterpart
/// on the server. It has no infinities: a column that holds one is out_of_range.
template <class ChronoTime, class Own>
struct ChronoCodec {
  static constexpr Oid natural_type = ValueCodec<Own>::natural_type;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return ValueCodec<Own>::parameter_format(type);
  }
  static EncodeError encode(ByteBuffer& out, ChronoTime value, Oid type) {
    const Decoded<Own> own = Own::from(value);
    if (!own) return EncodeError::out_of_range;
    return ValueCodec<Own>::encode(out, *own, type);
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, ChronoTime& value) {
    Own own;
    const DecodeError error = ValueCodec<Own>::decode(in, type, format, own);
    if (error != DecodeError::none) return error;
    const Decoded<ChronoTime> time = own.to_chrono();
    if (time) value = *time;
    return time.error();
  }
};

}  // namespace detail

/// sys_days <-> date.
template <>
struct ValueCodec<std::chrono::sys_days> : detail::ChronoCodec<std::chrono::sys_days, Date> {};

/// sys_time<microseconds> <-> timestamptz. A clock that counts finer is cut to microseconds by its
/// caller: std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()).
template <>
struct ValueCodec<std::chrono::sys_time<std::chrono::microseconds>>
    : detail::ChronoCodec<std::chrono::sys_time<std::chrono::microseconds>, TimestampTz> {};

/// local_time<microseconds> <-> timestamp.
template <>
struct ValueCodec<std::chrono::local_time<std::chrono::microseconds>>
    : detail::ChronoCodec<std::chrono::local_time<std::chrono::microseconds>, Timestamp> {};

}  // namespace pgreactor
