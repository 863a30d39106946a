#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <pgreactor/export.hpp>
#include <pgreactor/row.hpp>
#include <pgreactor/values/all.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace pgreactor {

/// Stands in a record where the column's default is wanted: the keyword DEFAULT.
class ColumnDefault {
 public:
  friend bool operator==(ColumnDefault, ColumnDefault) noexcept { return true; }
};
inline constexpr ColumnDefault column_default{};

class Datum;

/// Datum <-> every type.
/// Parameter  as its own kind is; an array of unequal kinds as text; for json and jsonb, numbers,
///            booleans and arrays become JSON. As the element of an array it goes as text, of the
///            types that it goes to as a parameter and of no others.
/// Errors     those of its kind; out_of_range for a JSON number that is not finite.
/// Column     see Datum.
template <>
struct PGREACTOR_API ValueCodec<Datum> {
  static constexpr Oid natural_type = oid::unspecified;
  static constexpr FormatCode parameter_format(Oid) noexcept { return FormatCode::text; }
  /// The text of it, as the element of an array; with an error when append() has one.
  static EncodeError encode(ByteBuffer& out, const Datum& value, Oid type);
  static DecodeError decode(Bytes in, Oid type, FormatCode format, Datum& value);

  /// The format that suits this value best as a parameter of that type ...
  static FormatCode format_of(const Datum& value, Oid type) noexcept;
  /// ... and its length and bytes in that format.
  static EncodeError append(ByteBuffer& out, const Datum& value, Oid type);
  static bool is_null(const Datum& value) noexcept;
  static void set_null(Datum& value) noexcept;
};

namespace detail {
template <class T>
inline constexpr bool is_datum_alternative =
    OneOf<T, ColumnDefault, bool, std::int64_t, double, Numeric, std::string,
          std::vector<std::byte>, Uuid, Date, Time, TimeTz, Timestamp, TimestampTz, Interval, Json,
          std::vector<Datum>>;
[[noreturn]] PGREACTOR_API void throw_not_a_datum(EncodeError error);
/// The double of the same shortest text: 0.1f stays 0.1.
PGREACTOR_API double double_of(float value) noexcept;

template <class T>
struct IsVectorOfValues : std::false_type {};
template <class T>
struct IsVectorOfValues<std::vector<T>>
    : std::bool_constant<!std::is_same_v<T, std::byte> && !std::is_same_v<T, Datum>> {};

/// Without long double, of which a double would be a rounded part.
template <class T>
struct IsDatumNumber
    : std::bool_constant<std::is_arithmetic_v<T> && !std::is_same_v<T, long double>> {};

/// What a Datum can be made of without saying so.
template <class T>
concept DatumSource = !std::is_same_v<T, Datum> &&
                      (is_datum_alternative<T> || IsDatumNumber<T>::value ||
                       std::convertible_to<T, std::string_view> ||
                       std::is_same_v<T, std::nullptr_t> || std::is_same_v<T, std::nullopt_t> ||
                       IsOptional<T>::value || IsVectorOfValues<T>::value || Value<T>);
}  // namespace detail

/// A value whose type is known only when the program runs: what a record holds.
/// Shape   NULL, column_default, a bool, a number (int64, double, exact numeric), text, bytes, a
///         UUID, a date or time, an interval, a JSON document, or an array of these, nested where
///         it has more dimensions. A value of any other type stands as the server's text of it.
/// Owner   owns its bytes.
class PGREACTOR_API Datum {
 public:
  /// In the order of the alternatives.
  enum class Kind : std::uint8_t {
    null,
    default_value,
    boolean,
    integer,
    floating,
    numeric,
    text,
    bytes,
    uuid,
    date,
    time,
    timetz,
    timestamp,
    timestamptz,
    interval,
    json,
    array,
  };
  using Array = std::vector<Datum>;
  using Alternatives = std::variant<std::monostate, ColumnDefault, bool, std::int64_t, double,
                                    Numeric, std::string, std::vector<std::byte>, Uuid, Date, Time,
                                    TimeTz, Timestamp, TimestampTz, Interval, Json, Array>;

  /// NULL.
  Datum() noexcept = default;
  // Defined in one file: a file that includes this one need not compile them for 17 alternatives.
  Datum(const Datum& other);
  Datum(Datum&& other) noexcept;
  Datum& operator=(const Datum& other);
  Datum& operator=(Datum&& other) noexcept;
  ~Datum();
  /// Any value that can be a parameter; a null pointer or an empty optional is NULL. An unsigned
  /// number that no int64 holds becomes a numeric.
  template <class T>
    requires detail::DatumSource<std::remove_cvref_t<T>>
  explicit(false) Datum(T&& value) : value_(alternative_of(std::forward<T>(value))) {}

  Kind kind() const noexcept { return static_cast<Kind>(value_.index()); }
  bool is_null() const noexcept { return kind() == Kind::null; }
  bool is_column_default() const noexcept { return kind() == Kind::default_value; }
  const Alternatives& alternatives() const noexcept { return value_; }
  /// The alternative itself; null when the datum is of another kind.
  template <class T>
    requires detail::is_datum_alternative<T>
  const T* if_is() const noexcept {
    return std::get_if<T>(&value_);
  }

  /// The value as a T, by the rules of Field::as; text is read as a T's text is.
  /// Errors  QueryError when it is NULL, does not convert or does not fit.
  template <class T>
  T as() const;

  /// The server's text of it; "NULL" and "DEFAULT" for those two.
  std::string to_string() const;
  /// Appends it as JSON: integers with all their digits; numerics that a double cannot hold, dates,
  /// UUIDs and bytes as strings.
  void append_json(std::string& out) const;

  /// Same kind and same value; 1 (integer) is not 1.0 (floating), and NULL is NULL.
  friend PGREACTOR_API bool operator==(const Datum& a, const Datum& b);
  friend PGREACTOR_API std::ostream& operator<<(std::ostream& out, const Datum& datum);

 private:
  template <class T>
  static Alternatives alternative_of(T&& value);
  /// Its bytes as a parameter of type `natural`, in that type's format.
  struct Wire {
    Oid type = oid::unspecified;
    FormatCode format = FormatCode::text;
  };
  Wire write(ByteBuffer& out) const;
  [[noreturn]] void throw_not_a(DecodeError error) const;
  static std::string text_of(const ByteBuffer& bytes) {
    return std::string(as_text(bytes.bytes()));
  }

  Alternatives value_;
};

inline bool is_null(const Datum& value) noexcept { return value.is_null(); }

template <class T>
Datum::Alternatives Datum::alternative_of(T&& value) {
  using Plain = std::remove_cvref_t<T>;
  if constexpr (detail::is_datum_alternative<Plain>) {
    return Alternatives(std::in_place_type<Plain>, std::forward<T>(value));
  } else if constexpr (std::is_same_v<Plain, std::nullptr_t> ||
                       std::is_same_v<Plain, std::nullopt_t>) {
    return {};
  } else if constexpr (detail::Integer<Plain>) {
    if (std::in_range<std::int64_t>(value))
      return Alternatives(std::in_place_type<std::int64_t>, static_cast<std::int64_t>(value));
    return Alternatives(std::in_place_type<Numeric>, Numeric(value));
  } else if constexpr (std::is_same_v<Plain, float>) {
    return Alternatives(std::in_place_type<double>, detail::double_of(value));
  } else if constexpr (std::is_floating_point_v<Plain>) {
    static_assert(std::is_same_v<Plain, double>, "a long double would be rounded");
    return Alternatives(std::in_place_type<double>, static_cast<double>(value));
  } else if constexpr (std::is_pointer_v<Plain> && std::convertible_to<Plain, std::string_view>) {
    if (value == nullptr) return {};
    return Alternatives(std::in_place_type<std::string>, value);
  } else if constexpr (std::convertible_to<const Plain&, std::string_view>) {
    return Alternatives(std::in_place_type<std::string>, std::string_view(value));
  } else if constexpr (detail::IsOptional<Plain>::value) {
    if (!value.has_value()) return {};
    return alternative_of(*std::forward<T>(value));
  } else if constexpr (detail::IsVectorOfValues<Plain>::value) {
    Array elements;
    elements.reserve(value.size());
    for (auto&& each : value) elements.emplace_back(typename Plain::value_type(each));
    return Alternatives(std::in_place_type<Array>, std::move(elements));
  } else {
    if (pgreactor::is_null(value)) return {};
    ByteBuffer text;
    const EncodeError error = ValueCodec<Plain>::encode(text, value, oid::unspecified);
    if (error != EncodeError::none) detail::throw_not_a_datum(error);
    return Alternatives(std::in_place_type<std::string>, text_of(text));
  }
}

template <class T>
T Datum::as() const {
  static_assert(!keeps_view<T>, "a view of what is made for the call: ask for std::string");
  if constexpr (detail::IsOptional<T>::value) {
    if (is_null()) return std::nullopt;
    return as<typename T::value_type>();
  } else {
    if constexpr (std::is_same_v<T, Datum>) {
      return *this;
    } else if constexpr (detail::is_datum_alternative<T>) {
      if (const T* const same = if_is<T>()) return *same;
    } else if constexpr (detail::IsVectorOfValues<T>::value) {
      if (const Array* const array = if_is<Array>()) {
        T values;
        values.reserve(array->size());
        for (const Datum& each : *array) values.push_back(each.as<typename T::value_type>());
        return values;
      }
    }
    if constexpr (std::is_same_v<T, float>) {
      if (const double* const wide = if_is<double>()) {
        const auto narrow = static_cast<float>(*wide);
        if (detail::double_of(narrow) == *wide) return narrow;  // what it was made of, or reads as
      }
    }
    if constexpr (!std::is_same_v<T, Datum>) {
      if (is_null()) throw_not_a(DecodeError::null_value);
      if constexpr (Value<T>) {
        ByteBuffer bytes;
        Wire wire = write(bytes);
        if (kind() == Kind::text && !std::is_same_v<T, std::string>)
          wire = {ValueCodec<T>::natural_type, FormatCode::text};
        T value{};
        const DecodeError error =
            ValueCodec<T>::decode(bytes.bytes(), wire.type, wire.format, value);
        if (error != DecodeError::none) throw_not_a(error);
        return value;
      } else {
        throw_not_a(DecodeError::type_mismatch);
      }
    }
  }
}

}  // namespace pgreactor
