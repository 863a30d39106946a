#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <pgreactor/values/array_layout.hpp>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/mapping.hpp>
#include <pgreactor/values/optional.hpp>
#include <pgreactor/values/range_text.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace pgreactor {

namespace detail {

//   "(" [ part ] { "," [ part ] } ")"      nothing stands for NULL
//   part:  bare text  |  "text with "" and \\"
//
/// Appends a member that is not NULL to the text of a composite.
template <class T>
EncodeError append_member(std::string& out, const T& value) {
  out.push_back(out.empty() ? '(' : ',');
  if (is_null(value)) return EncodeError::none;
  ByteBuffer text;
  const EncodeError error = ValueCodec<T>::encode(text, value, oid::unspecified);
  if (error == EncodeError::none) append_bound(out, as_text(text.bytes()));
  return error;
}

/// Takes the members of a composite in either format, each into the type asked for. In text they
/// are of no known type, and are read as the counterparts of those.
// i32 members, then for each:
//   u32 type
//   i32 length, -1 is NULL
//   u8[length]
// Source  src/backend/utils/adt/rowtypes.c, record_send
class CompositeReader {
 public:
  CompositeReader(Bytes in, FormatCode format, std::size_t members) noexcept
      : format_(format), text_(as_text(in)), binary_(in) {
    if (format_ == FormatCode::text)
      error_ = text_.accept('(') ? DecodeError::none : DecodeError::invalid;
    else if (binary_.number<std::uint32_t>() != members)
      error_ = binary_.ran_short() ? DecodeError::truncated : DecodeError::out_of_range;
  }
  template <class T>
  void next(T& value) {
    if (error_ != DecodeError::none) return;
    if (format_ == FormatCode::text)
      next_text(value);
    else
      next_binary(value);
    ++taken_;
  }
  /// After the last member.
  DecodeError finish() noexcept {
    if (error_ != DecodeError::none) return error_;
    if (format_ == FormatCode::binary) return binary_.error();
    if (text_.rest().starts_with(',')) return DecodeError::out_of_range;  // it has more
    if (!text_.accept(')')) return DecodeError::invalid;
    return text_.at_end() ? DecodeError::none : DecodeError::trailing;
  }

 private:
  template <class T>
  void next_text(T& value) {
    if (taken_ != 0 && !text_.accept(',')) {
      error_ = DecodeError::out_of_range;  // it has fewer
      return;
    }
    if constexpr (keeps_view<T>) {
      error_ = DecodeError::type_mismatch;  // what was escaped has no bytes to point at
      return;
    }
    std::optional<std::string> part;
    error_ = scan_part(text_, ",)", "(", part);
    if (error_ != DecodeError::none) return;
    const NullableBytes bytes = part ? NullableBytes{as_bytes(*part)} : NullableBytes{};
    error_ = decode_nullable(bytes, ValueCodec<T>::natural_type, FormatCode::text, value);
  }
  template <class T>
  void next_binary(T& value) {
    const auto type = binary_.number<std::uint32_t>();
    Bytes bytes;
    bool null = false;
    error_ = read_array_element(binary_, bytes, null);
    if (error_ != DecodeError::none) return;
    const NullableBytes nullable = null ? NullableBytes{} : NullableBytes{bytes};
    error_ = decode_nullable(nullable, type, FormatCode::binary, value);
  }

  FormatCode format_;
  TextScanner text_;
  ValueReader binary_;
  std::size_t taken_ = 0;
  DecodeError error_ = DecodeError::none;
};

/// What tuples and mapped structs share. Derived has `each(value, visit)` and `size`.
template <class T, class Derived>
struct CompositeCodec {
  static constexpr Oid natural_type = oid::record;

  static constexpr FormatCode parameter_format(Oid) noexcept { return FormatCode::text; }
  static EncodeError encode(ByteBuffer& out, const T& value, Oid type) {
    if (!is_application_type(type)) return EncodeError::type_mismatch;
    std::string text;
    EncodeError error = EncodeError::none;
    Derived::each(value, [&](const auto& member) {
      if (error == EncodeError::none) error = append_member(text, member);
    });
    out.append(std::string_view{text.append(text.empty() ? "()" : ")")});
    return error;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, T& value) {
    if (type != oid::record && !is_application_type(type)) return DecodeError::type_mismatch;
    CompositeReader reader{in, format, Derived::size};
    Derived::each(value, [&](auto& member) { reader.next(member); });
    return reader.finish();
  }
};

}  // namespace detail

template <class... Members>
inline constexpr bool keeps_view<std::tuple<Members...>> = (keeps_view<Members> || ...);

/// A tuple <-> a composite type or ROW(...), member by member; std::optional takes NULL.
/// Parameter  as text, of a composite type alone. A tuple that is itself an argument of execute()
///            is a list of parameters: put it within params().
/// Errors     out_of_range for another number of members; else those of the members. type_mismatch
///            for views of what comes as text: nothing would own what was escaped.
template <class... Members>
  requires(sizeof...(Members) > 0 && (Value<Members> && ...))
struct ValueCodec<std::tuple<Members...>>
    : detail::CompositeCodec<std::tuple<Members...>, ValueCodec<std::tuple<Members...>>> {
  static constexpr std::size_t size = sizeof...(Members);
  template <class Tuple, class Visit>
  static void each(Tuple& value, const Visit& visit) {
    std::apply([&](auto&... member) { (visit(member), ...); }, value);
  }
};

/// A mapped struct <-> a composite type, in the order of its mapping; see std::tuple.
template <Mapped T>
struct ValueCodec<T> : detail::CompositeCodec<T, ValueCodec<T>> {
  static constexpr std::size_t size = detail::mapped_members<T>;
  template <class Struct, class Visit>
  static void each(Struct& value, const Visit& visit) {
    detail::each_mapped<T>([&](const auto& column, std::size_t) { visit(column.in(value)); });
  }
};

}  // namespace pgreactor
