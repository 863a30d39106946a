#include <pgreactor/error.hpp>
#include <pgreactor/large_object.hpp>
#include <pgreactor/values/all.hpp>
#include <string>
#include <utility>

namespace pgreactor {
namespace {

constexpr std::uint64_t largest = std::uint64_t{4} << 40;  // bytes

std::int64_t checked(std::uint64_t offset) {
  if (offset > largest)
    throw QueryError("a large object ends at 4 TiB, before byte " + std::to_string(offset));
  return static_cast<std::int64_t>(offset);
}

void check_size(std::size_t size) {
  if (size > LargeObject::most_at_once)
    throw QueryError(std::to_string(size) + " bytes of a large object at once, where " +
                     std::to_string(LargeObject::most_at_once) + " are the most");
}

}  // namespace

Task<LargeObject> LargeObject::create(Executor& executor) {
  const Oid id = co_await executor.execute("SELECT lo_create(0)", fetch_val_as<Oid>);
  co_return LargeObject(executor, id);
}

Task<void> LargeObject::write(std::uint64_t offset, std::vector<std::byte> data) {
  check_size(data.size());
  const std::int64_t at = checked(offset);
  co_await executor_->execute("SELECT lo_put($1, $2, $3)", id_, at, data, fetch_row);
}

Task<std::vector<std::byte>> LargeObject::read(std::uint64_t offset, std::size_t size) {
  check_size(size);
  const std::int64_t at = checked(offset);
  co_return co_await executor_->execute("SELECT lo_get($1, $2, $3)", id_, at,
                                        static_cast<std::int32_t>(size),
                                        fetch_val_as<std::vector<std::byte>>);
}

// The descriptor is closed, since a transaction would keep it.
Task<std::uint64_t> LargeObject::size() {
  constexpr std::string_view end_of =
      "WITH opened AS MATERIALIZED (SELECT lo_open($1, x'40000'::int) AS fd) "
      "SELECT lo_lseek64(fd, 0, 2), lo_close(fd) FROM opened";
  co_return static_cast<std::uint64_t>(
      co_await executor_->execute(end_of, id_, fetch_val_as<std::int64_t>));
}

Task<void> LargeObject::truncate(std::uint64_t size) {
  constexpr std::string_view cut =
      "WITH opened AS MATERIALIZED (SELECT lo_open($1, x'20000'::int) AS fd) "
      "SELECT lo_truncate64(fd, $2), lo_close(fd) FROM opened";
  const std::int64_t at = checked(size);
  co_await executor_->execute(cut, id_, at, fetch_row);
}

Task<void> LargeObject::remove() {
  co_await executor_->execute("SELECT lo_unlink($1)", id_, fetch_row);
}

}  // namespace pgreactor
