#pragma once
#include <concepts>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/mapping.hpp>
#include <pgreactor/vocabulary/bytes.hpp>
#include <string_view>
#include <type_traits>

namespace pgreactor {

/// What the server calls a value of an enum class.
template <class Enum>
class Label {
 public:
  constexpr Label(Enum value, std::string_view text) noexcept : value_(value), text_(text) {}
  constexpr Enum value() const noexcept { return value_; }
  constexpr std::string_view text() const noexcept { return text_; }

 private:
  Enum value_;
  std::string_view text_;
};

/// The labels of an enum class that is the counterpart of an enum of the server's:
///
///   template <>
///   inline constexpr std::array pgreactor::labels<Mood>{pgreactor::Label(Mood::sad, "sad"),
///                                                       pgreactor::Label(Mood::happy, "happy")};
template <class Enum>
inline constexpr NotMapped labels{};

template <class T>
concept Labelled =
    std::is_enum_v<T> && !std::same_as<std::remove_cvref_t<decltype(labels<T>)>, NotMapped>;

/// A labelled enum class <-> an enum, or text.
/// Errors  out_of_range for a value without a label, and for a label that is none of them.
template <Labelled T>
struct ValueCodec<T> {
  static constexpr Oid natural_type = oid::text;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return is_text_family(type) ? FormatCode::binary : FormatCode::text;
  }
  static EncodeError encode(ByteBuffer& out, T value, Oid type) {
    if (!is_text_family(type) && !is_application_type(type)) return EncodeError::type_mismatch;
    for (const Label<T>& label : labels<T>) {
      if (label.value() != value) continue;
      out.append(label.text());
      return EncodeError::none;
    }
    return EncodeError::out_of_range;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, T& value) noexcept {
    const bool is_text =
        is_text_family(type) || (format == FormatCode::text && is_application_type(type));
    if (!is_text) return DecodeError::type_mismatch;
    for (const Label<T>& label : labels<T>) {
      if (label.text() != as_text(in)) continue;
      value = label.value();
      return DecodeError::none;
    }
    return DecodeError::out_of_range;
  }
};

}  // namespace pgreactor
