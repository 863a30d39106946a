#pragma once
#include <cstdint>
#include <optional>

namespace pgreactor {

/// What DBConnector::resolve does about a session that still is in the transaction it is asked for.
enum class OldSession : std::uint8_t {
  is_waited_for,
  /// It is ended (pg_terminate_backend) where our role may do that: a server that has not noticed
  /// that its client is gone can keep such a transaction, and its locks, for hours.
  is_ended
};

/// What a transaction that was begun with trace(token) leaves behind, so that DBConnector::resolve
/// can ask later whether it was committed, should the answer to its COMMIT be lost. May be kept
/// elsewhere and be made again from id().
/// Owner   the caller's; it outlives the transaction.
class CommitToken {
 public:
  CommitToken() noexcept = default;
  explicit CommitToken(std::uint64_t id) noexcept : known_(true), id_(id) {}

  /// False before the server has named the transaction, which it does on the way to its COMMIT.
  bool is_known() const noexcept { return known_; }
  /// The server's number for the transaction (xid8); none when it wrote nothing.
  std::optional<std::uint64_t> id() const noexcept { return id_; }

  /// For the library.
  void set(std::optional<std::uint64_t> id) noexcept {
    known_ = true;
    id_ = id;
  }

 private:
  bool known_ = false;
  std::optional<std::uint64_t> id_;
};

}  // namespace pgreactor
