#include <pgreactor/executor.hpp>
#include <pgreactor/values/text.hpp>
#include <utility>

namespace pgreactor {

Task<void> Executor::notify(std::string channel, std::string payload) {
  // Not NOTIFY, which takes no parameters.
  co_await execute("SELECT pg_notify($1, $2)", channel, payload, fetch_row);
}

}  // namespace pgreactor
