#pragma once
#include <cstddef>
#include <cstdint>
#include <pgreactor/executor.hpp>
#include <pgreactor/export.hpp>
#include <pgreactor/task.hpp>
#include <pgreactor/vocabulary/oid.hpp>
#include <vector>

namespace pgreactor {

/// A large object of the server: up to 4 TiB that are read and written at any place. Each call is
/// one statement on `executor`, a transaction where several belong together.
///
///   pg::LargeObject object = co_await pg::LargeObject::create(tx);
///   co_await object.write(0, bytes);
///   co_await tx.execute("INSERT INTO files (name, content) VALUES ($1, $2)", name, object.id());
///
/// Errors  QueryError: 42704 when there is no such object, 42501 without the right to it.
/// Owner   the executor outlives it. The object itself lives until remove(), by whomever.
/// Source  postgresql.org/docs/current/lo-funcs.html
class PGREACTOR_API LargeObject {
 public:
  /// What one call reads or writes at most, since it is one value of the protocol.
  static constexpr std::size_t most_at_once = std::size_t{512} << 20;

  /// One that exists.
  LargeObject(Executor& executor, Oid id) noexcept : executor_(&executor), id_(id) {}
  /// A new one, which is empty.
  static Task<LargeObject> create(Executor& executor);

  Oid id() const noexcept { return id_; }

  /// Writes at `offset`, in bytes; what lies between it and the end so far reads as zeros.
  /// Errors  QueryError, with nothing sent, for more than most_at_once or an offset beyond 4 TiB.
  Task<void> write(std::uint64_t offset, std::vector<std::byte> data);
  /// Up to `size` bytes from `offset`; fewer at the end, none behind it. Errors as write().
  Task<std::vector<std::byte>> read(std::uint64_t offset, std::size_t size);
  /// In bytes.
  Task<std::uint64_t> size();
  /// Cuts it, or extends it with zeros.
  Task<void> truncate(std::uint64_t size);
  /// Removes it from the database.
  Task<void> remove();

 private:
  Executor* executor_;
  Oid id_;
};

}  // namespace pgreactor
