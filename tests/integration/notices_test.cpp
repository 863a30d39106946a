#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pgreactor/pgreactor.hpp>
#include <string>
#include <vector>

#include "tests/integration/database_fixture.hpp"

namespace pgreactor::integration {
namespace {

using ::testing::ElementsAre;

// What the server says without being asked.
class Notices : public DatabaseTest {};

TEST_F(Notices, GoToTheHandlerInTheirOrder) {
  std::vector<std::string> heard;
  ConnectionOptions listening = options_for_one_connection();
  listening.on_notice = [&](const ServerReport& notice) {
    heard.push_back(notice.severity + " " + std::string(notice.sqlstate.view()) + " " +
                    notice.message);
  };
  run_with(listening, [&](DBConnector& db) -> Task<void> {
    co_await db.execute(
        "DO $$ BEGIN RAISE NOTICE 'first'; RAISE WARNING USING MESSAGE = 'second', "
        "ERRCODE = '01P01'; END $$");
    co_await db.execute("SELECT 1");
    EXPECT_THAT(heard, ElementsAre("NOTICE 00000 first", "WARNING 01P01 second"));
  });
}

TEST_F(Notices, AreDroppedWhereNobodyListens) {
  run_with(options_for_one_connection(), [](DBConnector& db) -> Task<void> {
    co_await db.execute("DO $$ BEGIN RAISE NOTICE 'unheard'; END $$");
    EXPECT_EQ(co_await db.execute("SELECT 7", fetch_val_as<int>), 7);
  });
}

TEST_F(Notices, ASettingIsWhatTheServerReportedLast) {
  run([](DBConnector& db) -> Task<void> {
    Transaction tx = co_await db.begin();
    EXPECT_EQ(tx.server_setting("server_version"),
              co_await tx.execute("SHOW server_version", fetch_val_as<std::string>));
    co_await tx.execute("SET LOCAL TimeZone = 'Asia/Tokyo'");
    EXPECT_EQ(tx.server_setting("TimeZone"), "Asia/Tokyo");
    EXPECT_EQ(tx.server_setting("work_mem"), std::nullopt);
    co_await tx.rollback();
  });
}

}  // namespace
}  // namespace pgreactor::integration
