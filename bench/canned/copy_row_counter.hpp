#pragma once
#include <cstdint>
#include <pgreactor/vocabulary/bytes.hpp>
#include <pgreactor/vocabulary/format_code.hpp>

namespace pgreactor::bench {

/// Counts the rows of COPY data, which CopyData messages may cut anywhere.
/// Binary:  signature[11] flags u32  n u32 extension[n]  then rows: columns i16 (-1 ends), and for
///          each  length i32 (-1 is NULL)  value[length]
/// Text:    a line each; "\." ends
class CopyRowCounter {
 public:
  explicit CopyRowCounter(FormatCode format = FormatCode::text) noexcept
      : state_(format == FormatCode::binary ? State::signature : State::lines) {}

  void add(Bytes data) noexcept;
  std::uint64_t rows() const noexcept { return rows_; }
  /// False once binary data cannot be what it says it is.
  bool well_formed() const noexcept { return state_ != State::malformed; }

 private:
  enum class State : std::uint8_t { signature, extension, columns, length, lines, end, malformed };

  void add_lines(Bytes data) noexcept;
  bool take_row(Bytes& data) noexcept;
  void on_number() noexcept;
  void on_columns(std::uint16_t columns) noexcept;

  State state_;
  std::uint64_t skip_ = 15;      // bytes that only pass by: the signature and the flags
  std::uint32_t number_ = 0;     // an integer that is being read
  std::uint8_t number_has_ = 0;  // bytes of it so far
  std::uint32_t columns_left_ = 0;
  std::uint64_t rows_ = 0;
};

}  // namespace pgreactor::bench
