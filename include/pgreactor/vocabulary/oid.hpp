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
inline constexpr Oid tid = 27, xid8 = 5069, pg_lsn = 3220, jsonpath = 4072;
inline constexpr Oid regprocedure = 2202, regoper = 2203, regoperator = 2204, regclass = 2205;
inline constexpr Oid regtype = 2206, regconfig = 3734, regdictionary = 3769, regnamespace = 4089;
inline constexpr Oid regrole = 4096, regcollation = 4191;
inline constexpr Oid inet = 869, cidr = 650, macaddr = 829, macaddr8 = 774;
inline constexpr Oid bit = 1560, varbit = 1562, tsvector = 3614, tsquery = 3615;
inline constexpr Oid point = 600, lseg = 601, path = 602, box = 603, polygon = 604, line = 628;
inline constexpr Oid circle = 718;
inline constexpr Oid int4range = 3904, numrange = 3906, tsrange = 3908, tstzrange = 3910;
inline constexpr Oid daterange = 3912, int8range = 3926;
inline constexpr Oid int4multirange = 4451, nummultirange = 4532, tsmultirange = 4533;
inline constexpr Oid tstzmultirange = 4534, datemultirange = 4535, int8multirange = 4536;

inline constexpr Oid bool_array = 1000, bytea_array = 1001, char_array = 1002, name_array = 1003;
inline constexpr Oid int2_array = 1005, int4_array = 1007, text_array = 1009, bpchar_array = 1014;
inline constexpr Oid varchar_array = 1015, int8_array = 1016, float4_array = 1021;
inline constexpr Oid float8_array = 1022, oid_array = 1028, timestamp_array = 1115;
inline constexpr Oid date_array = 1182, time_array = 1183, timestamptz_array = 1185;
inline constexpr Oid interval_array = 1187, numeric_array = 1231, timetz_array = 1270;
inline constexpr Oid json_array = 199, uuid_array = 2951, jsonb_array = 3807;
inline constexpr Oid tid_array = 1010, xid_array = 1011, cid_array = 1012, xid8_array = 271;
inline constexpr Oid money_array = 791, xml_array = 143, pg_lsn_array = 3221, jsonpath_array = 4073;
inline constexpr Oid regproc_array = 1008, regprocedure_array = 2207, regoper_array = 2208;
inline constexpr Oid regoperator_array = 2209, regclass_array = 2210, regtype_array = 2211;
inline constexpr Oid regconfig_array = 3735, regdictionary_array = 3770;
inline constexpr Oid regnamespace_array = 4090, regrole_array = 4097, regcollation_array = 4192;
inline constexpr Oid inet_array = 1041, cidr_array = 651, macaddr_array = 1040;
inline constexpr Oid macaddr8_array = 775, bit_array = 1561, varbit_array = 1563;
inline constexpr Oid tsvector_array = 3643, tsquery_array = 3645, point_array = 1017;
inline constexpr Oid lseg_array = 1018, path_array = 1019, box_array = 1020, polygon_array = 1027;
inline constexpr Oid line_array = 629, circle_array = 719;
inline constexpr Oid int4range_array = 3905, numrange_array = 3907, tsrange_array = 3909;
inline constexpr Oid tstzrange_array = 3911, daterange_array = 3913, int8range_array = 3927;
inline constexpr Oid int4multirange_array = 6150, nummultirange_array = 6151;
inline constexpr Oid tsmultirange_array = 6152, tstzmultirange_array = 6153;
inline constexpr Oid datemultirange_array = 6155, int8multirange_array = 6157;
}  // namespace oid

}  // namespace pgreactor
