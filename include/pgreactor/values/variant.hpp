#pragma once
#include <cstddef>
#include <pgreactor/values/binary_types.hpp>
#include <pgreactor/values/codec.hpp>
#include <pgreactor/values/optional.hpp>
#include <type_traits>
#include <utility>
#include <variant>

namespace pgreactor {

template <class... Alternatives>
inline constexpr bool keeps_view<std::variant<Alternatives...>> = (keeps_view<Alternatives> || ...);

/// A variant <-> whichever of its alternatives converts.
/// Parameter  as text, for the server's input function to judge, since the format is chosen before
///            the alternative is known.
///            NULL is no alternative: let a std::optional hold the variant.
/// Column     the first alternative that takes the column's type; std::string takes all, so it
///            belongs last.
/// Errors     type_mismatch when none does; those of the one that does.
template <class... Alternatives>
  requires(
      sizeof...(Alternatives) > 0 &&
      ((Value<Alternatives> && !Nullable<Alternatives> && !std::is_pointer_v<Alternatives>) && ...))
struct ValueCodec<std::variant<Alternatives...>> {
  using Variant = std::variant<Alternatives...>;
  static constexpr Oid natural_type = oid::unspecified;

  static constexpr FormatCode parameter_format(Oid) noexcept { return FormatCode::text; }
  static EncodeError encode(ByteBuffer& out, const Variant& value, Oid) {
    return std::visit(
        [&]<class T>(const T& each) { return ValueCodec<T>::encode(out, each, oid::unspecified); },
        value);
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Variant& value) {
    DecodeError error = DecodeError::type_mismatch;
    const auto attempt = [&]<class T>(std::in_place_type_t<T>) {
      T each{};
      error = ValueCodec<T>::decode(in, type, format, each);
      if (error == DecodeError::none) value.template emplace<T>(std::move(each));
      return error != DecodeError::type_mismatch;
    };
    static_cast<void>((attempt(std::in_place_type<Alternatives>) || ...));
    return error;
  }
};

}  // namespace pgreactor
