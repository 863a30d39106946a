#include "tests/integration/operator_fixture.hpp"

namespace pgreactor::integration {

void OperatorTest::SetUp() {
  DatabaseTest::SetUp();
  run([](DBConnector& db) -> Task<void> {
    co_await db.execute_script(R"sql(
      DROP SCHEMA IF EXISTS app CASCADE;
      CREATE SCHEMA app;
      CREATE TYPE app.mood AS ENUM ('sad', 'ok', 'happy');
      CREATE TABLE app.users (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL,
        email text UNIQUE,
        role text DEFAULT 'user',
        age int CHECK (age >= 0),
        mood app.mood,
        tags text[],
        settings jsonb,
        score numeric(8,2),
        version int NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now());
      CREATE TABLE app.posts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES app.users (id),
        title varchar(20) NOT NULL,
        length int GENERATED ALWAYS AS (char_length(title)) STORED,
        slug text,
        lang text NOT NULL DEFAULT 'en',
        UNIQUE (lang, slug));
    )sql");
  });
}

void OperatorTest::TearDown() {
  run([](DBConnector& db) -> Task<void> { co_await db.execute_script("DROP SCHEMA app CASCADE"); });
  DatabaseTest::TearDown();
}

}  // namespace pgreactor::integration
