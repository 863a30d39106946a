#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <pgreactor/values/array.hpp>
#include <pgreactor/values/array_shape.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace pgreactor {

/// One dimension of an Array: how many elements it has, and the number of the first.
using ArrayDimension = detail::ArrayDimension;

/// An array of the server's as it is: of up to six dimensions, each with its lower bound.
/// Shape   elements() has them all, the last dimension running fastest; an array without elements
///         has no dimensions.
template <class T>
class Array {
 public:
  static constexpr std::size_t max_dimensions = detail::ArrayHeader::max_dimensions;

  Array() = default;
  /// Throws std::invalid_argument when the sizes do not multiply to the number of elements, a size
  /// is not above 0, an index would exceed 2^31-1, or there are more dimensions than six.
  Array(std::vector<ArrayDimension> dimensions, std::vector<T> elements)
      : dimensions_(std::move(dimensions)), elements_(std::move(elements)) {
    std::size_t product = dimensions_.empty() ? 0 : 1;
    for (const ArrayDimension& dimension : dimensions_) {
      const std::int64_t last = std::int64_t{dimension.lower_bound} + dimension.size - 1;
      if (dimension.size <= 0 || last > std::numeric_limits<std::int32_t>::max() ||
          product > elements_.size())
        throw std::invalid_argument("a dimension that no array has");
      product *= static_cast<std::size_t>(dimension.size);
    }
    if (product != elements_.size() || dimensions_.size() > max_dimensions)
      throw std::invalid_argument("dimensions that do not fit the elements");
  }

  const std::vector<ArrayDimension>& dimensions() const noexcept { return dimensions_; }
  const std::vector<T>& elements() const& noexcept { return elements_; }
  std::vector<T> elements() && noexcept { return std::move(elements_); }

  friend bool operator==(const Array& a, const Array& b) {
    const auto same = [](const ArrayDimension& x, const ArrayDimension& y) {
      return x.size == y.size && x.lower_bound == y.lower_bound;
    };
    return a.elements_ == b.elements_ &&
           std::equal(a.dimensions_.begin(), a.dimensions_.end(), b.dimensions_.begin(),
                      b.dimensions_.end(), same);
  }

 private:
  std::vector<ArrayDimension> dimensions_;
  std::vector<T> elements_;
};

template <class T>
inline constexpr bool keeps_view<Array<T>> = keeps_view<T>;

/// Array<T> <-> an array of any rank whose elements convert; see std::vector for those.
template <class T>
  requires(Value<T> && detail::IsElement<T>::value)
struct ValueCodec<Array<T>> {
  using Codec = ValueCodec<T>;
  static constexpr Oid natural_type = array_type(Codec::natural_type);

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return ValueCodec<std::vector<T>>::parameter_format(type);
  }
  static EncodeError encode(ByteBuffer& out, const Array<T>& value, Oid type) {
    const auto element = detail::element_type_of(type);
    if (!element) return EncodeError::type_mismatch;
    const std::size_t start = out.size();
    const EncodeError error = Codec::parameter_format(*element) == FormatCode::binary
                                  ? encode_binary(out, value, *element)
                                  : encode_text(out, value, *element);
    const bool fits = out.size() - start <= detail::max_value_size;
    return error == EncodeError::none && !fits ? EncodeError::too_large : error;
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Array<T>& value) {
    const auto element = detail::element_type_of(type);
    if (!element) return DecodeError::type_mismatch;
    detail::ArrayHeader header;
    std::vector<T> elements;
    DecodeError error = DecodeError::none;
    if (format == FormatCode::text) {
      error = decode_text(as_text(in), *element, header, elements);
    } else {
      if (*element == oid::unspecified) return DecodeError::type_mismatch;
      detail::ValueReader reader{in};
      error = detail::read_array_header(reader, *element, header);
      if (error == DecodeError::none)
        error = detail::read_elements(reader, header.elements, *element, elements);
    }
    if (error != DecodeError::none) return error;
    const auto used = header.elements == 0 ? header.used().first(0) : header.used();
    value = Array<T>{{used.begin(), used.end()}, std::move(elements)};
    return DecodeError::none;
  }

 private:
  static DecodeError decode_text(std::string_view text, Oid element, detail::ArrayHeader& header,
                                 std::vector<T>& elements) {
    if constexpr (keeps_view<T>) {
      return DecodeError::type_mismatch;  // what was escaped has no bytes to point at
    } else {
      detail::NestedArrayReader reader{text, array_delimiter(element)};
      return reader.read(header, [&](std::string_view each, bool null) {
        const NullableBytes nullable = null ? NullableBytes{} : NullableBytes{as_bytes(each)};
        T value{};
        const DecodeError error = decode_nullable(nullable, detail::text_element_type<T>(element),
                                                  FormatCode::text, value);
        if (error == DecodeError::none) elements.push_back(std::move(value));
        return error;
      });
    }
  }
  static EncodeError encode_binary(ByteBuffer& out, const Array<T>& value, Oid element) {
    bool any_null = false;
    for (const T& each : value.elements()) any_null = any_null || is_null(each);
    detail::append_fixed(out, static_cast<std::int32_t>(value.dimensions().size()));
    detail::append_fixed(out, std::int32_t{any_null ? 1 : 0});
    detail::append_fixed(out, element);
    for (const ArrayDimension& dimension : value.dimensions()) {
      detail::append_fixed(out, dimension.size);
      detail::append_fixed(out, dimension.lower_bound);
    }
    for (const T& each : value.elements()) {
      if (is_null(each))
        detail::append_fixed(out, detail::null_length);
      else if (const EncodeError error = detail::append_value(out, unwrap(each), element);
               error != EncodeError::none)
        return error;
    }
    return EncodeError::none;
  }
  static EncodeError encode_text(ByteBuffer& out, const Array<T>& value, Oid element) {
    if (value.elements().empty()) {
      out.append(std::string_view{"{}"});
      return EncodeError::none;
    }
    std::string bounds;
    for (const ArrayDimension& dimension : value.dimensions()) {
      const std::int64_t last = std::int64_t{dimension.lower_bound} + dimension.size - 1;
      bounds.append("[").append(std::to_string(dimension.lower_bound)).append(":");
      bounds.append(std::to_string(last)).append("]");
    }
    out.append(std::string_view{bounds.append("=")});
    // A brace opens or closes wherever an index is a multiple of what lies below its dimension.
    for (std::size_t i = 0; i < value.elements().size(); ++i) {
      if (i != 0) detail::append_fixed(out, array_delimiter(element));
      append_braces(out, value, i, '{');
      const EncodeError error = detail::append_element(out, value.elements()[i], element);
      if (error != EncodeError::none) return error;
      append_braces(out, value, i + 1, '}');
    }
    return EncodeError::none;
  }
  static void append_braces(ByteBuffer& out, const Array<T>& value, std::size_t index, char brace) {
    std::size_t below = 1;
    for (auto each = value.dimensions().rbegin(); each != value.dimensions().rend(); ++each) {
      below *= static_cast<std::size_t>(each->size);
      if (index % below != 0) return;
      detail::append_fixed(out, brace);
    }
  }
};

namespace detail {

/// How deep vectors lie in one another, and what the innermost hold; bytes are no array.
template <class T>
struct Nested {
  using Leaf = T;
  static constexpr std::size_t rank = 0;
  static bool flatten(const T& value, std::span<const ArrayDimension>, std::vector<T>& out) {
    out.push_back(value);
    return true;
  }
  static void measure(const T&, std::vector<ArrayDimension>&) {}
  static T build(std::span<const ArrayDimension>, typename std::vector<T>::iterator& from) {
    return std::move(*from++);
  }
};
template <class T>
  requires(!std::is_same_v<T, std::byte>)
struct Nested<std::vector<T>> {
  using Inner = Nested<T>;
  using Leaf = typename Inner::Leaf;
  static constexpr std::size_t rank = Inner::rank + 1;

  /// The sizes along the first elements.
  static void measure(const std::vector<T>& value, std::vector<ArrayDimension>& out) {
    out.push_back({static_cast<std::int32_t>(value.size()), 1});
    if (!value.empty()) Inner::measure(value.front(), out);
  }
  /// Are all others of these sizes too?
  static bool flatten(const std::vector<T>& value, std::span<const ArrayDimension> sizes,
                      std::vector<Leaf>& out) {
    if (value.size() != static_cast<std::size_t>(sizes.front().size)) return false;
    for (const T& each : value)
      if (!Inner::flatten(each, sizes.subspan(1), out)) return false;
    return true;
  }
  static std::vector<T> build(std::span<const ArrayDimension> sizes,
                              typename std::vector<Leaf>::iterator& from) {
    std::vector<T> value;
    value.reserve(static_cast<std::size_t>(sizes.front().size));
    for (std::int32_t i = 0; i < sizes.front().size; ++i)
      value.push_back(Inner::build(sizes.subspan(1), from));
    return value;
  }
};

}  // namespace detail

/// Vectors in vectors <-> an array of as many dimensions. Lower bounds are not kept.
/// Errors  out_of_range for vectors that are not all of one length, and for an array of another
///         rank (one without elements has none, and fits); else those of std::vector.
template <class T>
  requires(detail::Nested<std::vector<T>>::rank > 1 &&
           detail::Nested<std::vector<T>>::rank <= detail::ArrayHeader::max_dimensions)
struct ValueCodec<std::vector<T>> {
  using Nested = detail::Nested<std::vector<T>>;
  using Flat = ValueCodec<Array<typename Nested::Leaf>>;
  static constexpr Oid natural_type = Flat::natural_type;

  static constexpr FormatCode parameter_format(Oid type) noexcept {
    return Flat::parameter_format(type);
  }
  static EncodeError encode(ByteBuffer& out, const std::vector<T>& value, Oid type) {
    std::vector<ArrayDimension> sizes;
    std::vector<typename Nested::Leaf> elements;
    Nested::measure(value, sizes);
    if (!Nested::flatten(value, sizes, elements)) return EncodeError::out_of_range;
    if (elements.empty()) return Flat::encode(out, {}, type);  // which has no dimensions
    return Flat::encode(out, {std::move(sizes), std::move(elements)}, type);
  }
  static DecodeError decode(Bytes in, Oid type, FormatCode format, std::vector<T>& value) {
    Array<typename Nested::Leaf> array;
    const DecodeError error = Flat::decode(in, type, format, array);
    if (error != DecodeError::none) return error;
    value.clear();
    if (array.elements().empty()) return DecodeError::none;
    const std::vector<ArrayDimension> sizes = array.dimensions();
    if (sizes.size() != Nested::rank) return DecodeError::out_of_range;
    std::vector<typename Nested::Leaf> elements = std::move(array).elements();
    auto from = elements.begin();
    value = Nested::build(sizes, from);
    return DecodeError::none;
  }
};

}  // namespace pgreactor
