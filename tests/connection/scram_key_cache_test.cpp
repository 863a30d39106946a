#include "src/connection/scram_key_cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pgreactor::connection {
namespace {

class ScramKeyCacheTest : public testing::Test {
 protected:
  bool knows(std::string_view password, std::string_view salt, std::uint32_t iterations) const {
    return cache_.find(password, as_bytes(salt), iterations).has_value();
  }
  ScramKeyCache cache_;
};

TEST_F(ScramKeyCacheTest, PasswordSaltAndIterationsAllCount) {
  cache_.add("secret", as_bytes(std::string_view("salt")), 4096, {});
  EXPECT_TRUE(knows("secret", "salt", 4096));
  EXPECT_FALSE(knows("secret2", "salt", 4096));
  EXPECT_FALSE(knows("secret", "salt2", 4096));
  EXPECT_FALSE(knows("secret", "salt", 4097));
}

TEST_F(ScramKeyCacheTest, IsBoundedAndTheOldestGoesFirst) {
  for (int i = 0; i < 100; ++i)
    cache_.add("secret", as_bytes(std::string_view(std::to_string(i))), 4096, {});
  EXPECT_FALSE(knows("secret", "0", 4096));
  EXPECT_FALSE(knows("secret", "83", 4096));
  EXPECT_TRUE(knows("secret", "84", 4096));
  EXPECT_TRUE(knows("secret", "99", 4096));
}

}  // namespace
}  // namespace pgreactor::connection
