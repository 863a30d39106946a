#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgreactor::bench {

/// A frontend message in the making, for what is encoded before the clock starts.
class FrontendMessage {
 public:
  explicit FrontendMessage(char type) : bytes_{type, 0, 0, 0, 0} {}

  FrontendMessage& text(std::string_view value);  ///< and the zero byte that ends it
  FrontendMessage& u16(std::uint16_t value);
  FrontendMessage& u32(std::uint32_t value);
  FrontendMessage& raw(std::string_view value);
  /// With its length in place.
  std::string bytes() const;

 private:
  std::string bytes_;
};

/// Bind and Execute of the prepared statement, all results in binary.
std::string bind_and_execute();                        // without a parameter
std::string bind_and_execute(std::int32_t parameter);  // one int4, parameter_offset bytes in
inline constexpr std::size_t parameter_offset = 18;
std::string sync_message();

/// Walks the headers of the messages in a stream that is cut anywhere, and looks at no body.
class MessageWalk {
 public:
  /// How many ReadyForQuery end in these bytes.
  /// Errors  std::runtime_error when one of the messages is an ErrorResponse.
  std::uint64_t ready_in(std::span<const char> bytes) {
    std::uint64_t ready = 0;
    while (!bytes.empty()) {
      const std::size_t step = body_ > 0 ? skip_body(bytes) : take_header(bytes);
      bytes = bytes.subspan(step);
      if (body_ == 0 && header_size_ == 0 && type_ == 'Z') ++ready;
    }
    return ready;
  }

 private:
  static constexpr std::size_t header_bytes = 5;

  std::size_t skip_body(std::span<const char> bytes) noexcept {
    const std::size_t step = bytes.size() < body_ ? bytes.size() : body_;
    body_ -= step;
    return step;
  }
  std::size_t take_header(std::span<const char> bytes) {
    if (header_size_ == 0 && bytes.size() >= header_bytes) {
      begin_body(bytes.data());
      return header_bytes;
    }
    header_[header_size_++] = bytes.front();
    if (header_size_ == header_bytes) {
      header_size_ = 0;
      begin_body(header_.data());
    }
    return 1;
  }
  void begin_body(const char* header);

  std::array<char, header_bytes> header_{};
  std::size_t header_size_ = 0;
  std::size_t body_ = 0;  // bytes of it that are still to come
  char type_ = 0;
};

/// A blocking socket to the server that PGHOST, PGPORT, PGUSER and PGDATABASE name, logged in
/// without a password and without TLS.
class Session {
 public:
  /// Errors  std::runtime_error, as all that this class throws.
  Session();
  Session(Session&& other) noexcept;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Session& operator=(Session&&) = delete;
  ~Session();

  int socket() const noexcept { return socket_; }
  void send(std::string_view bytes);
  /// What one recv() gives; valid until the next. Nothing when nothing is there and `flags` forbid
  /// to wait for it.
  std::span<const char> receive(int flags = 0);

  /// Prepares the session's one statement.
  void prepare(std::string_view sql);
  /// A simple query up to the first message of this type.
  void query_until(std::string_view sql, char type);
  /// Reads whole messages, and gives the body of the one of this type.
  std::string read_until(char type);

 private:
  void read_exactly(char* to, std::size_t size);
  void start();

  int socket_;
  std::vector<char> buffer_;
};

}  // namespace pgreactor::bench
