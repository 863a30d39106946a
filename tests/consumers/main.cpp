// What a user's first program looks like; each project beside this file builds it in its own way.
#include <cstdio>
#include <exception>
#include <pgreactor/pgreactor.hpp>
#include <string>

namespace pg = pgreactor;

namespace {

pg::Task<int> ask(pg::DBConnector& db) {
  co_return co_await db.execute("SELECT 42", pg::fetch_val_as<int>);
}

}  // namespace

int main() {
  try {
    pg::Reactor reactor;
    pg::DBConnector db{reactor};
    const int answer = reactor.run(ask(db));
    // What an archive's user does not call is not linked: a record read from JSON needs simdjson.
    const std::string json = pg::Record::from_json(R"({"answer":42})").to_json();
    const auto version = pg::version();
    std::printf("pgreactor %.*s says %d\n", static_cast<int>(version.size()), version.data(),
                answer);
    return pg::version() == PGREACTOR_VERSION && answer == 42 && json == R"({"answer":42})" ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
