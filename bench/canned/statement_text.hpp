#pragma once
#include <cstdint>
#include <optional>
#include <pgreactor/vocabulary/format_code.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <pgreactor/vocabulary/transaction_status.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor::bench {

/// What a statement is answered with.
enum class AnswerKind : std::uint8_t {
  one,       ///< one row of one int4: the parameter where there is just one and it is an int4
  world,     ///< one row of two int4
  bulk,      ///< a million rows of int8, float8, timestamptz, text
  bulkin,    ///< no rows, the columns of `bulk`
  wide,      ///< ten thousand rows of 50 int4
  copy_in,   ///< COPY ... FROM STDIN: the rows are counted and forgotten
  copy_out,  ///< COPY ... TO STDOUT of the rows of `bulk`
  command,   ///< no rows, a command tag
  empty,     ///< no command at all
};

/// The most parameters that a statement can have: their count has 16 bits on the wire.
inline constexpr std::size_t most_parameters = 65535;

/// All that the canned server understands of an SQL text. It looks at words, as much as the
/// benchmarks' statements need: everything else is taken for a SELECT of one int4.
struct StatementText {
  AnswerKind kind = AnswerKind::one;
  std::vector<Oid> parameter_types;
  std::string command_tag;                    ///< of `command`
  std::optional<TransactionStatus> status;    ///< that it moves the session to
  FormatCode copy_format = FormatCode::text;  ///< of `copy_in` and `copy_out`
};

/// `declared` are the parameter types that Parse names; zero or a missing one is to be inferred:
/// from a cast (`$1::int8`), from the columns of bulkin in an INSERT, int4 otherwise.
StatementText read_statement(std::string_view sql, std::span<const Oid> declared = {});

}  // namespace pgreactor::bench
