#pragma once
#include <cstdint>

namespace pgreactor {

/// PostgreSQL's object identifier: unsigned 32 bits everywhere (W19).
using Oid = std::uint32_t;

/// Types whose numbers are the same on every server (pg_type.dat); all others are mapped by name.
namespace oid {
inline constexpr Oid unspecified = 0;
inline constexpr Oid boolean = 16, bytea = 17, character = 18, name = 19, int8 = 20, int2 = 21;
inline constexpr Oid int4 = 23, regproc = 24, text = 25, oid = 26, xid = 28, cid = 29;
inline constexpr Oid json = 114, xml = 142, float4 = 700, float8 = 701, unknown = 705, money = 790;
inline constexpr Oid bpchar = 1042, varchar = 1043, date = 1082, time = 1083, timestamp = 1114;
inline constexpr Oid timestamptz = 1184, interval = 1186, timetz = 1266, numeric = 1700;
inline constexpr Oid void_ = 2278, uuid = 2950, jsonb = 3802, record = 2249;

inline constexpr Oid bool_array = 1000, bytea_array = 1001, char_array = 1002, name_array = 1003;
inline constexpr Oid int2_array = 1005, int4_array = 1007, text_array = 1009, bpchar_array = 1014;
inline constexpr Oid varchar_array = 1015, int8_array = 1016, float4_array = 1021;
inline constexpr Oid float8_array = 1022, oid_array = 1028, timestamp_array = 1115;
inline constexpr Oid date_array = 1182, time_array = 1183, timestamptz_array = 1185;
inline constexpr Oid interval_array = 1187, numeric_array = 1231, timetz_array = 1270;
inline constexpr Oid json_array = 199, uuid_array = 2951, jsonb_array = 3807;
}  // namespace oid

}  // namespace pgreactor
