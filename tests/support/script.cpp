#include "tests/support/script.hpp"

#include <utility>
#include <variant>

namespace pgreactor::testing_support {

Script& Script::startup() {
  expect_first([](const protocol::FirstMessage& message) {
    return std::holds_alternative<protocol::StartupMessage>(message);
  });
  return send_raw(trusting_startup({1, std::vector<std::byte>(4, std::byte{7})}));
}

Script& Script::expect_first(FirstPredicate matches) {
  add(Action::expect_first);
  steps_.back().first_matches = std::move(matches);
  return *this;
}

Script& Script::expect(protocol::FrontendTag tag, Predicate matches) {
  add(Action::expect);
  steps_.back().tag = tag;
  steps_.back().matches = std::move(matches);
  return *this;
}

Script& Script::send_raw(std::string_view bytes) {
  add(Action::send);
  steps_.back().bytes = bytes;
  return *this;
}

std::size_t Script::bytes_sent() const noexcept {
  std::size_t total = 0;
  for (const Step& step : steps_) total += step.bytes.size();
  return total;
}

Script& Script::add(Action action) {
  steps_.emplace_back();
  steps_.back().action = action;
  return *this;
}

}  // namespace pgreactor::testing_support
