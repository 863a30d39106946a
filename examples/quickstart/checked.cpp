#include "examples/quickstart/checked.hpp"

#include <stdexcept>

namespace quickstart {
namespace {

int held = 0;

}  // namespace

void check(bool holds, const std::string& sentence) {
  if (!holds) throw std::runtime_error(sentence);
  ++held;
}

int checks_held() noexcept { return held; }

}  // namespace quickstart
